/* How large a batch of records a topic takes: its max.message.bytes (Kafka's documentation, "Topic
 * Configs"). A record that goes alone is a batch too. */
#ifndef KAFKA_BRIDGE_KAFKA_PRODUCER_TOPIC_LIMIT_H
#define KAFKA_BRIDGE_KAFKA_PRODUCER_TOPIC_LIMIT_H

#include "kafka/producer/producer.h"

/* Asks the cluster, at most about `timeout_ms`; `*bytes` is as compressed and with 61 bytes of
 * framing. ERROR_IO: no answer, not permitted (DescribeConfigs on the topic), or a cluster that
 * does not say. Any thread but the producer's. */
enum error_code kafka_producer_topic_limit(struct kafka_producer *producer, const char *topic,
                                           int timeout_ms, size_t *bytes,
                                           struct error *error) MUST_CHECK;

#endif
