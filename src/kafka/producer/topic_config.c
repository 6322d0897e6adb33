#include "kafka/producer/topic_config.h"

#include <stdlib.h>
#include <string.h>

/* librdkafka gives a request up by itself; its answer is waited for a little longer. */
#define GRACE_MS 500

static rd_kafka_event_t *request(rd_kafka_t *client, rd_kafka_ConfigResource_t **resources,
                                 size_t count, int timeout_ms)
{
    rd_kafka_AdminOptions_t *options =
        rd_kafka_AdminOptions_new(client, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS);
    rd_kafka_queue_t *queue = rd_kafka_queue_new(client);
    (void)rd_kafka_AdminOptions_set_request_timeout(options, timeout_ms, NULL, 0);
    rd_kafka_DescribeConfigs(client, resources, count, options, queue);
    rd_kafka_event_t *event = rd_kafka_queue_poll(queue, timeout_ms + GRACE_MS);
    rd_kafka_queue_destroy(queue);
    rd_kafka_AdminOptions_destroy(options);
    return event;
}

static void visit_answers(rd_kafka_event_t *event, kafka_topic_config_visit visit, void *user)
{
    size_t count = 0;
    const rd_kafka_DescribeConfigs_result_t *result = rd_kafka_event_DescribeConfigs_result(event);
    const rd_kafka_ConfigResource_t **answers =
        result ? rd_kafka_DescribeConfigs_result_resources(result, &count) : NULL;
    for (size_t i = 0; i < count; i++)
        visit(rd_kafka_ConfigResource_name(answers[i]), answers[i], user);
}

rd_kafka_resp_err_t kafka_topic_config_ask(rd_kafka_t *client, const char *const *topics,
                                           size_t count, int timeout_ms,
                                           kafka_topic_config_visit visit, void *user)
{
    rd_kafka_ConfigResource_t **resources = calloc(count, sizeof(rd_kafka_ConfigResource_t *));
    if (!resources)
        return RD_KAFKA_RESP_ERR__CRIT_SYS_RESOURCE;
    for (size_t i = 0; i < count; i++)
        resources[i] = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topics[i]);
    rd_kafka_event_t *event = request(client, resources, count, timeout_ms);
    rd_kafka_resp_err_t failure =
        event ? rd_kafka_event_error(event) : RD_KAFKA_RESP_ERR__TIMED_OUT;
    if (failure == RD_KAFKA_RESP_ERR_NO_ERROR)
        visit_answers(event, visit, user);
    if (event)
        rd_kafka_event_destroy(event);
    rd_kafka_ConfigResource_destroy_array(resources, count);
    free(resources);
    return failure;
}

const char *kafka_topic_config_value(const rd_kafka_ConfigResource_t *resource, const char *name)
{
    size_t count = 0;
    const rd_kafka_ConfigEntry_t **entries = rd_kafka_ConfigResource_configs(resource, &count);
    for (size_t i = 0; i < count; i++)
        if (strcmp(rd_kafka_ConfigEntry_name(entries[i]), name) == 0)
            return rd_kafka_ConfigEntry_value(entries[i]);
    return NULL;
}
