#include "bridge/to_kafka/stream.h"

#include "bridge/flow/loop_guard.h"
#include "bridge/to_kafka/publisher_plan.h"

#include <math.h>
#include <rosc/rosc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NANOSECONDS        1e9
#define LOG_PERIOD_SECONDS 10.0

static void source_destroy(struct source *source)
{
    encoder_destroy(source->encoder);
    elements_destroy(source->elements);
    plan_destroy(source->plan);
    free(source->type);
    free(source->md5sum);
    free(source->publisher);
    free(source);
}

/* Of what the records are made: messages, or elements of them. */
static enum error_code compile_encoder(struct source *source)
{
    const struct stream *stream = source->stream;
    const struct to_kafka_route *route = stream->route;
    struct error found;
    const struct plan *plan = source->plan;
    if (route->each) {
        enum error_code code = elements_create(plan, route->each, &source->elements, &found);
        if (code != ERROR_NONE) {
            char path[CONFIG_PATH_SIZE + sizeof ".each"];
            (void)snprintf(path, sizeof path, "%s.each", route->path);
            return error_set(&source->error, code, path, 0, "%s", found.text);
        }
        plan = elements_plan(source->elements);
    }
    return encoder_create(stream->config, route, stream->ros_topic, plan, &source->encoder,
                          &source->error);
}

static void compile_plan(struct source *source, const struct rosc_connection *connection)
{
    const struct stream *stream = source->stream;
    enum error_code code =
        publisher_plan(stream->packages, connection, &source->plan, &source->error);
    source->lacks_definition = code != ERROR_NONE;
    if (code == ERROR_NONE && compile_encoder(source) != ERROR_NONE)
        source->encoder = NULL;
    else if (code == ERROR_MISSING &&
             encoder_create_blind(stream->config, stream->route, stream->ros_topic, source->type,
                                  &source->encoder, NULL) != ERROR_NONE)
        source->encoder = NULL;
}

/* Makes what the source's messages need; where that fails the source keeps the error and its
 * messages go to the dead-letter topic. */
static void source_compile(struct source *source, const struct rosc_connection *connection)
{
    struct stream *stream = source->stream;
    const struct to_kafka_route *route = stream->route;
    if (targets_get(stream->targets, route, stream->ros_topic, source->type, &source->target,
                    &source->error) != ERROR_NONE)
        return;
    stream->target = source->target;
    if (route->ros_type && strcmp(route->ros_type, source->type) != 0)
        (void)error_set(&source->error, ERROR_TYPE, route->path, 0,
                        "%s publishes %s on %s; this route takes %s only", connection->caller_id,
                        source->type, stream->ros_topic, route->ros_type);
    else
        compile_plan(source, connection);
}

static void source_log(const struct source *source, const struct rosc_connection *connection)
{
    const struct stream *stream = source->stream;
    if (source->looped)
        ROSC_LOG_INFO("%s: %s publishes what came from Kafka; it is not sent back",
                      stream->ros_topic, connection->caller_id);
    else if (source->encoder && source->elements)
        ROSC_LOG_INFO("%s (each of %s in %s from %s) -> Kafka topic %s", stream->ros_topic,
                      stream->route->each, source->type, connection->caller_id,
                      source->target->kafka_topic);
    else if (source->encoder)
        ROSC_LOG_INFO("%s (%s from %s) -> Kafka topic %s", stream->ros_topic, source->type,
                      connection->caller_id, source->target->kafka_topic);
    else
        ROSC_LOG_ERROR("%s (%s from %s): %s: %s; its messages are %s", stream->ros_topic,
                       source->type, connection->caller_id, source->error.path, source->error.text,
                       source->target ? "dead letters" : "dropped and counted");
}

/* `lacking`: the source of an earlier connection whose publisher sent no definition that will do,
 * or NULL; where this one's will, the new source takes its place, else it is returned. */
static struct source *source_create(struct stream *stream, const struct rosc_connection *connection,
                                    const char *publisher, bool looped, struct source *lacking)
{
    struct source *source = calloc(1, sizeof *source);
    if (!source)
        return NULL;
    source->stream = stream;
    source->type = strdup(connection->type);
    source->md5sum = strdup(connection->md5sum);
    source->publisher = strdup(publisher);
    source->latched = connection->latched;
    source->looped = looped;
    if (!source->type || !source->md5sum || !source->publisher) {
        source_destroy(source);
        return NULL;
    }
    if (!looped)
        source_compile(source, connection);
    if (lacking && source->lacks_definition) {
        source_destroy(source);
        return lacking;
    }
    if (lacking)
        lacking->successor = source;
    source_log(source, connection);
    source->next = stream->sources;
    stream->sources = source;
    return source;
}

/* The publisher's name where its messages are to be told from those of others that latch too: each
 * has a last message. */
static const char *publisher_of(struct stream *stream, const struct rosc_connection *connection)
{
    size_t count = 0;
    if (!connection->latched)
        return "";
    for (const struct source *source = stream->sources; source; source = source->next)
        if (*source->publisher && strcmp(source->publisher, connection->caller_id) == 0)
            return connection->caller_id;
        else
            count += *source->publisher != '\0';
    if (count < STREAM_PUBLISHERS)
        return connection->caller_id;
    if (rosc_throttle_pass(&stream->crowd_log, LOG_PERIOD_SECONDS, NULL))
        ROSC_LOG_WARN("%s: more than %d publishers have latched: the records of %s and others do "
                      "not name them, and of these only one last message is kept at the far side",
                      stream->ros_topic, STREAM_PUBLISHERS, connection->caller_id);
    return "";
}

static struct source *source_find(struct stream *stream, const struct rosc_connection *connection)
{
    const char *publisher = publisher_of(stream, connection);
    bool looped = loop_guard_is_from_kafka(connection);
    struct source *found = stream->sources;
    while (found &&
           (found->latched != connection->latched || found->looped != looped ||
            strcmp(found->md5sum, connection->md5sum) != 0 ||
            strcmp(found->publisher, publisher) != 0 || strcmp(found->type, connection->type) != 0))
        found = found->next;
    return found && !found->lacks_definition
               ? found
               : source_create(stream, connection, publisher, looped, found);
}

/* What was the publisher's last header.seq: by an earlier connection, or by the spool in an earlier
 * run, so that what ROS did not hand over in between shows as a gap. */
static void find_last_seq(struct stream *stream, const char *caller_id,
                          struct stream_connection *made)
{
    char name[2 * NAMES_ROS_SIZE];
    (void)snprintf(name, sizeof name, "%s %s", stream->ros_topic, caller_id);
    made->note = spool_note(stream->spool, name);
    if (!made->note)
        return;
    const struct stream_connection *newest = NULL;
    for (const struct stream_connection *known = stream->connections; known; known = known->hh.next)
        if (known->note == made->note && known->has_seq &&
            (!newest || known->heard > newest->heard))
            newest = known;
    made->has_seq = newest || made->note->known;
    made->seq = newest ? newest->seq : (uint32_t)made->note->found;
}

static void forget_longest_unheard(struct stream *stream)
{
    struct stream_connection *oldest = stream->connections;
    for (struct stream_connection *known = oldest; known; known = known->hh.next)
        if (known->heard < oldest->heard)
            oldest = known;
    HASH_DEL(stream->connections, oldest);
    free(oldest);
}

/* NULL only where memory ran out. */
static struct stream_connection *connection_add(struct stream *stream,
                                                const struct rosc_connection *connection)
{
    struct source *source = source_find(stream, connection);
    struct stream_connection *made = source ? calloc(1, sizeof *made) : NULL;
    if (!made)
        return NULL;
    made->id = connection->id;
    made->source = source;
    if (source->plan && plan_has_header(source->plan))
        find_last_seq(stream, connection->caller_id, made);
    if (HASH_COUNT(stream->connections) >= STREAM_CONNECTIONS)
        forget_longest_unheard(stream);
    HASH_ADD(hh, stream->connections, id, sizeof made->id, made);
    if (hash_has(made))
        return made;
    free(made);
    return NULL;
}

static struct stream_connection *connection_find(struct stream *stream,
                                                 const struct rosc_connection *connection)
{
    struct stream_connection *known = stream->newest;
    if (known && known->id == connection->id)
        return known;
    HASH_FIND(hh, stream->connections, &connection->id, sizeof connection->id, known);
    return stream->newest = known ? known : connection_add(stream, connection);
}

/* Counts the gap that header.seq shows. A publisher that starts over is not a gap. */
static void count_missed(struct stream *stream, struct stream_connection *connection,
                         const struct rosc_message *message)
{
    struct plan_header header;
    if (!connection->source->plan ||
        !plan_read_header(connection->source->plan, message->data, message->size, &header))
        return;
    if (connection->has_seq && header.seq > connection->seq + 1 && connection->seq != UINT32_MAX)
        counter_add(&stream->counters.missed, header.seq - connection->seq - 1);
    connection->seq = header.seq;
    connection->has_seq = true;
}

/* Whether max_rate lets a message through now: one per period, without letting lateness add up to a
 * burst. */
static bool within_rate(struct stream *stream)
{
    double rate = stream->route->max_rate;
    if (rate <= 0)
        return true;
    int64_t now = rosc_time_steady();
    if (now < stream->next_allowed)
        return false;
    int64_t period = (int64_t)(NANOSECONDS / rate);
    int64_t behind = now - stream->next_allowed;
    stream->next_allowed = behind < period ? stream->next_allowed + period : now + period;
    return true;
}

static void drop_full(struct stream *stream, enum error_code code, size_t size)
{
    uint64_t suppressed = 0;
    counter_add(&stream->counters.dropped[DROP_QUEUE_FULL], 1);
    if (!rosc_throttle_pass(&stream->full_log, LOG_PERIOD_SECONDS, &suppressed))
        return;
    ROSC_LOG_WARN(
        "%s: a message of %zu bytes dropped (and %llu before): %s; queue_max_bytes is %zu",
        stream->ros_topic, size, (unsigned long long)suppressed,
        code == ERROR_FULL ? "the queue is full, Kafka does not keep up"
                           : "it does not fit the queue",
        stream->config->queue_max_bytes);
}

static void receive(const struct rosc_message *message, void *user)
{
    struct stream *stream = user;
    counter_add(&stream->counters.received, 1);
    struct stream_connection *connection = connection_find(stream, message->connection);
    if (!connection) {
        drop_full(stream, ERROR_MEMORY, message->size);
        return;
    }
    while (connection->source->successor)
        connection->source = connection->source->successor;
    connection->heard = ++stream->heard;
    if (connection->source->looped) {
        counter_add(&stream->counters.dropped[DROP_LOOP], 1);
        return;
    }
    count_missed(stream, connection, message);
    if (!within_rate(stream)) {
        counter_add(&stream->counters.dropped[DROP_MAX_RATE], 1);
        return;
    }
    const struct queue_entry entry = {.owner = connection->source,
                                      .note = connection->note,
                                      .receipt = message->receipt,
                                      .data = message->data,
                                      .size = message->size};
    enum error_code code = queue_push(stream->queue, &entry);
    if (code != ERROR_NONE)
        drop_full(stream, code, message->size);
}

void stream_key(const struct to_kafka_route *route, const char *ros_topic,
                char key[STREAM_KEY_SIZE])
{
    (void)snprintf(key, STREAM_KEY_SIZE, "%s %s", ros_topic, route->path);
}

enum error_code stream_create(const struct stream_surroundings *around,
                              const struct to_kafka_route *route, const char *ros_topic,
                              struct stream **stream, struct error *error)
{
    char key[STREAM_KEY_SIZE];
    struct stream *made = calloc(1, sizeof *made);
    if (!made)
        return error_set(error, ERROR_MEMORY, route->path, 0, "out of memory");
    stream_key(route, ros_topic, key);
    made->config = around->config;
    made->route = route;
    made->ros_topic = strdup(ros_topic);
    made->key = strdup(key);
    if (!made->ros_topic || !made->key) {
        stream_destroy(made);
        return error_set(error, ERROR_MEMORY, route->path, 0, "out of memory");
    }
    made->queue = around->queue;
    made->targets = around->targets;
    made->spool = around->spool;
    made->packages = around->packages;
    const struct rosc_subscription_options options = {.without_nodelay = !route->tcp_nodelay};
    struct rosc_error ros_error;
    if (rosc_subscription_create(around->callbacks, ros_topic, &options, receive, made,
                                 &made->subscription, &ros_error) != ROSC_OK) {
        stream_destroy(made);
        return error_set(error, ERROR_IO, route->path, 0, "%s cannot be subscribed to: %s",
                         ros_topic, ros_error.text);
    }
    *stream = made;
    return ERROR_NONE;
}

void stream_stop(struct stream *stream)
{
    rosc_subscription_destroy(stream->subscription);
    stream->subscription = NULL;
}

void stream_destroy(struct stream *stream)
{
    if (!stream)
        return;
    stream_stop(stream);
    while (stream->sources) {
        struct source *source = stream->sources;
        stream->sources = source->next;
        source_destroy(source);
    }
    struct stream_connection *connections = stream->connections;
    HASH_CLEAR(hh, stream->connections);
    while (connections) {
        struct stream_connection *connection = connections;
        connections = connection->hh.next;
        free(connection);
    }
    free(stream->ros_topic);
    free(stream->key);
    free(stream);
}
