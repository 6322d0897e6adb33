#include "kafka/topic_limit.h"

#include "kafka/producer_client.h"

#include <stdlib.h>
#include <string.h>

#define LIMIT_NAME "max.message.bytes"

/* librdkafka gives a request up by itself; its answer is waited for a little longer. */
#define GRACE_MS 500

static rd_kafka_event_t *ask(rd_kafka_t *client, const char *topic, int timeout_ms)
{
    rd_kafka_ConfigResource_t *resource =
        rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic);
    rd_kafka_AdminOptions_t *options =
        rd_kafka_AdminOptions_new(client, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS);
    rd_kafka_queue_t *queue = rd_kafka_queue_new(client);
    (void)rd_kafka_AdminOptions_set_request_timeout(options, timeout_ms, NULL, 0);
    rd_kafka_DescribeConfigs(client, &resource, 1, options, queue);
    rd_kafka_event_t *event = rd_kafka_queue_poll(queue, timeout_ms + GRACE_MS);
    rd_kafka_queue_destroy(queue);
    rd_kafka_AdminOptions_destroy(options);
    rd_kafka_ConfigResource_destroy(resource);
    return event;
}

/* 0: it is not there. */
static size_t read_limit(const rd_kafka_ConfigResource_t *resource)
{
    size_t count = 0;
    const rd_kafka_ConfigEntry_t **entries = rd_kafka_ConfigResource_configs(resource, &count);
    for (size_t i = 0; i < count; i++) {
        const char *value = rd_kafka_ConfigEntry_value(entries[i]);
        if (value && strcmp(rd_kafka_ConfigEntry_name(entries[i]), LIMIT_NAME) == 0)
            return (size_t)strtoull(value, NULL, 10);
    }
    return 0;
}

enum error_code kafka_producer_topic_limit(struct kafka_producer *producer, const char *topic,
                                           int timeout_ms, size_t *bytes, struct error *error)
{
    rd_kafka_event_t *event = ask(kafka_producer_client(producer), topic, timeout_ms);
    rd_kafka_resp_err_t failure =
        event ? rd_kafka_event_error(event) : RD_KAFKA_RESP_ERR__TIMED_OUT;
    const rd_kafka_DescribeConfigs_result_t *result =
        event && !failure ? rd_kafka_event_DescribeConfigs_result(event) : NULL;
    size_t count = 0;
    const rd_kafka_ConfigResource_t **resources =
        result ? rd_kafka_DescribeConfigs_result_resources(result, &count) : NULL;
    *bytes = 0;
    if (count == 1)
        failure = rd_kafka_ConfigResource_error(resources[0]);
    if (count == 1 && !failure)
        *bytes = read_limit(resources[0]);
    if (event)
        rd_kafka_event_destroy(event);
    if (*bytes > 0)
        return ERROR_NONE;
    return error_set(error, ERROR_IO, topic, 0, "%s cannot be had: %s", LIMIT_NAME,
                     failure ? rd_kafka_err2str(failure) : "the cluster does not say");
}
