/* A consumer that is the only member of its group: it takes the partitions of its topics by itself,
 * as soon as they are there, and keeps its place in the group's offsets all the same. For
 * librdkafka's mock cluster, which makes a group wait 3 seconds for its first member and as long as
 * its session lasts for each topic that is made later. The consumer's thread. */
#ifndef KAFKA_BRIDGE_KAFKA_CONSUMER_ALONE_H
#define KAFKA_BRIDGE_KAFKA_CONSUMER_ALONE_H

#include "kafka/consumer/start_offsets.h"

#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stdint.h>

struct kafka_alone {
    bool on;
    int64_t next; /* kafka_now_ms: not looked again before */
};

/* Asks, ten times a second, which topics are there. All partitions of those that the rules of
 * `starts` want, where these are not what the client has; the caller destroys the list. NULL: it
 * has them, or nobody answered. */
rd_kafka_topic_partition_list_t *kafka_alone_look(struct kafka_alone *alone,
                                                  const struct kafka_start_offsets *starts,
                                                  rd_kafka_t *client);

#endif
