/* Which times of records a topic takes and keeps: its message.timestamp.type, .before.max.ms,
 * .after.max.ms (before Kafka 3.6 message.timestamp.difference.max.ms), and retention.ms where
 * cleanup.policy has `delete` (Kafka's documentation, "Topic Configs"). */
#ifndef KAFKA_BRIDGE_KAFKA_PRODUCER_TOPIC_TIMES_H
#define KAFKA_BRIDGE_KAFKA_PRODUCER_TOPIC_TIMES_H

#include "kafka/producer/producer.h"

#define KAFKA_TOPIC_TIMES_LIMIT 1000 /* topics of one question */

struct kafka_topic_times {
    const char *topic;
    bool known;             /* the cluster has said; else the rest is not set, but `missing` */
    bool missing;           /* there is no such topic yet */
    int64_t behind_ms;      /* of the broker's clock: older ones are refused or deleted */
    int64_t ahead_ms;       /* later ones are refused; INT64_MAX: there is no bound */
    const char *behind_for; /* the property that bounds it */
};

/* Asks the cluster for `count` topics (at most KAFKA_TOPIC_TIMES_LIMIT), at most about
 * `timeout_ms`. ERROR_IO: no answer. A topic that may not be asked for (DescribeConfigs on it) is
 * not known. Any thread but the producer's. */
enum error_code kafka_producer_topic_times(struct kafka_producer *producer,
                                           struct kafka_topic_times *topics, size_t count,
                                           int timeout_ms, struct error *error) MUST_CHECK;

#endif
