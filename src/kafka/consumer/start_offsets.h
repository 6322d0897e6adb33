/* Where a consumer begins in each partition: the rule of its subscription at the first assignment
 * in this process, the group's offset from then on. One thread. */
#ifndef KAFKA_BRIDGE_KAFKA_CONSUMER_START_OFFSETS_H
#define KAFKA_BRIDGE_KAFKA_CONSUMER_START_OFFSETS_H

#include "kafka/connection/events.h"
#include "kafka/consumer/consumer_options.h"

#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stddef.h>

struct kafka_start_offsets {
    struct kafka_start_rule *rules;
    size_t rule_count;
    struct kafka_seen_partition *seen; /* that were assigned before, by name */
    rd_kafka_topic_partition_list_t
        *present; /* topics that were there at the start; NULL: unknown */
    bool joined;  /* the group's first assignment has been made */
};

/* Copies the subscriptions. ERROR_RANGE (path: the topic) for a pattern that is no regular
 * expression, ERROR_MEMORY. To be finished in any case. */
enum error_code kafka_start_offsets_init(struct kafka_start_offsets *starts,
                                         const struct kafka_subscription *subscriptions,
                                         size_t count, struct error *error) MUST_CHECK;
void kafka_start_offsets_fini(struct kafka_start_offsets *starts);

/* Whether the topic is one of the subscriptions'. */
bool kafka_start_offsets_want(const struct kafka_start_offsets *starts, const char *topic);

/* Learns, once, which topics are there at the start, where a rule says "the end at the start": a
 * topic that appears later is read from its first record. Waits at most `timeout_ms`; called until
 * it has succeeded. */
void kafka_start_offsets_look(struct kafka_start_offsets *starts, rd_kafka_t *client,
                              int timeout_ms);

/* Sets the offset to begin with in each of `partitions`, asking the brokers where a rule needs it.
 * Returns those whose begin was found out, to be committed for the group so that a later assignment
 * goes on from there; the caller destroys the list. NULL: none. */
rd_kafka_topic_partition_list_t *
kafka_start_offsets_apply(struct kafka_start_offsets *starts, struct kafka_events *events,
                          rd_kafka_t *client, rd_kafka_topic_partition_list_t *partitions);

#endif
