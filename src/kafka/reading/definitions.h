/* The definitions topic: each (type, md5sum) once, so that a machine without the type's package can
 * publish it. Key "package/Type md5sum", value the concatenated definition text, UTF-8, compacted.
 */
#ifndef KAFKA_BRIDGE_KAFKA_READING_DEFINITIONS_H
#define KAFKA_BRIDGE_KAFKA_READING_DEFINITIONS_H

#include "base/error.h"
#include "kafka/record/record.h"
#include "kafka/settings/properties.h"

#define KAFKA_DEFINITIONS_TOPIC "ros.definitions"

/* Writing: the key into `key` (`size` bytes with NUL), the rest of `record` around it; borrows
 * `text`. ERROR_LIMIT where the key does not fit. */
enum error_code kafka_definition_record(const char *topic, const char *type, const char *md5sum,
                                        const char *text, char *key, size_t size,
                                        struct kafka_record *record) MUST_CHECK;

/* Reading: a table of all definitions the topic holds, read on demand. One thread. */
struct kafka_definitions;
enum error_code kafka_definitions_create(const struct kafka_properties *properties,
                                         const char *topic, struct kafka_definitions **definitions,
                                         struct error *error) MUST_CHECK;
void kafka_definitions_destroy(struct kafka_definitions *definitions);

/* The definition text of `type` with `md5sum` (NULL: the newest of that type), reading on to the
 * topic's present end first where it is not known yet, at most `timeout_ms`. The text lives as long
 * as the table. ERROR_MISSING: the topic does not hold it; ERROR_IO. */
enum error_code kafka_definitions_find(struct kafka_definitions *definitions, const char *type,
                                       const char *md5sum, int timeout_ms, const char **text,
                                       struct error *error) MUST_CHECK;

#endif
