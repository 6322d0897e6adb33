/* What topics' configurations say (Kafka's documentation, "Topic Configs"). For the files of this
 * room. */
#ifndef KAFKA_BRIDGE_KAFKA_PRODUCER_TOPIC_CONFIG_H
#define KAFKA_BRIDGE_KAFKA_PRODUCER_TOPIC_CONFIG_H

#include <librdkafka/rdkafka.h>
#include <stddef.h>

/* Called for each topic that the cluster answers for; `resource` is alive during the call. */
typedef void (*kafka_topic_config_visit)(const char *topic,
                                         const rd_kafka_ConfigResource_t *resource, void *user);

/* Asks for the configuration of `topics`, at most about `timeout_ms`. The request's failure; that
 * of a single topic is its resource's. Any thread but the producer's. */
rd_kafka_resp_err_t kafka_topic_config_ask(rd_kafka_t *client, const char *const *topics,
                                           size_t count, int timeout_ms,
                                           kafka_topic_config_visit visit, void *user);

/* The value of entry `name`, or NULL. */
const char *kafka_topic_config_value(const rd_kafka_ConfigResource_t *resource, const char *name);

#endif
