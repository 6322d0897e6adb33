/* What a producer asks of the cluster itself: is it there, make a topic. */
#include "kafka/connection/contact.h"
#include "kafka/connection/flood.h"
#include "kafka/connection/log.h"
#include "kafka/producer/address_probe.h"
#include "kafka/producer/producer.h"
#include "kafka/producer/producer_client.h"

#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <string.h>

#define REACH_TIMEOUT_MS   2000
#define CONTROLLER_WAIT_MS 1000
#define FALLBACK_REPLICAS  3

void kafka_producer_contact(struct kafka_producer *producer, struct kafka_contact *contact)
{
    kafka_events_contact(kafka_producer_events(producer), kafka_producer_client(producer), contact);
}

/* Joins "host:port" of all brokers with commas. */
static void list_brokers(const struct rd_kafka_metadata *metadata, char *text, size_t size)
{
    size_t length = 0;
    text[0] = '\0';
    for (int i = 0; i < metadata->broker_cnt && length < size; i++) {
        int more = snprintf(text + length, size - length, "%s%s:%d", i > 0 ? ", " : "",
                            metadata->brokers[i].host, metadata->brokers[i].port);
        length += more > 0 ? (size_t)more : 0;
    }
}

/* The first broker that answers is not the one that leads a partition: look at all of them. */
static enum error_code check_advertised(const struct kafka_events *events,
                                        const struct rd_kafka_metadata *metadata, int timeout_ms,
                                        struct error *error)
{
    char all[ERROR_TEXT_SIZE / 4];
    list_brokers(metadata, all, sizeof all);
    for (int i = 0; i < metadata->broker_cnt; i++) {
        const struct rd_kafka_metadata_broker *broker = &metadata->brokers[i];
        struct error reason;
        int timeout = timeout_ms < REACH_TIMEOUT_MS ? timeout_ms : REACH_TIMEOUT_MS;
        if (kafka_probe_address(broker->host, broker->port, timeout, &reason) == ERROR_NONE)
            continue;
        return error_set(error, ERROR_IO, "bootstrap.servers", 0,
                         "the Kafka broker at %.64s answers and advertises %s, but %.64s:%d cannot "
                         "be reached: %.80s; set advertised.listeners in the broker's "
                         "configuration to an address that this machine can reach",
                         events->bootstrap, all, broker->host, broker->port, reason.text);
    }
    return ERROR_NONE;
}

enum error_code kafka_producer_check(struct kafka_producer *producer, int timeout_ms,
                                     struct error *error)
{
    rd_kafka_t *client = kafka_producer_client(producer);
    struct kafka_events *events = kafka_producer_events(producer);
    const struct rd_kafka_metadata *metadata;
    int64_t deadline = kafka_now_ms() + timeout_ms;
    rd_kafka_resp_err_t failure = rd_kafka_metadata(client, 0, NULL, &metadata, timeout_ms);
    if (failure != RD_KAFKA_RESP_ERR_NO_ERROR) {
        char reason[ERROR_TEXT_SIZE / 2];
        kafka_events_failure(events, reason, sizeof reason);
        return error_set(error, ERROR_IO, "bootstrap.servers", 0,
                         "no Kafka broker answers at %.200s within %d ms: %s", events->bootstrap,
                         timeout_ms, reason[0] != '\0' ? reason : rd_kafka_err2str(failure));
    }
    int64_t left = deadline - kafka_now_ms();
    enum error_code code = check_advertised(events, metadata, left > 0 ? (int)left : 0, error);
    rd_kafka_metadata_destroy(metadata);
    return code;
}

enum error_code kafka_producer_cluster(struct kafka_producer *producer, int timeout_ms, char *id,
                                       size_t size)
{
    rd_kafka_t *client = kafka_producer_client(producer);
    const struct rd_kafka_metadata *metadata;
    char *found = rd_kafka_clusterid(client, 0);
    /* Asked for here: a producer that has nothing to send need not connect. */
    if (!found) {
        if (rd_kafka_metadata(client, 0, NULL, &metadata, timeout_ms) != RD_KAFKA_RESP_ERR_NO_ERROR)
            return ERROR_IO;
        rd_kafka_metadata_destroy(metadata);
        found = rd_kafka_clusterid(client, 0);
    }
    (void)snprintf(id, size, "%s", found ? found : "");
    rd_kafka_mem_free(client, found);
    return ERROR_NONE;
}

enum error_code kafka_producer_look(struct kafka_producer *producer, int timeout_ms,
                                    struct error *error)
{
    const struct rd_kafka_metadata *metadata;
    rd_kafka_resp_err_t failure =
        rd_kafka_metadata(kafka_producer_client(producer), 0, NULL, &metadata, timeout_ms);
    if (failure != RD_KAFKA_RESP_ERR_NO_ERROR)
        return error_set(error, ERROR_IO, NULL, 0, "%s", rd_kafka_err2str(failure));
    rd_kafka_metadata_destroy(metadata);
    return ERROR_NONE;
}

bool kafka_producer_find_topic(struct kafka_producer *producer,
                               bool (*matches)(const char *topic, const void *user),
                               const void *user, char *found, size_t size, int timeout_ms)
{
    const struct rd_kafka_metadata *metadata;
    if (rd_kafka_metadata(kafka_producer_client(producer), 1, NULL, &metadata, timeout_ms) !=
        RD_KAFKA_RESP_ERR_NO_ERROR)
        return false;
    bool listed = false;
    for (int i = 0; i < metadata->topic_cnt && !listed; i++) {
        listed = matches(metadata->topics[i].topic, user);
        if (listed)
            (void)snprintf(found, size, "%s", metadata->topics[i].topic);
    }
    rd_kafka_metadata_destroy(metadata);
    return listed;
}

static bool is_listed(rd_kafka_t *client, const char *topic, int timeout_ms)
{
    const struct rd_kafka_metadata *metadata;
    if (rd_kafka_metadata(client, 1, NULL, &metadata, timeout_ms) != RD_KAFKA_RESP_ERR_NO_ERROR)
        return false;
    bool listed = false;
    for (int i = 0; i < metadata->topic_cnt && !listed; i++)
        listed = strcmp(metadata->topics[i].topic, topic) == 0;
    rd_kafka_metadata_destroy(metadata);
    return listed;
}

/* 0: not known. */
static int broker_count(rd_kafka_t *client, int timeout_ms)
{
    const struct rd_kafka_metadata *metadata;
    if (rd_kafka_metadata(client, 0, NULL, &metadata, timeout_ms) != RD_KAFKA_RESP_ERR_NO_ERROR)
        return 0;
    int count = metadata->broker_cnt;
    rd_kafka_metadata_destroy(metadata);
    return count;
}

/* A cluster whose controller is none of its brokers takes no CreateTopics: the embedded broker. */
static bool has_controller(rd_kafka_t *client, int timeout_ms)
{
    const struct rd_kafka_metadata *metadata;
    if (rd_kafka_metadata(client, 0, NULL, &metadata, timeout_ms) != RD_KAFKA_RESP_ERR_NO_ERROR)
        return true; /* nothing is known: let the request itself say what is wrong */
    int wait = timeout_ms < CONTROLLER_WAIT_MS ? timeout_ms : CONTROLLER_WAIT_MS;
    int32_t controller = rd_kafka_controllerid(client, wait);
    bool found = false;
    for (int i = 0; i < metadata->broker_cnt && !found; i++)
        found = metadata->brokers[i].id == controller;
    rd_kafka_metadata_destroy(metadata);
    return found;
}

/* Such a broker makes a topic that is asked for. */
static bool appears_when_named(rd_kafka_t *client, const char *topic, int timeout_ms)
{
    rd_kafka_topic_t *handle = rd_kafka_topic_new(client, topic, NULL);
    const struct rd_kafka_metadata *metadata = NULL;
    if (handle)
        (void)rd_kafka_metadata(client, 0, handle, &metadata, timeout_ms);
    bool there = metadata && metadata->topic_cnt == 1 &&
                 metadata->topics[0].err == RD_KAFKA_RESP_ERR_NO_ERROR;
    if (metadata)
        rd_kafka_metadata_destroy(metadata);
    if (handle)
        rd_kafka_topic_destroy(handle);
    return there;
}

/* The broker's answer to one CreateTopics request; its words into `words`. */
static rd_kafka_resp_err_t request(rd_kafka_t *client, rd_kafka_NewTopic_t *topic, int timeout_ms,
                                   char *words, size_t size)
{
    rd_kafka_AdminOptions_t *options =
        rd_kafka_AdminOptions_new(client, RD_KAFKA_ADMIN_OP_CREATETOPICS);
    rd_kafka_queue_t *queue = rd_kafka_queue_new(client);
    (void)rd_kafka_AdminOptions_set_request_timeout(options, timeout_ms, NULL, 0);
    (void)rd_kafka_AdminOptions_set_operation_timeout(options, timeout_ms, NULL, 0);
    rd_kafka_CreateTopics(client, &topic, 1, options, queue);
    rd_kafka_event_t *event = rd_kafka_queue_poll(queue, timeout_ms + REACH_TIMEOUT_MS);
    rd_kafka_resp_err_t failure =
        event ? rd_kafka_event_error(event) : RD_KAFKA_RESP_ERR__TIMED_OUT;
    const char *text = event ? rd_kafka_event_error_string(event) : NULL;
    const rd_kafka_CreateTopics_result_t *result =
        event ? rd_kafka_event_CreateTopics_result(event) : NULL;
    size_t count = 0;
    const rd_kafka_topic_result_t **topics =
        result && !failure ? rd_kafka_CreateTopics_result_topics(result, &count) : NULL;
    if (count == 1) {
        failure = rd_kafka_topic_result_error(topics[0]);
        text = rd_kafka_topic_result_error_string(topics[0]);
    }
    (void)snprintf(words, size, "%s", text ? text : rd_kafka_err2str(failure));
    if (event)
        rd_kafka_event_destroy(event);
    rd_kafka_queue_destroy(queue);
    rd_kafka_AdminOptions_destroy(options);
    return failure;
}

static rd_kafka_resp_err_t create(rd_kafka_t *client, const char *name, int partitions,
                                  int replicas, bool compacted, int timeout_ms, char *words,
                                  size_t size)
{
    rd_kafka_NewTopic_t *topic = rd_kafka_NewTopic_new(name, partitions, replicas, words, size);
    if (!topic)
        return RD_KAFKA_RESP_ERR__INVALID_ARG;
    if (compacted) {
        (void)rd_kafka_NewTopic_set_config(topic, "cleanup.policy", "compact");
        (void)rd_kafka_NewTopic_set_config(topic, "message.timestamp.type", "LogAppendTime");
    }
    rd_kafka_resp_err_t failure = request(client, topic, timeout_ms, words, size);
    rd_kafka_NewTopic_destroy(topic);
    return failure;
}

/* Kafka before 2.4 and librdkafka before 1.6 know no "the broker's default". */
static bool wants_numbers(rd_kafka_resp_err_t failure)
{
    return failure == RD_KAFKA_RESP_ERR__INVALID_ARG ||
           failure == RD_KAFKA_RESP_ERR_INVALID_PARTITIONS ||
           failure == RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR ||
           failure == RD_KAFKA_RESP_ERR_INVALID_REQUEST;
}

enum error_code kafka_producer_create_topic(struct kafka_producer *producer, const char *topic,
                                            int partitions, bool compacted, int timeout_ms,
                                            struct error *error)
{
    rd_kafka_t *client = kafka_producer_client(producer);
    if (!has_controller(client, timeout_ms) && appears_when_named(client, topic, timeout_ms))
        return ERROR_NONE;
    char words[ERROR_TEXT_SIZE / 2] = "";
    rd_kafka_resp_err_t failure =
        create(client, topic, partitions, -1, compacted, timeout_ms, words, sizeof words);
    if (wants_numbers(failure)) {
        int brokers = broker_count(client, timeout_ms);
        brokers = brokers > 0 ? brokers : 1;
        failure = create(client, topic, partitions > 0 ? partitions : 1,
                         brokers < FALLBACK_REPLICAS ? brokers : FALLBACK_REPLICAS, compacted,
                         timeout_ms, words, sizeof words);
    }
    if (failure == RD_KAFKA_RESP_ERR_NO_ERROR || failure == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS)
        return ERROR_NONE;
    if (failure != RD_KAFKA_RESP_ERR__TIMED_OUT && is_listed(client, topic, timeout_ms))
        return ERROR_NONE;                                /* not ours to make, but there */
    bool answered = failure >= RD_KAFKA_RESP_ERR_UNKNOWN; /* a broker did, not librdkafka */
    return error_set(error, answered ? ERROR_UNKNOWN : ERROR_IO, topic, 0,
                     "the topic cannot be made: %s", words);
}
