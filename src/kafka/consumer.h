/* The consumer: a member of a group that reads topics and keeps its place by what was published.
 *
 * enable.auto.offset.store is off: an offset is stored only with kafka_consumer_store, after the
 * record was dealt with, and committed in the background and at destroy. All functions from one
 * thread. Topics that do not exist yet are waited for; it is said once.
 */
#ifndef KAFKA_BRIDGE_KAFKA_CONSUMER_H
#define KAFKA_BRIDGE_KAFKA_CONSUMER_H

#include "base/error.h"
#include "kafka/properties.h"
#include "kafka/record.h"

#include <stdbool.h>
#include <stdint.h>

struct kafka_consumer;

enum kafka_start {
    KAFKA_START_STORED,    /* the group's offset; the beginning where there is none */
    KAFKA_START_EARLIEST,  /* the beginning at each start of the process */
    KAFKA_START_LATEST,    /* the end at each start of the process */
    KAFKA_START_TIMESTAMP, /* the first record at or after a time */
};

struct kafka_subscription {
    const char *topic; /* a name, or a regular expression that begins with '^' */
    enum kafka_start start;
    int64_t timestamp; /* milliseconds since the epoch, of KAFKA_START_TIMESTAMP */
};

/* Makes the client and joins `group` (group.id; a property of that name in `properties` wins).
 * Errors as kafka_producer_create's. */
enum error_code kafka_consumer_create(const struct kafka_properties *properties, const char *group,
                                      const struct kafka_subscription *subscriptions, size_t count,
                                      struct kafka_consumer **consumer,
                                      struct error *error) MUST_CHECK;

/* Commits what was stored and leaves the group; waits for Kafka at most 5 seconds, and says so
 * where that was not enough. */
void kafka_consumer_destroy(struct kafka_consumer *consumer);

/* Waits at most `timeout_ms` for a record. ERROR_NONE: `record` is valid until the next call;
 * ERROR_MISSING: none came; ERROR_IO: something that does not mend by itself (the text says what),
 * call again or give up. What mends by itself is logged and waited out. */
enum error_code kafka_consumer_next(struct kafka_consumer *consumer, int timeout_ms,
                                    struct kafka_record *record, struct error *error) MUST_CHECK;

/* Whether librdkafka gave up, and why: the consumer does nothing any more. */
bool kafka_consumer_is_fatal(const struct kafka_consumer *consumer, struct error *error);

/* Stays a member of the group for at most `timeout_ms` without taking a record, however long the
 * caller needs with the one it has, which stays valid. */
void kafka_consumer_keep_alive(struct kafka_consumer *consumer, int timeout_ms);

/* Says that `record` (the last one returned) was dealt with. Never fails for a partition that was
 * taken away meanwhile: its next owner gets the record again. */
void kafka_consumer_store(struct kafka_consumer *consumer, const struct kafka_record *record);

/* Whether partitions are assigned: the group was joined. */
bool kafka_consumer_is_assigned(const struct kafka_consumer *consumer);

#endif
