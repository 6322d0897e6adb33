#include "kafka/consumer/consumer.h"

#include "base/buffer.h"
#include "kafka/connection/client.h"
#include "kafka/connection/events.h"
#include "kafka/connection/fatal.h"
#include "kafka/connection/log.h"
#include "kafka/consumer/alone.h"
#include "kafka/consumer/assignment.h"
#include "kafka/consumer/commits.h"
#include "kafka/consumer/idleness.h"
#include "kafka/consumer/lost_offsets.h"
#include "kafka/record/message.h"
#include "kafka/settings/conf.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>

#define CLOSE_QUEUE_VERSION 0x010900ff /* librdkafka with rd_kafka_consumer_close_queue */
#define COMMIT_INTERVAL_MS  1000       /* conf.c's auto.commit.interval.ms */
#define CLOSE_TIMEOUT_MS    5000
#define CLOSE_SLICE_MS      50
#define DESTROY_TIMEOUT_MS  3000
#define DESTROY_SLICE_MS    2

struct kafka_consumer {
    rd_kafka_t *client;
    struct kafka_events events;
    struct kafka_commits commits;
    struct kafka_assignment assignment;
    struct kafka_lost_offsets resets;
    struct kafka_idleness idleness;
    struct kafka_alone alone;
    rd_kafka_message_t *message; /* of the record last returned */
    atomic_bool destroyed;       /* the client */
    struct kafka_consumer *abandoned_before;
};

static void change_assignment(struct kafka_consumer *consumer, rd_kafka_resp_err_t event,
                              rd_kafka_topic_partition_list_t *partitions)
{
    if (event != RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS)
        kafka_lost_offsets_forget(&consumer->resets, partitions);
    kafka_assignment_change(&consumer->assignment, consumer->client, event, partitions);
    if (event == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS)
        kafka_idleness_note(&consumer->idleness, kafka_assignment_count(&consumer->assignment));
}

static void on_rebalance(rd_kafka_t *client, rd_kafka_resp_err_t event,
                         rd_kafka_topic_partition_list_t *partitions, void *opaque)
{
    (void)client;
    change_assignment(kafka_events_owner(opaque), event, partitions);
}

static enum error_code check_strategy(const struct kafka_properties *properties,
                                      struct error *error)
{
    const char *name = "partition.assignment.strategy";
    const char *strategy = kafka_properties_get(properties, name);
    if (strategy && strstr(strategy, "cooperative") && RD_KAFKA_VERSION < KAFKA_COOPERATIVE_VERSION)
        return error_set(
            error, ERROR_RANGE, name, 0,
            "\"%s\" needs librdkafka 1.6 or newer, this is %s: use range or roundrobin", strategy,
            rd_kafka_version_str());
    return ERROR_NONE;
}

/* Milliseconds between two commits, as the user's properties say; 0: none by itself. */
static int64_t commit_interval(const struct kafka_properties *properties)
{
    const char *on = kafka_properties_get(properties, "enable.auto.commit");
    if (on && (strcmp(on, "false") == 0 || strcmp(on, "f") == 0 || strcmp(on, "0") == 0))
        return 0;
    const char *interval = kafka_properties_get(properties, "auto.commit.interval.ms");
    return interval ? strtol(interval, NULL, 10) : COMMIT_INTERVAL_MS;
}

/* Adds to the user's own topic.blacklist. */
static enum error_code set_ignored(rd_kafka_conf_t *conf, const struct kafka_properties *properties,
                                   const char *ignored, struct error *error)
{
    const char *name = "topic.blacklist";
    const char *theirs = kafka_properties_get(properties, name);
    struct buffer list;
    buffer_init(&list, 64U << 10);
    enum error_code code = buffer_append_format(&list, "%s%s%s", theirs ? theirs : "",
                                                theirs && *theirs ? "," : "", ignored);
    if (code == ERROR_NONE)
        code = buffer_append(&list, "", 1);
    if (code == ERROR_NONE)
        code = kafka_conf_set(conf, name, list.data, error);
    else
        (void)error_set(error, code, name, 0, "is too long");
    buffer_fini(&list);
    return code;
}

static enum error_code configure(const struct kafka_consumer_options *options,
                                 rd_kafka_conf_t *conf, struct error *error)
{
    enum error_code code = ERROR_NONE;
    if (!kafka_properties_get(options->properties, "group.id"))
        code = kafka_conf_set(conf, "group.id", options->group, error);
    if (code == ERROR_NONE)
        code = kafka_conf_set(conf, "auto.offset.reset", "error", error); /* resets.h: told */
    if (code == ERROR_NONE)
        code = kafka_conf_set(conf, "enable.auto.commit", "false", error); /* commits.h */
    if (code == ERROR_NONE && options->ignored)
        code = set_ignored(conf, options->properties, options->ignored, error);
    return code;
}

/* `conf` becomes the caller's. */
static enum error_code make_conf(const struct kafka_consumer_options *options,
                                 rd_kafka_conf_t **conf, struct error *error)
{
    enum error_code code = check_strategy(options->properties, error);
    if (code == ERROR_NONE)
        code = kafka_conf_create(KAFKA_ROLE_CONSUMER, options->properties, conf, error);
    if (code != ERROR_NONE)
        return code;
    code = configure(options, *conf, error);
    if (code != ERROR_NONE)
        rd_kafka_conf_destroy(*conf);
    return code;
}

enum error_code kafka_consumer_options_check(const struct kafka_consumer_options *options,
                                             struct error *error)
{
    rd_kafka_conf_t *conf;
    enum error_code code = make_conf(options, &conf, error);
    if (code != ERROR_NONE)
        return code;
    code = kafka_client_check(KAFKA_ROLE_CONSUMER, conf, options->properties, error);
    rd_kafka_conf_destroy(conf);
    return code;
}

static enum error_code make_client(struct kafka_consumer *consumer,
                                   const struct kafka_consumer_options *options,
                                   struct error *error)
{
    rd_kafka_conf_t *conf;
    enum error_code code = make_conf(options, &conf, error);
    if (code != ERROR_NONE)
        return code;
    kafka_events_listen(&consumer->events, conf);
    rd_kafka_conf_set_rebalance_cb(conf, on_rebalance);
    code = kafka_client_create(KAFKA_ROLE_CONSUMER, conf, options->properties, NULL,
                               &consumer->client, error);
    if (code != ERROR_NONE)
        return code;
    (void)rd_kafka_poll_set_consumer(consumer->client);
    kafka_commits_init(&consumer->commits, &consumer->events, consumer->client,
                       commit_interval(options->properties), options);
    return ERROR_NONE;
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

static void release_message(struct kafka_consumer *consumer)
{
    if (consumer->message)
        rd_kafka_message_destroy(consumer->message);
    consumer->message = NULL;
}

static void free_consumer(struct kafka_consumer *consumer)
{
    release_message(consumer);
    kafka_commits_fini(&consumer->commits);
    if (consumer->client)
        rd_kafka_destroy(consumer->client);
    kafka_assignment_fini(&consumer->assignment);
    kafka_lost_offsets_fini(&consumer->resets);
    kafka_idleness_fini(&consumer->idleness);
    kafka_events_fini(&consumer->events);
    free(consumer);
}

enum error_code kafka_consumer_create(const struct kafka_consumer_options *options,
                                      struct kafka_consumer **consumer, struct error *error)
{
    struct kafka_consumer *self = calloc(1, sizeof *self);
    if (!self ||
        kafka_events_init(&self->events, "consumer", options->properties, self) != ERROR_NONE) {
        free(self);
        return error_set(error, ERROR_MEMORY, NULL, 0, "no memory for a consumer");
    }
    self->events.introduces = true;
    kafka_lost_offsets_init(&self->resets, &self->events,
                            kafka_properties_get(options->properties, "auto.offset.reset"),
                            options->gap, options->user);
    bool from_the_beginning = self->resets.policy == KAFKA_RESET_EARLIEST;
    kafka_backlog_init(&self->assignment.backlog, &self->events,
                       from_the_beginning ? options->backlog : NULL, options->user);
    enum error_code code =
        kafka_assignment_init(&self->assignment, &self->events, &self->commits, options, error);
    const char *group = kafka_properties_get(options->properties, "group.id");
    if (code == ERROR_NONE &&
        kafka_idleness_init(&self->idleness, group ? group : options->group) != ERROR_NONE)
        code = error_set(error, ERROR_MEMORY, NULL, 0, "no memory for a consumer");
    if (code == ERROR_NONE)
        code = make_client(self, options, error);
    self->alone.on = options->alone;
    if (code == ERROR_NONE && !options->alone)
        code = subscribe(self, options->subscriptions, options->subscription_count, error);
    if (code != ERROR_NONE) {
        free_consumer(self);
        return code;
    }
    *consumer = self;
    return ERROR_NONE;
}

static void give_all_back(struct kafka_consumer *consumer)
{
    rd_kafka_topic_partition_list_t *has = NULL;
    if (rd_kafka_assignment(consumer->client, &has) != RD_KAFKA_RESP_ERR_NO_ERROR)
        return;
    if (has->cnt > 0)
        change_assignment(consumer, RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS, has);
    rd_kafka_topic_partition_list_destroy(has);
}

/* What a group would do that gives all partitions to its only member. */
static void serve_alone(struct kafka_consumer *consumer)
{
    rd_kafka_topic_partition_list_t *partitions =
        kafka_alone_look(&consumer->alone, &consumer->assignment.starts, consumer->client);
    if (!partitions)
        return;
    give_all_back(consumer);
    change_assignment(consumer, RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS, partitions);
    rd_kafka_topic_partition_list_destroy(partitions);
}

/* Leaves the group, which commits as it gives the assignment back; false where Kafka did not answer
 * in time. librdkafka's own close waits for an answer as long as that takes. */
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
            change_assignment(consumer, rd_kafka_event_error(event),
                              rd_kafka_event_topic_partition_list(event));
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

static void *destroy_client(void *argument)
{
    struct kafka_consumer *consumer = argument;
    rd_kafka_destroy(consumer->client);
    atomic_store(&consumer->destroyed, true);
    return NULL;
}

/* False where the client's threads did not end: librdkafka 2.0 waits for ever for that of a broker
 * once a topic that was read has been deleted. Nothing depends on them any more. */
static bool destroy_in_time(struct kafka_consumer *consumer)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, destroy_client, consumer) != 0)
        return false;
    for (int waited = 0; !atomic_load(&consumer->destroyed); waited += DESTROY_SLICE_MS) {
        if (waited >= DESTROY_TIMEOUT_MS) {
            (void)pthread_detach(thread);
            return false;
        }
        (void)nanosleep(&(struct timespec){.tv_nsec = DESTROY_SLICE_MS * 1000000L}, NULL);
    }
    (void)pthread_join(thread, NULL);
    consumer->client = NULL;
    return true;
}

/* Leaves a client to the end of the process. Its threads go on, so all that they use stays. */
static void abandon(struct kafka_consumer *consumer)
{
    static _Atomic(struct kafka_consumer *) abandoned; /* known, and so no leak */
    consumer->abandoned_before = atomic_exchange(&abandoned, consumer);
}

void kafka_consumer_destroy(struct kafka_consumer *consumer)
{
    if (!consumer)
        return;
    release_message(consumer);
    if (consumer->alone.on)
        give_all_back(consumer);
    /* A rebalance is under way: what was stored since it began can still be committed. */
    if (consumer->assignment.undecided && !consumer->assignment.lost)
        kafka_commits_flush(&consumer->commits, CLOSE_SLICE_MS);
    if (!close_in_time(consumer)) {
        /* A commit that is under way would hold up the destruction for session.timeout.ms. */
        kafka_log_write(KAFKA_LOG_WARN,
                        "consumer: Kafka did not answer in %d s: the offsets of the last second "
                        "may not be committed, their records are then read again",
                        CLOSE_TIMEOUT_MS / 1000);
        rd_kafka_set_log_level(consumer->client, 0);
        abandon(consumer);
        return;
    }
    kafka_commits_fini(&consumer->commits);
    if (destroy_in_time(consumer))
        free_consumer(consumer);
    else
        abandon(consumer);
}

static enum error_code none_came(struct error *error)
{
    return error_set(error, ERROR_MISSING, NULL, 0, "no record came");
}

static enum error_code check_fatal(struct kafka_consumer *consumer, struct error *error)
{
    return kafka_fatal_describe(consumer->client, error) ? ERROR_IO : none_came(error);
}

bool kafka_consumer_is_fatal(const struct kafka_consumer *consumer, struct error *error)
{
    return kafka_fatal_describe(consumer->client, error);
}

/* An event that is no record. */
static enum error_code on_event(struct kafka_consumer *consumer, const rd_kafka_message_t *event,
                                struct error *error)
{
    const char *topic = event->rkt ? rd_kafka_topic_name(event->rkt) : NULL;
    const char *words = rd_kafka_message_errstr(event);
    if (kafka_lost_offsets_concern(event)) {
        /* librdkafka may say it again of an assignment that was replaced since. */
        if (event->offset < kafka_assignment_place(&consumer->assignment, topic, event->partition))
            return none_came(error);
        enum error_code code = kafka_lost_offsets_note(&consumer->resets, event, error);
        return code == ERROR_NONE ? none_came(error) : code;
    }
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

/* What is done between two polls. While the group is undecided no commit can be made. */
static void serve(struct kafka_consumer *consumer)
{
    kafka_events_probe(&consumer->events, consumer->client);
    if (consumer->assignment.undecided)
        return;
    kafka_commits_serve(&consumer->commits);
    kafka_idleness_look(&consumer->idleness, consumer->client);
}

static void serve_resets(struct kafka_consumer *consumer)
{
    rd_kafka_topic_partition_list_t *moves =
        kafka_lost_offsets_look(&consumer->resets, consumer->client);
    if (!moves)
        return;
    kafka_assignment_move(&consumer->assignment, consumer->client, moves);
    rd_kafka_topic_partition_list_destroy(moves);
}

enum error_code kafka_consumer_next(struct kafka_consumer *consumer, int timeout_ms,
                                    struct kafka_record *record, struct error *error)
{
    release_message(consumer);
    serve(consumer);
    kafka_start_offsets_look(&consumer->assignment.starts, consumer->client, timeout_ms);
    serve_alone(consumer);
    serve_resets(consumer);
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
    kafka_assignment_reach(&consumer->assignment, rd_kafka_topic_name(message->rkt),
                           message->partition, message->offset + 1);
    kafka_message_read(message, record);
    return ERROR_NONE;
}

enum error_code kafka_consumer_begin(struct kafka_consumer *consumer, struct kafka_begin *begin,
                                     struct error *error)
{
    return kafka_assignment_begin(&consumer->assignment, consumer->client, begin, error);
}

bool kafka_consumer_is_undecided(const struct kafka_consumer *consumer)
{
    return consumer->assignment.undecided;
}

bool kafka_consumer_has(const struct kafka_consumer *consumer, const char *topic, int32_t partition)
{
    return kafka_assignment_has(&consumer->assignment, topic, partition);
}

void kafka_consumer_pause(struct kafka_consumer *consumer, const char *topic, int32_t partition,
                          bool paused)
{
    if (kafka_assignment_has(&consumer->assignment, topic, partition))
        kafka_assignment_pause(&consumer->assignment, consumer->client, topic, partition, paused);
}

void kafka_consumer_store(struct kafka_consumer *consumer, const char *topic, int32_t partition,
                          int64_t offset)
{
    if (!kafka_assignment_has(&consumer->assignment, topic, partition))
        return;
    kafka_commits_set(&consumer->commits, topic, partition, offset + 1);
    kafka_lost_offsets_reach(&consumer->resets, topic, partition, offset + 1);
}

bool kafka_consumer_is_assigned(const struct kafka_consumer *consumer)
{
    return kafka_assignment_count(&consumer->assignment) > 0;
}

void kafka_consumer_contact(struct kafka_consumer *consumer, struct kafka_contact *contact)
{
    kafka_events_contact(&consumer->events, consumer->client, contact);
}
