/* Reads single records by their offsets, with a client of its own that is no member of a group. All
 * functions from one thread. */
#ifndef KAFKA_BRIDGE_KAFKA_READING_LOOKUP_H
#define KAFKA_BRIDGE_KAFKA_READING_LOOKUP_H

#include "base/error.h"
#include "kafka/record/record.h"
#include "kafka/settings/properties.h"

struct kafka_lookup;

/* Errors as kafka_producer_create's; does not wait for a broker. */
enum error_code kafka_lookup_create(const struct kafka_properties *properties,
                                    struct kafka_lookup **lookup, struct error *error) MUST_CHECK;
void kafka_lookup_destroy(struct kafka_lookup *lookup);

/* Waits at most `timeout_ms`. ERROR_NONE: `record` is valid until the next call; ERROR_MISSING:
 * there is no record at that offset any more; ERROR_IO: Kafka did not answer. Offsets that ascend
 * are quick. */
enum error_code kafka_lookup_read(struct kafka_lookup *lookup, const char *topic, int32_t partition,
                                  int64_t offset, int timeout_ms, struct kafka_record *record,
                                  struct error *error) MUST_CHECK;

#endif
