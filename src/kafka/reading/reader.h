/* Group-less read of a whole (compacted) topic, from its beginning to its present end, then of what
 * is added: for the definitions. Commits nothing, makes no topic. All functions from one thread.
 */
#ifndef KAFKA_BRIDGE_KAFKA_READING_READER_H
#define KAFKA_BRIDGE_KAFKA_READING_READER_H

#include "base/error.h"
#include "kafka/record/record.h"
#include "kafka/settings/properties.h"

#include <stdbool.h>

struct kafka_reader;

/* Errors as kafka_producer_create's; does not wait for a broker. */
enum error_code kafka_reader_create(const struct kafka_properties *properties, const char *topic,
                                    struct kafka_reader **reader, struct error *error) MUST_CHECK;
void kafka_reader_destroy(struct kafka_reader *reader);

/* As kafka_consumer_next, but does not wait at the end: ERROR_MISSING with `*at_end` true where all
 * that is there now was read (the brokers are asked), or the topic does not exist. */
enum error_code kafka_reader_next(struct kafka_reader *reader, int timeout_ms,
                                  struct kafka_record *record, bool *at_end,
                                  struct error *error) MUST_CHECK;

#endif
