/* Times and durations as text, in the forms of time_form.h. Any thread. */
#ifndef KAFKA_BRIDGE_MESSAGE_VALUES_TIME_TEXT_H
#define KAFKA_BRIDGE_MESSAGE_VALUES_TIME_TEXT_H

#include "message/values/time_form.h"

#include <stdint.h>

#define TIME_TEXT_SIZE 48 /* bytes that any of these texts needs at most */

/* Writes the point in time, or the duration, of `nanoseconds` as JSON and returns its end. Seconds
 * have a fraction always, without zeros at its end; ISO 8601 has nine digits of it and is a time in
 * UTC. */
char *time_text_write(char *at, int64_t nanoseconds, enum time_form form);

#endif
