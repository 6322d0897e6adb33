#include "bridge/to_kafka/to_kafka.h"

#include "bridge/flow/names.h"
#include "bridge/outbox/outbox.h"
#include "bridge/send/sender.h"
#include "bridge/to_kafka/discovery.h"
#include "bridge/to_kafka/queue.h"
#include "bridge/to_kafka/stream.h"
#include "bridge/to_kafka/target.h"
#include "bridge/to_kafka/trial.h"
#include "bridge/to_kafka/unpublished.h"
#include "bridge/to_kafka/writer.h"

#include <pthread.h>
#include <rosc/rosc.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NANOSECONDS 1e9
#define IDLE_MS     100

struct to_kafka {
    const struct config *config;
    struct trial trial;
    struct spool *spool;
    struct origins *origins;
    struct counters restored; /* of records from earlier runs */
    struct queue *queue;
    struct targets *targets;
    struct packages *packages;
    struct writer *writer;
    struct outbox *outbox;
    struct sender *sender;
    struct discovery *discovery;
    struct rosc_queue *callbacks;
    struct rosc_spinner *spinner;
    pthread_t writer_thread;
    bool writer_runs;
    _Atomic int64_t deadline; /* nanoseconds of the steady clock; INT64_MAX while not stopping */
    pthread_mutex_t mutex;    /* guards the list of streams */
    struct stream *streams;
    struct stream *by_key; /* the same; the caller's thread's */
    bool master_is_away;   /* discovery failed, and it was said */
};

/* The writer's thread: takes messages until the queue is closed and empty, or the time is over. */
static void *write_loop(void *user)
{
    struct to_kafka *flow = user;
    (void)pthread_setname_np(pthread_self(), "writer");
    for (;;) {
        /* Looked at before the queue: what was pushed before the end is still taken. */
        bool stopping = flow->deadline != INT64_MAX;
        struct batch *batch = outbox_begin(flow->outbox);
        bool any = batch && writer_fill(flow->writer, flow->queue, batch, IDLE_MS, &flow->deadline);
        if (batch && batch->block.count > 0)
            outbox_put(flow->outbox, batch, &flow->deadline);
        else if (batch)
            outbox_recycle(flow->outbox, batch);
        if (!any && stopping)
            return NULL;
        outbox_work(flow->outbox);
    }
}

static bool has_stream(const struct to_kafka *flow, const struct to_kafka_route *route,
                       const char *ros_topic)
{
    char key[STREAM_KEY_SIZE];
    struct stream *found = NULL;
    stream_key(route, ros_topic, key);
    HASH_FIND_STR(flow->by_key, key, found);
    return found;
}

static enum error_code add_stream(struct to_kafka *flow, const struct to_kafka_route *route,
                                  const char *ros_topic, struct error *error)
{
    const struct stream_surroundings around = {.config = flow->config,
                                               .queue = flow->queue,
                                               .targets = flow->targets,
                                               .spool = flow->spool,
                                               .packages = flow->packages,
                                               .callbacks = flow->callbacks};
    struct stream *stream = NULL;
    enum error_code code = stream_create(&around, route, ros_topic, &stream, error);
    if (code != ERROR_NONE)
        return code;
    HASH_ADD_KEYPTR(hh, flow->by_key, stream->key, strlen(stream->key), stream);
    if (!hash_has(stream)) {
        stream_destroy(stream);
        return error_set(error, ERROR_MEMORY, route->path, 0, "out of memory");
    }
    pthread_mutex_lock(&flow->mutex);
    stream->next = flow->streams;
    flow->streams = stream;
    pthread_mutex_unlock(&flow->mutex);
    return ERROR_NONE;
}

static enum error_code add_explicit_streams(struct to_kafka *flow, struct error *error)
{
    for (size_t i = 0; i < flow->config->to_kafka_count; i++) {
        const struct to_kafka_route *route = &flow->config->to_kafka[i];
        struct rosc_error ros_error;
        char ros_topic[NAMES_ROS_SIZE];
        if (!route->ros_topic)
            continue;
        if (rosc_name_resolve(route->ros_topic, ros_topic, sizeof ros_topic, &ros_error) != ROSC_OK)
            return error_set(error, ERROR_RANGE, route->path, 0, "%s", ros_error.text);
        enum error_code code = add_stream(flow, route, ros_topic, error);
        if (code != ERROR_NONE)
            return code;
        ROSC_LOG_INFO("subscribed to %s (%s)", ros_topic, route->path);
    }
    return ERROR_NONE;
}

static enum error_code discovered(const struct to_kafka_route *route, const char *ros_topic,
                                  const char *type, void *user, struct error *error)
{
    struct to_kafka *flow = user;
    struct target *target = NULL;
    if (!rosc_ok())
        return error_set(error, ERROR_IO, ros_topic, 0, "shutdown was asked for");
    if (has_stream(flow, route, ros_topic))
        return ERROR_NONE;
    /* A topic that another route writes is that route's; what else is wrong with the name is said
     * with the first message. */
    if (targets_get(flow->targets, route, ros_topic, type, &target, NULL) == ERROR_DUPLICATE)
        return ERROR_NONE;
    enum error_code code = add_stream(flow, route, ros_topic, error);
    if (code == ERROR_NONE)
        ROSC_LOG_INFO("found %s (%s), subscribed (%s)", ros_topic, type, route->path);
    return code;
}

void to_kafka_discover(struct to_kafka *flow)
{
    struct error error;
    rosc_connections_hold();
    const enum error_code code = discovery_run(flow->discovery, discovered, flow, &error);
    rosc_connections_release();
    if (code == ERROR_NONE) {
        if (flow->master_is_away)
            ROSC_LOG_INFO("new topics are looked for again");
        flow->master_is_away = false;
        return;
    }
    if (rosc_ok() && !flow->master_is_away)
        ROSC_LOG_WARN("new topics cannot be looked for: %s; trying again every %g s", error.text,
                      flow->config->discovery_period);
    flow->master_is_away = true;
}

void to_kafka_look_for_publishers(struct to_kafka *flow)
{
    unpublished_look(flow->streams, flow->discovery);
}

bool to_kafka_discovers(const struct to_kafka *flow)
{
    return discovery_is_needed(flow->discovery);
}

static void say_found(const struct to_kafka *flow, const struct spool_findings *found)
{
    if (*found->set_aside)
        ROSC_LOG_ERROR(
            "%s was damaged (%s): %llu records of it could be read, %llu are lost; it was "
            "set aside as %s",
            spool_path(flow->spool), found->damage, (unsigned long long)found->records,
            (unsigned long long)found->lost_records, found->set_aside);
    else if (found->lost_records > 0)
        ROSC_LOG_ERROR("%s has lost %llu records: %s", spool_path(flow->spool),
                       (unsigned long long)found->lost_records, found->damage);
    if (*found->exposed)
        ROSC_LOG_WARN("%s", found->exposed);
    if (found->records > 0)
        ROSC_LOG_INFO("%s holds %llu records of an earlier run: they are sent first",
                      spool_path(flow->spool), (unsigned long long)found->records);
}

static void say_repair(void *user, const char *text)
{
    (void)user;
    ROSC_LOG_ERROR("%s", text);
}

/* Opens the spool, which keeps the ids also where it keeps no messages. */
static enum error_code open_spool(struct to_kafka *flow, struct spool_findings *found,
                                  struct error *error)
{
    const struct config_spool *config = &flow->config->spool;
    enum error_code code = config->is_trial ? trial_begin(&flow->trial, error) : ERROR_NONE;
    if (code != ERROR_NONE)
        return code;
    if (config->is_trial)
        ROSC_LOG_INFO("a trial with the embedded broker: its spool is in %s and goes with it; the "
                      "robot's own, in %s, is left alone",
                      flow->trial.directory, config->directory);
    const struct spool_options options = {
        .directory = config->is_trial ? flow->trial.directory : config->directory,
        .robot = flow->config->robot,
        .max_bytes = config->max_bytes,
        .report = say_repair,
        .sync = config->sync_full ? SPOOL_SYNC_FULL : SPOOL_SYNC_NORMAL};
    code = spool_open(&options, &flow->spool, found, error);
    if (code != ERROR_NONE)
        return code;
    say_found(flow, found);
    counter_add(&flow->restored.restored, found->records);
    counter_add(&flow->restored.accepted, found->records);
    return ERROR_NONE;
}

static enum error_code make_parts(struct to_kafka *flow, const struct spool_findings *found)
{
    enum error_code code = origins_create(flow->spool, &flow->origins);
    const struct outbox_options options = {.config = flow->config,
                                           .spool = flow->spool,
                                           .origins = flow->origins,
                                           .restored = &flow->restored,
                                           .restored_batches = found->blocks};
    if (code == ERROR_NONE)
        code = queue_create(flow->config->queue_max_bytes, &flow->queue);
    if (code == ERROR_NONE)
        code = writer_create(flow->config, flow->spool, flow->origins, &flow->writer);
    return code == ERROR_NONE ? outbox_create(&options, &flow->outbox) : code;
}

static enum error_code build(struct to_kafka *flow, struct error *error)
{
    struct spool_findings found = {0};
    enum error_code code = targets_create(flow->config, &flow->targets, error);
    if (code == ERROR_NONE)
        code = packages_create(NULL, &flow->packages, error);
    if (code == ERROR_NONE)
        code = discovery_create(flow->config, &flow->discovery, error);
    if (code == ERROR_NONE)
        code = open_spool(flow, &found, error);
    if (code != ERROR_NONE)
        return code;
    code = make_parts(flow, &found);
    if (code != ERROR_NONE)
        return error_set(error, code, "", 0, "out of memory");
    return sender_create(flow->config, flow->spool, flow->outbox, &flow->restored, &flow->sender,
                         error);
}

enum error_code to_kafka_start(struct to_kafka *flow, struct error *error)
{
    struct rosc_error ros_error;
    if (pthread_create(&flow->writer_thread, NULL, write_loop, flow) != 0)
        return error_set(error, ERROR_MEMORY, "", 0, "the writer's thread cannot be started");
    flow->writer_runs = true;
    if (rosc_queue_create(&flow->callbacks, &ros_error) != ROSC_OK ||
        rosc_spinner_create(flow->callbacks, 1, &flow->spinner, &ros_error) != ROSC_OK)
        return error_set(error, ERROR_IO, "", 0, "%s", ros_error.text);
    /* A publisher that waits for a subscriber publishes as soon as it has one: before that, every
     * route of its topic listens. */
    rosc_connections_hold();
    enum error_code code = add_explicit_streams(flow, error);
    if (code == ERROR_NONE && to_kafka_discovers(flow))
        to_kafka_discover(flow);
    rosc_connections_release();
    return code;
}

enum error_code to_kafka_create(const struct config *config, struct to_kafka **flow,
                                struct error *error)
{
    struct to_kafka *made = calloc(1, sizeof *made);
    if (!made)
        return error_set(error, ERROR_MEMORY, "", 0, "out of memory");
    made->config = config;
    made->deadline = INT64_MAX;
    pthread_mutex_init(&made->mutex, NULL);
    enum error_code code = build(made, error);
    if (code != ERROR_NONE) {
        struct totals totals;
        to_kafka_stop(made, &totals);
        to_kafka_destroy(made);
        return code;
    }
    *flow = made;
    return ERROR_NONE;
}

void to_kafka_totals(struct to_kafka *flow, struct totals *totals)
{
    *totals = (struct totals){0};
    pthread_mutex_lock(&flow->mutex);
    for (const struct stream *stream = flow->streams; stream; stream = stream->next)
        totals_add(totals, &stream->counters);
    pthread_mutex_unlock(&flow->mutex);
    totals_add(totals, &flow->restored);
}

void to_kafka_accounts(struct to_kafka *flow, account_visitor visit, void *user)
{
    pthread_mutex_lock(&flow->mutex);
    for (const struct stream *stream = flow->streams; stream; stream = stream->next) {
        const struct target *target = stream->target;
        struct account account = {.route = stream->route->path,
                                  .ros_topic = stream->ros_topic,
                                  .kafka_topic = target ? target->kafka_topic : ""};
        struct rosc_publishers found = rosc_topic_publishers(stream->ros_topic);
        account.publishers = found.connected;
        account.waiting_publishers = found.waiting;
        account.waiting_seconds = found.waiting_seconds;
        totals_add(&account.totals, &stream->counters);
        visit(&account, user);
    }
    pthread_mutex_unlock(&flow->mutex);
    struct account restored = {.route = "spool", .ros_topic = "", .kafka_topic = ""};
    totals_add(&restored.totals, &flow->restored);
    if (restored.totals.restored > 0 || totals_dropped(&restored.totals) > 0)
        visit(&restored, user);
}

void to_kafka_state(struct to_kafka *flow, struct flow_state *state)
{
    struct kafka_contact contact;
    struct spool_statistics spool;
    sender_contact(flow->sender, &contact);
    if (flow->deadline != INT64_MAX)
        contact = (struct kafka_contact){.trouble = "the node has stopped"};
    spool_statistics(flow->spool, &spool);
    *state = (struct flow_state){.connected = contact.answers,
                                 .queue_bytes = queue_bytes(flow->queue),
                                 .in_flight_bytes = outbox_bytes(flow->outbox),
                                 .spool_records = spool.records,
                                 .spool_bytes = spool.bytes,
                                 .spool_max_bytes = spool.max_bytes};
    (void)snprintf(state->trouble, sizeof state->trouble, "%s", contact.trouble);
}

void to_kafka_stop(struct to_kafka *flow, struct totals *totals)
{
    for (struct stream *stream = flow->streams; stream; stream = stream->next)
        stream_stop(stream);
    rosc_spinner_destroy(flow->spinner);
    flow->spinner = NULL;
    rosc_queue_destroy(flow->callbacks);
    flow->callbacks = NULL;

    flow->deadline = rosc_time_steady() + (int64_t)(flow->config->shutdown_timeout * NANOSECONDS);
    if (flow->queue)
        queue_close(flow->queue);
    if (flow->writer_runs)
        (void)pthread_join(flow->writer_thread, NULL);
    flow->writer_runs = false;
    sender_stop(flow->sender, flow->deadline);
    if (flow->outbox)
        outbox_close(flow->outbox);
    to_kafka_totals(flow, totals);
    if (flow->config->spool.is_trial && totals->spooled > 0)
        ROSC_LOG_WARN("the trial ends, and with it its spool: %llu records that the embedded "
                      "broker had not taken are gone",
                      (unsigned long long)totals->spooled);
}

void to_kafka_destroy(struct to_kafka *flow)
{
    if (!flow)
        return;
    sender_destroy(flow->sender); /* the last reports count in the streams */
    HASH_CLEAR(hh, flow->by_key);
    while (flow->streams) {
        struct stream *stream = flow->streams;
        flow->streams = stream->next;
        stream_destroy(stream);
    }
    outbox_destroy(flow->outbox);
    writer_destroy(flow->writer);
    origins_destroy(flow->origins);
    spool_close(flow->spool);
    trial_end(&flow->trial);
    discovery_destroy(flow->discovery);
    targets_destroy(flow->targets);
    packages_destroy(flow->packages);
    queue_destroy(flow->queue);
    pthread_mutex_destroy(&flow->mutex);
    free(flow);
}
