/* ISO 8601 date and time with an offset, as RFC 3339 profiles it → seconds since the epoch. */
#ifndef KAFKA_BRIDGE_MESSAGE_VALUES_ISO8601_H
#define KAFKA_BRIDGE_MESSAGE_VALUES_ISO8601_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Reads all of `text`: YYYY-MM-DD, 'T' or a space, HH:MM:SS, a fraction behind '.' or ',' of any
 * length (rounded to the nearest nanosecond), and 'Z' or an offset ±HH, ±HHMM, ±HH:MM. Second 60
 * is the one behind 59, as POSIX counts. `*secs` is negative before 1970, `*nsecs` is 0…999999999.
 * False where the text is anything else; `*expect` then says what would be right. */
bool iso8601_read(const char *text, size_t length, int64_t *secs, uint32_t *nsecs,
                  const char **expect);

#endif
