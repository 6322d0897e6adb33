#include "kafka/producer/committed_offsets.h"

#include "kafka/connection/client.h"
#include "kafka/connection/events.h"
#include "kafka/settings/conf.h"

#include <librdkafka/rdkafka.h>
#include <stdbool.h>

static enum error_code make_client(const struct kafka_properties *properties, const char *group,
                                   struct kafka_events *events, rd_kafka_t **client,
                                   struct error *error)
{
    rd_kafka_conf_t *conf;
    enum error_code code = kafka_conf_create(KAFKA_ROLE_CONSUMER, properties, &conf, error);
    if (code != ERROR_NONE)
        return code;
    code = kafka_conf_set(conf, "group.id", group, error);
    if (code == ERROR_NONE)
        code = kafka_conf_set(conf, "enable.auto.commit", "false", error);
    /* With it the broker is asked for offsets that no open transaction can undo. */
    if (code == ERROR_NONE)
        code = kafka_conf_set(conf, "isolation.level", "read_committed", error);
    if (code != ERROR_NONE) {
        rd_kafka_conf_destroy(conf);
        return code;
    }
    kafka_events_listen(events, conf);
    return kafka_client_create(KAFKA_ROLE_CONSUMER, conf, properties, NULL, client, error);
}

/* Whether one topic cannot be asked for, and the others can. Who may write a topic may also see it:
 * nothing can be written to one that is hidden. */
static bool is_out_of_reach(rd_kafka_resp_err_t failure)
{
    return failure == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART ||
           failure == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED;
}

static enum error_code read_offsets(const rd_kafka_topic_partition_list_t *list,
                                    struct kafka_committed_offset *positions, const char *group,
                                    struct error *error)
{
    for (int i = 0; i < list->cnt; i++) {
        rd_kafka_resp_err_t failure = list->elems[i].err;
        int64_t offset = list->elems[i].offset;
        if (failure != RD_KAFKA_RESP_ERR_NO_ERROR && !is_out_of_reach(failure))
            return error_set(error, ERROR_IO, list->elems[i].topic, 0,
                             "the offset of group %s cannot be had: %s", group,
                             rd_kafka_err2str(failure));
        positions[i].offset = failure || offset < 0 ? -1 : offset;
    }
    return ERROR_NONE;
}

static enum error_code explain(rd_kafka_t *client, rd_kafka_resp_err_t failure, const char *group,
                               struct kafka_events *events, int timeout_ms, struct error *error)
{
    char connection[ERROR_TEXT_SIZE / 2];
    (void)rd_kafka_poll(client, 0); /* what became of the connections is told there */
    kafka_events_failure(events, connection, sizeof connection);
    return error_set(error, ERROR_IO, NULL, 0,
                     "the offsets of group %.100s cannot be had within %d ms: %s%s%s", group,
                     timeout_ms, rd_kafka_err2str(failure), connection[0] != '\0' ? "; " : "",
                     connection);
}

static enum error_code ask(rd_kafka_t *client, const char *group,
                           struct kafka_committed_offset *positions, size_t count,
                           struct kafka_events *events, int timeout_ms, struct error *error)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)count);
    for (size_t i = 0; i < count; i++)
        (void)rd_kafka_topic_partition_list_add(list, positions[i].topic, positions[i].partition);
    rd_kafka_resp_err_t failure = rd_kafka_committed(client, list, timeout_ms);
    enum error_code code = failure == RD_KAFKA_RESP_ERR_NO_ERROR
                               ? read_offsets(list, positions, group, error)
                               : explain(client, failure, group, events, timeout_ms, error);
    rd_kafka_topic_partition_list_destroy(list);
    return code;
}

enum error_code kafka_committed_offsets(const struct kafka_properties *properties,
                                        const char *group, struct kafka_committed_offset *positions,
                                        size_t count, int timeout_ms, struct error *error)
{
    if (count == 0)
        return ERROR_NONE;
    struct kafka_events events;
    if (kafka_events_init(&events, "positions", properties, NULL) != ERROR_NONE)
        return error_set(error, ERROR_MEMORY, NULL, 0, "no memory for a consumer");
    rd_kafka_t *client = NULL;
    enum error_code code = make_client(properties, group, &events, &client, error);
    if (code == ERROR_NONE) {
        code = ask(client, group, positions, count, &events, timeout_ms, error);
        rd_kafka_destroy_flags(client, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
    }
    kafka_events_fini(&events);
    return code;
}
