#include "kafka/producer/topic_limit.h"

#include "kafka/producer/producer_client.h"
#include "kafka/producer/topic_config.h"

#include <stdlib.h>

#define LIMIT_NAME "max.message.bytes"

struct answer {
    rd_kafka_resp_err_t failure;
    size_t bytes; /* 0: the cluster does not say */
};

static void keep(const char *topic, const rd_kafka_ConfigResource_t *resource, void *user)
{
    struct answer *answer = user;
    (void)topic;
    answer->failure = rd_kafka_ConfigResource_error(resource);
    const char *value = answer->failure ? NULL : kafka_topic_config_value(resource, LIMIT_NAME);
    answer->bytes = value ? (size_t)strtoull(value, NULL, 10) : 0;
}

enum error_code kafka_producer_topic_limit(struct kafka_producer *producer, const char *topic,
                                           int timeout_ms, size_t *bytes, struct error *error)
{
    struct answer answer = {.bytes = 0};
    rd_kafka_resp_err_t failure = kafka_topic_config_ask(kafka_producer_client(producer), &topic, 1,
                                                         timeout_ms, keep, &answer);
    *bytes = answer.bytes;
    if (*bytes > 0)
        return ERROR_NONE;
    failure = failure ? failure : answer.failure;
    return error_set(error, ERROR_IO, topic, 0, "%s cannot be had: %s", LIMIT_NAME,
                     failure ? rd_kafka_err2str(failure) : "the cluster does not say");
}
