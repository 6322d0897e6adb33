#include "kafka/reading/scan.h"

#include "kafka/connection/client.h"
#include "kafka/connection/events.h"
#include "kafka/connection/fatal.h"
#include "kafka/record/message.h"
#include "kafka/settings/conf.h"

#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#define NO_GROUP     "kafka_bridge_scan" /* librdkafka wants a name; nothing is kept under it */
#define AHEAD_KBYTES "16384"

struct kafka_scan {
    rd_kafka_t *client;
    struct kafka_events events;
    char *topic;
    char *group; /* NULL: none */
    int timeout_ms;
    struct kafka_scan_partition *partitions;
    int64_t *next; /* of each partition: the offset that comes next */
    size_t count;
    size_t open; /* partitions that are not at their end */
    bool begun;
    rd_kafka_message_t *message;
};

/* The user's properties without those that make a member of a group. */
static enum error_code copy_properties(const struct kafka_properties *properties,
                                       struct kafka_properties *copy)
{
    enum error_code code = ERROR_NONE;
    kafka_properties_init(copy);
    for (size_t i = 0; i < properties->count && code == ERROR_NONE; i++) {
        const struct kafka_property *item = &properties->items[i];
        if (strncmp(item->name, "group.", strlen("group.")) != 0)
            code = kafka_properties_set(copy, item->name, item->value);
    }
    return code;
}

static enum error_code set_ours(rd_kafka_conf_t *conf, const struct kafka_scan *scan,
                                const struct kafka_properties *properties, struct error *error)
{
    const char *ours[][2] = {
        {"group.id", scan->group ? scan->group : NO_GROUP},
        {"enable.auto.commit", "false"},
        {"enable.partition.eof", "true"},
        {"auto.offset.reset", "earliest"},
    };
    enum error_code code = ERROR_NONE;
    for (size_t i = 0; i < sizeof ours / sizeof ours[0] && code == ERROR_NONE; i++)
        code = kafka_conf_set(conf, ours[i][0], ours[i][1], error);
    if (code == ERROR_NONE && !kafka_properties_get(properties, "queued.max.messages.kbytes"))
        code = kafka_conf_set(conf, "queued.max.messages.kbytes", AHEAD_KBYTES, error);
    return code;
}

static enum error_code make_client(struct kafka_scan *scan,
                                   const struct kafka_properties *properties, struct error *error)
{
    rd_kafka_conf_t *conf;
    enum error_code code = kafka_conf_create(KAFKA_ROLE_CONSUMER, properties, &conf, error);
    if (code != ERROR_NONE)
        return code;
    code = set_ours(conf, scan, properties, error);
    if (code != ERROR_NONE) {
        rd_kafka_conf_destroy(conf);
        return code;
    }
    kafka_events_listen(&scan->events, conf);
    code = kafka_client_create(KAFKA_ROLE_CONSUMER, conf, properties, NULL, &scan->client, error);
    if (code == ERROR_NONE)
        (void)rd_kafka_poll_set_consumer(scan->client);
    return code;
}

static enum error_code say(struct error *error, struct kafka_scan *scan, const char *what,
                           rd_kafka_resp_err_t reason)
{
    char failure[ERROR_TEXT_SIZE / 2];
    rd_kafka_message_t *message = NULL;
    /* What went wrong with the connection is heard of in polls. */
    while (!scan->begun && (message = rd_kafka_consumer_poll(scan->client, 0)))
        rd_kafka_message_destroy(message);
    kafka_events_failure(&scan->events, failure, sizeof failure);
    return error_set(error, ERROR_IO, scan->topic, 0, "%s: %s%s%s", what, rd_kafka_err2str(reason),
                     *failure ? ": " : "", failure);
}

static enum error_code take_partitions(struct kafka_scan *scan,
                                       const struct rd_kafka_metadata_topic *topic,
                                       struct error *error)
{
    size_t count = (size_t)topic->partition_cnt;
    scan->partitions = calloc(count, sizeof *scan->partitions);
    scan->next = calloc(count, sizeof *scan->next);
    if (!scan->partitions || !scan->next)
        return error_set(error, ERROR_MEMORY, scan->topic, 0, "no memory for its partitions");
    for (size_t i = 0; i < count; i++)
        scan->partitions[i] =
            (struct kafka_scan_partition){.partition = topic->partitions[i].id, .committed = -1};
    scan->count = count;
    return ERROR_NONE;
}

/* Looks for the topic among all, since asking for it by name could make it. */
static enum error_code find_topic(struct kafka_scan *scan, struct error *error)
{
    const struct rd_kafka_metadata *metadata;
    rd_kafka_resp_err_t failure =
        rd_kafka_metadata(scan->client, 1, NULL, &metadata, scan->timeout_ms);
    if (failure != RD_KAFKA_RESP_ERR_NO_ERROR)
        return say(error, scan, "the brokers do not say which topics there are", failure);
    enum error_code code = ERROR_MISSING;
    for (int i = 0; i < metadata->topic_cnt && code == ERROR_MISSING; i++) {
        const struct rd_kafka_metadata_topic *topic = &metadata->topics[i];
        if (strcmp(topic->topic, scan->topic) == 0 && topic->partition_cnt > 0)
            code = take_partitions(scan, topic, error);
    }
    rd_kafka_metadata_destroy(metadata);
    return code == ERROR_MISSING
               ? error_set(error, code, scan->topic, 0, "there is no topic %s", scan->topic)
               : code;
}

static rd_kafka_topic_partition_list_t *list_partitions(const struct kafka_scan *scan)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)scan->count);
    for (size_t i = 0; i < scan->count; i++)
        (void)rd_kafka_topic_partition_list_add(list, scan->topic, scan->partitions[i].partition);
    return list;
}

/* The offsets of all partitions at a time (milliseconds since the Unix epoch), or at
 * RD_KAFKA_OFFSET_BEGINNING or _END; NULL, and `what` with its reason.
 * (rd_kafka_query_watermark_offsets goes on waiting for a broker that has just gone.) */
static rd_kafka_topic_partition_list_t *ask(struct kafka_scan *scan, int64_t when, const char *what,
                                            struct error *error)
{
    rd_kafka_topic_partition_list_t *list = list_partitions(scan);
    for (size_t i = 0; i < scan->count; i++)
        list->elems[i].offset = when;
    rd_kafka_resp_err_t failure = rd_kafka_offsets_for_times(scan->client, list, scan->timeout_ms);
    for (size_t i = 0; i < scan->count && failure == RD_KAFKA_RESP_ERR_NO_ERROR; i++)
        failure = list->elems[i].err;
    if (failure == RD_KAFKA_RESP_ERR_NO_ERROR)
        return list;
    (void)say(error, scan, what, failure);
    rd_kafka_topic_partition_list_destroy(list);
    return NULL;
}

static enum error_code find_bounds(struct kafka_scan *scan, struct error *error)
{
    static const char what[] = "the brokers do not say where it begins and ends";
    rd_kafka_topic_partition_list_t *firsts = ask(scan, RD_KAFKA_OFFSET_BEGINNING, what, error);
    rd_kafka_topic_partition_list_t *ends =
        firsts ? ask(scan, RD_KAFKA_OFFSET_END, what, error) : NULL;
    for (size_t i = 0; ends && i < scan->count; i++) {
        struct kafka_scan_partition *partition = &scan->partitions[i];
        partition->from = partition->first = firsts->elems[i].offset;
        partition->to = partition->end = ends->elems[i].offset;
    }
    enum error_code code = ends ? ERROR_NONE : ERROR_IO;
    if (ends)
        rd_kafka_topic_partition_list_destroy(ends);
    if (firsts)
        rd_kafka_topic_partition_list_destroy(firsts);
    return code;
}

/* An offset with a text beside it is of a build before this one, which kept in the text what is to
 * be read again below the offset: it does not count. */
static int64_t offset_of(const rd_kafka_topic_partition_t *found)
{
    return found->offset >= 0 && found->metadata_size == 0 ? found->offset : -1;
}

static enum error_code find_committed(struct kafka_scan *scan, struct error *error)
{
    if (!scan->group)
        return ERROR_NONE;
    rd_kafka_topic_partition_list_t *list = list_partitions(scan);
    rd_kafka_resp_err_t failure = rd_kafka_committed(scan->client, list, scan->timeout_ms);
    for (size_t i = 0; i < scan->count && failure == RD_KAFKA_RESP_ERR_NO_ERROR; i++) {
        failure = list->elems[i].err;
        scan->partitions[i].committed = offset_of(&list->elems[i]);
    }
    rd_kafka_topic_partition_list_destroy(list);
    return failure == RD_KAFKA_RESP_ERR_NO_ERROR
               ? ERROR_NONE
               : say(error, scan, "the brokers do not say what was done before", failure);
}

static void release_message(struct kafka_scan *scan)
{
    if (scan->message)
        rd_kafka_message_destroy(scan->message);
    scan->message = NULL;
}

void kafka_scan_destroy(struct kafka_scan *scan)
{
    if (!scan)
        return;
    release_message(scan);
    if (scan->client) {
        (void)rd_kafka_consumer_close(scan->client);
        rd_kafka_destroy(scan->client);
    }
    free(scan->partitions);
    free(scan->next);
    free(scan->topic);
    free(scan->group);
    kafka_events_fini(&scan->events);
    free(scan);
}

static enum error_code prepare(struct kafka_scan *scan, const struct kafka_scan_options *options,
                               struct error *error)
{
    struct kafka_properties properties;
    scan->timeout_ms = options->timeout_ms;
    scan->topic = strdup(options->topic);
    scan->group = options->group ? strdup(options->group) : NULL;
    enum error_code code = copy_properties(options->properties, &properties);
    if (code != ERROR_NONE || !scan->topic || (options->group && !scan->group))
        code = error_set(error, ERROR_MEMORY, options->topic, 0, "no memory");
    if (code == ERROR_NONE)
        code = make_client(scan, &properties, error);
    kafka_properties_fini(&properties);
    if (code == ERROR_NONE)
        code = find_topic(scan, error);
    if (code == ERROR_NONE)
        code = find_bounds(scan, error);
    return code == ERROR_NONE ? find_committed(scan, error) : code;
}

enum error_code kafka_scan_create(const struct kafka_scan_options *options,
                                  struct kafka_scan **scan, struct error *error)
{
    struct kafka_scan *self = calloc(1, sizeof *self);
    if (!self ||
        kafka_events_init(&self->events, "reader", options->properties, self) != ERROR_NONE) {
        free(self);
        return error_set(error, ERROR_MEMORY, options->topic, 0, "no memory");
    }
    enum error_code code = prepare(self, options, error);
    if (code != ERROR_NONE) {
        kafka_scan_destroy(self);
        return code;
    }
    *scan = self;
    return ERROR_NONE;
}

struct kafka_scan_partition *kafka_scan_partitions(struct kafka_scan *scan, size_t *count)
{
    *count = scan->count;
    return scan->partitions;
}

enum error_code kafka_scan_find(struct kafka_scan *scan, int64_t timestamp, int64_t *offsets,
                                struct error *error)
{
    rd_kafka_topic_partition_list_t *list =
        ask(scan, timestamp, "the brokers do not say what was written when", error);
    if (!list)
        return ERROR_IO;
    for (size_t i = 0; i < scan->count; i++) {
        /* A time behind the last record is answered with "the end". */
        offsets[i] = list->elems[i].offset >= 0 ? list->elems[i].offset : scan->partitions[i].end;
    }
    rd_kafka_topic_partition_list_destroy(list);
    return ERROR_NONE;
}

static enum error_code begin(struct kafka_scan *scan, struct error *error)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)scan->count);
    scan->begun = true;
    for (size_t i = 0; i < scan->count; i++) {
        struct kafka_scan_partition *partition = &scan->partitions[i];
        if (partition->from < partition->first)
            partition->from = partition->first;
        if (partition->to > partition->end)
            partition->to = partition->end;
        scan->next[i] = partition->from;
        if (partition->from >= partition->to)
            continue;
        rd_kafka_topic_partition_list_add(list, scan->topic, partition->partition)->offset =
            partition->from;
        scan->open++;
    }
    rd_kafka_resp_err_t failure = rd_kafka_assign(scan->client, list);
    rd_kafka_topic_partition_list_destroy(list);
    return failure == RD_KAFKA_RESP_ERR_NO_ERROR ? ERROR_NONE
                                                 : say(error, scan, "cannot be read", failure);
}

static size_t index_of(const struct kafka_scan *scan, int32_t partition)
{
    size_t i = 0;
    while (i < scan->count && scan->partitions[i].partition != partition)
        i++;
    return i;
}

static bool is_open(const struct kafka_scan *scan, size_t i)
{
    return i < scan->count && scan->next[i] < scan->partitions[i].to;
}

/* The partition is at its end: what was read ahead of it is passed over. */
static void close_partition(struct kafka_scan *scan, size_t i)
{
    const struct kafka_scan_partition *partition = &scan->partitions[i];
    scan->next[i] = partition->to;
    scan->open--;
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
    (void)rd_kafka_topic_partition_list_add(list, scan->topic, partition->partition);
    (void)rd_kafka_pause_partitions(scan->client, list);
    rd_kafka_topic_partition_list_destroy(list);
}

/* Whether the record belongs to the pass, which moves on behind it. */
static bool pass(struct kafka_scan *scan, const rd_kafka_message_t *message)
{
    size_t i = index_of(scan, message->partition);
    if (!is_open(scan, i))
        return false;
    bool within = message->offset < scan->partitions[i].to;
    if (within)
        scan->next[i] = message->offset + 1;
    if (!within || !is_open(scan, i))
        close_partition(scan, i);
    return within;
}

/* The partition has no more: offsets without a record (of transactions) lie before its end. */
static void pass_end(struct kafka_scan *scan, int32_t partition)
{
    size_t i = index_of(scan, partition);
    if (is_open(scan, i))
        close_partition(scan, i);
}

/* What is no record. ERROR_FULL: goes on. */
static enum error_code on_event(struct kafka_scan *scan, const rd_kafka_message_t *event,
                                struct error *error)
{
    switch (event->err) {
    case RD_KAFKA_RESP_ERR__PARTITION_EOF:
        pass_end(scan, event->partition);
        return ERROR_FULL;
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
        return error_set(error, ERROR_IO, scan->topic, 0, "%s", rd_kafka_message_errstr(event));
    case RD_KAFKA_RESP_ERR__FATAL:
        return kafka_fatal_describe(scan->client, error) ? ERROR_IO : ERROR_FULL;
    default:
        kafka_events_say(&scan->events, LOG_WARNING, "%s: %s", scan->topic,
                         rd_kafka_message_errstr(event));
        return ERROR_FULL;
    }
}

enum error_code kafka_scan_next(struct kafka_scan *scan, int timeout_ms,
                                struct kafka_record *record, struct error *error)
{
    enum error_code code = scan->begun ? ERROR_NONE : begin(scan, error);
    int64_t deadline = kafka_now_ms() + timeout_ms;
    if (code != ERROR_NONE)
        return code;
    release_message(scan);
    kafka_events_probe(&scan->events, scan->client);
    while (scan->open > 0) {
        int64_t left = deadline - kafka_now_ms();
        scan->message = rd_kafka_consumer_poll(scan->client, left > 0 ? (int)left : 0);
        if (!scan->message)
            return error_set(error, ERROR_FULL, scan->topic, 0, "no record came");
        if (scan->message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
            code = on_event(scan, scan->message, error);
            if (code != ERROR_FULL)
                return code;
        } else if (pass(scan, scan->message)) {
            kafka_events_delivered(&scan->events);
            kafka_message_read(scan->message, record);
            return ERROR_NONE;
        }
        release_message(scan);
    }
    return error_set(error, ERROR_MISSING, scan->topic, 0, "all was read");
}

uint64_t kafka_scan_passed(const struct kafka_scan *scan)
{
    uint64_t passed = 0;
    for (size_t i = 0; i < scan->count && scan->begun; i++)
        if (scan->next[i] > scan->partitions[i].from)
            passed += (uint64_t)(scan->next[i] - scan->partitions[i].from);
    return passed;
}

uint64_t kafka_scan_total(const struct kafka_scan *scan)
{
    uint64_t total = 0;
    for (size_t i = 0; i < scan->count; i++)
        if (scan->partitions[i].to > scan->partitions[i].from)
            total += (uint64_t)(scan->partitions[i].to - scan->partitions[i].from);
    return total;
}

enum error_code kafka_scan_commit(struct kafka_scan *scan, int32_t partition, int64_t offset,
                                  struct error *error)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_t *item =
        rd_kafka_topic_partition_list_add(list, scan->topic, partition);
    item->offset = offset;
    rd_kafka_resp_err_t failure = rd_kafka_commit(scan->client, list, 0);
    if (failure == RD_KAFKA_RESP_ERR_NO_ERROR)
        failure = item->err;
    rd_kafka_topic_partition_list_destroy(list);
    return failure == RD_KAFKA_RESP_ERR_NO_ERROR
               ? ERROR_NONE
               : say(error, scan, "what was done cannot be remembered", failure);
}
