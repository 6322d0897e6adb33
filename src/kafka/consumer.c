#include "kafka/consumer.h"

#include "kafka/conf.h"
#include "kafka/events.h"
#include "kafka/log.h"
#include "kafka/message.h"
#include "kafka/starts.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#define COOPERATIVE_VERSION 0x010600ff /* librdkafka with rd_kafka_incremental_assign */
#define CLOSE_QUEUE_VERSION 0x010900ff /* librdkafka with rd_kafka_consumer_close_queue */
#define CLOSE_TIMEOUT_MS    5000
#define CLOSE_SLICE_MS      50

struct kafka_consumer {
    rd_kafka_t *client;
    struct kafka_events events;
    struct kafka_starts starts;
    rd_kafka_message_t *message; /* of the record last returned */
    bool commits_itself;         /* the user switched enable.auto.commit off */
    bool held;                   /* the assignment is paused: see kafka_consumer_keep_alive */
    atomic_int assigned;         /* partitions */
};

static bool is_cooperative(rd_kafka_t *client)
{
#if RD_KAFKA_VERSION >= COOPERATIVE_VERSION
    const char *protocol = rd_kafka_rebalance_protocol(client);
    return protocol && strcmp(protocol, "COOPERATIVE") == 0;
#else
    (void)client;
    return false;
#endif
}

/* Adds or takes `partitions`; the others stay as they are. */
static void change_assignment(struct kafka_consumer *consumer, bool add,
                              const rd_kafka_topic_partition_list_t *partitions)
{
#if RD_KAFKA_VERSION >= COOPERATIVE_VERSION
    rd_kafka_error_t *failure = add ? rd_kafka_incremental_assign(consumer->client, partitions)
                                    : rd_kafka_incremental_unassign(consumer->client, partitions);
    if (failure) {
        kafka_events_say(&consumer->events, LOG_ERR, "the assignment cannot be changed: %s",
                         rd_kafka_error_string(failure));
        rd_kafka_error_destroy(failure);
        return;
    }
    (void)atomic_fetch_add(&consumer->assigned, add ? partitions->cnt : -partitions->cnt);
#else
    (void)consumer;
    (void)add;
    (void)partitions;
#endif
}

static void replace_assignment(struct kafka_consumer *consumer,
                               const rd_kafka_topic_partition_list_t *partitions)
{
    rd_kafka_resp_err_t failure = rd_kafka_assign(consumer->client, partitions);
    if (failure != RD_KAFKA_RESP_ERR_NO_ERROR)
        kafka_events_say(&consumer->events, LOG_ERR, "the assignment cannot be taken: %s",
                         rd_kafka_err2str(failure));
    atomic_store(&consumer->assigned, partitions && !failure ? partitions->cnt : 0);
}

static void on_assign(struct kafka_consumer *consumer, rd_kafka_topic_partition_list_t *partitions)
{
    rd_kafka_topic_partition_list_t *begun =
        kafka_starts_apply(&consumer->starts, &consumer->events, consumer->client, partitions);
    if (is_cooperative(consumer->client))
        change_assignment(consumer, true, partitions);
    else
        replace_assignment(consumer, partitions);
    if (!begun)
        return;
    if (begun->cnt > 0)
        (void)rd_kafka_commit(consumer->client, begun, 1);
    rd_kafka_topic_partition_list_destroy(begun);
}

static void on_revoke(struct kafka_consumer *consumer,
                      const rd_kafka_topic_partition_list_t *partitions)
{
    /* With enable.auto.commit librdkafka commits what was stored before it lets go. */
    if (consumer->commits_itself && atomic_load(&consumer->assigned) > 0)
        (void)rd_kafka_commit(consumer->client, NULL, 0);
    if (is_cooperative(consumer->client))
        change_assignment(consumer, false, partitions);
    else
        replace_assignment(consumer, NULL);
}

static void on_rebalance(rd_kafka_t *client, rd_kafka_resp_err_t event,
                         rd_kafka_topic_partition_list_t *partitions, void *opaque)
{
    struct kafka_consumer *consumer = opaque;
    (void)client;
    if (event == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
        on_assign(consumer, partitions);
        return;
    }
    if (event != RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS)
        kafka_events_say(&consumer->events, LOG_WARNING, "the group lost its assignment: %s",
                         rd_kafka_err2str(event));
    on_revoke(consumer, partitions);
}

static void on_error(rd_kafka_t *client, int reason, const char *text, void *opaque)
{
    struct kafka_consumer *consumer = opaque;
    (void)client;
    kafka_events_error(&consumer->events, (rd_kafka_resp_err_t)reason, text);
}

static void on_log(const rd_kafka_t *client, int level, const char *facility, const char *text)
{
    struct kafka_consumer *consumer = rd_kafka_opaque(client);
    kafka_events_log(&consumer->events, level, facility, text);
}

static enum error_code check_strategy(const struct kafka_properties *properties,
                                      struct error *error)
{
    const char *name = "partition.assignment.strategy";
    const char *strategy = kafka_properties_get(properties, name);
    if (RD_KAFKA_VERSION < COOPERATIVE_VERSION && strategy && strstr(strategy, "cooperative"))
        return error_set(
            error, ERROR_RANGE, name, 0,
            "\"%s\" needs librdkafka 1.6 or newer, this is %s: use range or roundrobin", strategy,
            rd_kafka_version_str());
    return ERROR_NONE;
}

static bool is_off(const char *value)
{
    return value &&
           (strcmp(value, "false") == 0 || strcmp(value, "f") == 0 || strcmp(value, "0") == 0);
}

static enum error_code make_client(struct kafka_consumer *consumer,
                                   const struct kafka_properties *properties, const char *group,
                                   struct error *error)
{
    rd_kafka_conf_t *conf;
    enum error_code code = check_strategy(properties, error);
    if (code == ERROR_NONE)
        code = kafka_conf_create(KAFKA_ROLE_CONSUMER, properties, &conf, error);
    if (code != ERROR_NONE)
        return code;
    if (!kafka_properties_get(properties, "group.id"))
        code = kafka_conf_set(conf, "group.id", group, error);
    if (code != ERROR_NONE) {
        rd_kafka_conf_destroy(conf);
        return code;
    }
    consumer->commits_itself = is_off(kafka_properties_get(properties, "enable.auto.commit"));
    rd_kafka_conf_set_opaque(conf, consumer);
    rd_kafka_conf_set_rebalance_cb(conf, on_rebalance);
    rd_kafka_conf_set_error_cb(conf, on_error);
    rd_kafka_conf_set_log_cb(conf, on_log);
    code = kafka_conf_make_client(KAFKA_ROLE_CONSUMER, conf, properties, &consumer->client, error);
    if (code == ERROR_NONE)
        (void)rd_kafka_poll_set_consumer(consumer->client);
    return code;
}

static enum error_code subscribe(struct kafka_consumer *consumer,
                                 const struct kafka_subscription *subscriptions, size_t count,
                                 struct error *error)
{
    rd_kafka_topic_partition_list_t *topics = rd_kafka_topic_partition_list_new((int)count);
    for (size_t i = 0; i < count; i++)
        (void)rd_kafka_topic_partition_list_add(topics, subscriptions[i].topic,
                                                RD_KAFKA_PARTITION_UA);
    rd_kafka_resp_err_t failure = rd_kafka_subscribe(consumer->client, topics);
    rd_kafka_topic_partition_list_destroy(topics);
    if (failure == RD_KAFKA_RESP_ERR_NO_ERROR)
        return ERROR_NONE;
    return error_set(error, ERROR_RANGE, count > 0 ? subscriptions[0].topic : NULL, 0,
                     "the topics cannot be subscribed to: %s", rd_kafka_err2str(failure));
}

static void free_consumer(struct kafka_consumer *consumer)
{
    if (consumer->message)
        rd_kafka_message_destroy(consumer->message);
    if (consumer->client)
        rd_kafka_destroy(consumer->client);
    kafka_starts_fini(&consumer->starts);
    kafka_events_fini(&consumer->events);
    free(consumer);
}

enum error_code kafka_consumer_create(const struct kafka_properties *properties, const char *group,
                                      const struct kafka_subscription *subscriptions, size_t count,
                                      struct kafka_consumer **consumer, struct error *error)
{
    const char *bootstrap = kafka_conf_bootstrap(properties);
    struct kafka_consumer *self = calloc(1, sizeof *self);
    if (!self ||
        kafka_events_init(&self->events, "consumer", bootstrap ? bootstrap : "") != ERROR_NONE) {
        free(self);
        return error_set(error, ERROR_MEMORY, NULL, 0, "no memory for a consumer");
    }
    enum error_code code = kafka_starts_init(&self->starts, subscriptions, count, error);
    if (code == ERROR_NONE)
        code = make_client(self, properties, group, error);
    if (code == ERROR_NONE)
        code = subscribe(self, subscriptions, count, error);
    if (code != ERROR_NONE) {
        free_consumer(self);
        return code;
    }
    *consumer = self;
    return ERROR_NONE;
}

static void release_message(struct kafka_consumer *consumer)
{
    if (consumer->message)
        rd_kafka_message_destroy(consumer->message);
    consumer->message = NULL;
}

/* Leaves the group, which commits by way of on_revoke; false where Kafka did not answer in time.
 * librdkafka's own close waits for an answer as long as that takes. */
static bool close_in_time(struct kafka_consumer *consumer)
{
#if RD_KAFKA_VERSION >= CLOSE_QUEUE_VERSION
    rd_kafka_queue_t *queue = rd_kafka_queue_new(consumer->client);
    rd_kafka_error_t *failure = rd_kafka_consumer_close_queue(consumer->client, queue);
    int waited = 0;
    if (failure)
        rd_kafka_error_destroy(failure);
    while (!rd_kafka_consumer_closed(consumer->client) && waited < CLOSE_TIMEOUT_MS) {
        rd_kafka_event_t *event = rd_kafka_queue_poll(queue, CLOSE_SLICE_MS);
        if (event && rd_kafka_event_type(event) == RD_KAFKA_EVENT_REBALANCE)
            on_rebalance(consumer->client, rd_kafka_event_error(event),
                         rd_kafka_event_topic_partition_list(event), consumer);
        else if (!event)
            waited += CLOSE_SLICE_MS;
        rd_kafka_event_destroy(event);
    }
    bool closed = rd_kafka_consumer_closed(consumer->client);
    rd_kafka_queue_destroy(queue);
    return closed;
#else
    const struct rd_kafka_metadata *metadata = NULL;
    if (rd_kafka_metadata(consumer->client, 0, NULL, &metadata, CLOSE_TIMEOUT_MS) !=
        RD_KAFKA_RESP_ERR_NO_ERROR)
        return false;
    rd_kafka_metadata_destroy(metadata);
    return rd_kafka_consumer_close(consumer->client) == RD_KAFKA_RESP_ERR_NO_ERROR;
#endif
}

void kafka_consumer_destroy(struct kafka_consumer *consumer)
{
    if (!consumer)
        return;
    release_message(consumer);
    if (!close_in_time(consumer)) {
        kafka_log_write(
            KAFKA_LOG_WARN,
            "consumer: Kafka did not answer in %d s: the offsets of the last second may "
            "not be committed, their records are then read again",
            CLOSE_TIMEOUT_MS / 1000);
        rd_kafka_destroy_flags(consumer->client, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
        consumer->client = NULL;
    }
    free_consumer(consumer);
}

static enum error_code none_came(struct error *error)
{
    return error_set(error, ERROR_MISSING, NULL, 0, "no record came");
}

/* A fatal error of the client: its group member was fenced by another with the same name. */
static enum error_code check_fatal(struct kafka_consumer *consumer, struct error *error)
{
    char words[ERROR_TEXT_SIZE - 96];
    rd_kafka_resp_err_t fatal = rd_kafka_fatal_error(consumer->client, words, sizeof words);
    if (fatal == RD_KAFKA_RESP_ERR_NO_ERROR)
        return none_came(error);
    return error_set(error, ERROR_IO, NULL, 0, "fatal error %s: %s", rd_kafka_err2name(fatal),
                     words);
}

/* An event that is no record. */
static enum error_code on_event(struct kafka_consumer *consumer, const rd_kafka_message_t *event,
                                struct error *error)
{
    const char *topic = event->rkt ? rd_kafka_topic_name(event->rkt) : NULL;
    const char *words = rd_kafka_message_errstr(event);
    switch (event->err) {
    case RD_KAFKA_RESP_ERR__PARTITION_EOF:
        return none_came(error);
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
        if (kafka_events_admit(&consumer->events, words))
            kafka_log_write(KAFKA_LOG_WARN, "consumer: %s: waiting for it to appear", words);
        return none_came(error);
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_INVALID_GROUP_ID:
    case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
        if (!kafka_events_admit(&consumer->events, words))
            return none_came(error);
        return error_set(error, ERROR_IO, topic, 0, "%s", words);
    case RD_KAFKA_RESP_ERR__FATAL:
        return check_fatal(consumer, error);
    default:
        kafka_events_say(&consumer->events, LOG_WARNING, "%s: %s", rd_kafka_err2name(event->err),
                         words);
        return none_came(error);
    }
}

static void hold(struct kafka_consumer *consumer, bool held)
{
    rd_kafka_topic_partition_list_t *partitions = NULL;
    if (consumer->held == held ||
        rd_kafka_assignment(consumer->client, &partitions) != RD_KAFKA_RESP_ERR_NO_ERROR)
        return;
    /* Both fail only for partitions that were taken away meanwhile. */
    if (held)
        (void)rd_kafka_pause_partitions(consumer->client, partitions);
    else
        (void)rd_kafka_resume_partitions(consumer->client, partitions);
    rd_kafka_topic_partition_list_destroy(partitions);
    consumer->held = held;
}

void kafka_consumer_keep_alive(struct kafka_consumer *consumer, int timeout_ms)
{
    hold(consumer, true);
    rd_kafka_message_t *message = rd_kafka_consumer_poll(consumer->client, timeout_ms);
    if (!message)
        return;
    struct error error;
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
        (void)!on_event(consumer, message, &error);
    } else {
        /* Of a partition that was assigned after the pause: it is read again later. */
        (void)rd_kafka_seek(message->rkt, message->partition, message->offset, 0);
        consumer->held = false;
    }
    rd_kafka_message_destroy(message);
}

enum error_code kafka_consumer_next(struct kafka_consumer *consumer, int timeout_ms,
                                    struct kafka_record *record, struct error *error)
{
    release_message(consumer);
    hold(consumer, false);
    kafka_events_probe(&consumer->events, consumer->client);
    kafka_starts_look(&consumer->starts, consumer->client, timeout_ms);
    rd_kafka_message_t *message = rd_kafka_consumer_poll(consumer->client, timeout_ms);
    if (!message)
        return check_fatal(consumer, error);
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
        enum error_code code = on_event(consumer, message, error);
        rd_kafka_message_destroy(message);
        return code;
    }
    kafka_events_delivered(&consumer->events);
    consumer->message = message;
    kafka_message_read(message, record);
    return ERROR_NONE;
}

void kafka_consumer_store(struct kafka_consumer *consumer, const struct kafka_record *record)
{
    /* Fails only for a partition that was taken away. */
    if (consumer->message)
        (void)rd_kafka_offset_store(consumer->message->rkt, record->partition, record->offset);
}

bool kafka_consumer_is_assigned(const struct kafka_consumer *consumer)
{
    return atomic_load(&consumer->assigned) > 0;
}
