#include "kafka/consumer/lost_offsets.h"

#include "kafka/connection/log.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#define QUERY_TIMEOUT_MS 1000
#define RETRY_MS         100
/* A new leader may not know its own end for a moment: an offset beyond it is looked at so often. */
#define LOOKS 20

struct kafka_lost_offset {
    struct kafka_lost_offset *next;
    int32_t partition;
    int64_t offset;  /* the one that is not there; below 0 where the group has none */
    int64_t reached; /* how far this process has come; below 0 where it never was there */
    int looks;
    char topic[];
};

void kafka_lost_offsets_init(struct kafka_lost_offsets *resets, struct kafka_events *events,
                             const char *policy, kafka_gap_callback gap, void *user)
{
    static const struct {
        const char *name;
        enum kafka_reset_policy policy;
    } policies[] = {{"latest", KAFKA_RESET_LATEST},
                    {"largest", KAFKA_RESET_LATEST},
                    {"end", KAFKA_RESET_LATEST},
                    {"error", KAFKA_RESET_NEVER}};
    *resets = (struct kafka_lost_offsets){.events = events, .gap = gap, .user = user};
    resets->reached = rd_kafka_topic_partition_list_new(1);
    for (size_t i = 0; policy && i < sizeof policies / sizeof policies[0]; i++) {
        if (strcmp(policies[i].name, policy) == 0)
            resets->policy = policies[i].policy;
    }
}

void kafka_lost_offsets_fini(struct kafka_lost_offsets *resets)
{
    if (resets->reached)
        rd_kafka_topic_partition_list_destroy(resets->reached);
    while (resets->waiting) {
        struct kafka_lost_offset *reset = resets->waiting;
        resets->waiting = reset->next;
        free(reset);
    }
}

/* Where the pointer to that partition's reset stands, or the list's end. */
static struct kafka_lost_offset **find(struct kafka_lost_offsets *resets, const char *topic,
                                       int32_t partition)
{
    struct kafka_lost_offset **at = &resets->waiting;
    while (*at && ((*at)->partition != partition || strcmp((*at)->topic, topic) != 0))
        at = &(*at)->next;
    return at;
}

static void drop(struct kafka_lost_offset **at)
{
    struct kafka_lost_offset *reset = *at;
    *at = reset->next;
    free(reset);
}

void kafka_lost_offsets_reach(struct kafka_lost_offsets *resets, const char *topic,
                              int32_t partition, int64_t next)
{
    rd_kafka_topic_partition_t *item =
        rd_kafka_topic_partition_list_find(resets->reached, topic, partition);
    if (!item)
        item = rd_kafka_topic_partition_list_add(resets->reached, topic, partition);
    item->offset = next;
}

bool kafka_lost_offsets_concern(const rd_kafka_message_t *event)
{
    /* librdkafka before 1.5 hands over the reason itself. */
    return event->rkt && ((int)event->err == KAFKA_ERR_AUTO_OFFSET_RESET ||
                          event->err == RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE ||
                          event->err == RD_KAFKA_RESP_ERR__NO_OFFSET);
}

enum error_code kafka_lost_offsets_note(struct kafka_lost_offsets *resets,
                                        const rd_kafka_message_t *event, struct error *error)
{
    const char *topic = rd_kafka_topic_name(event->rkt);
    if (resets->policy == KAFKA_RESET_NEVER)
        return error_set(error, ERROR_IO, topic, 0,
                         "partition %" PRId32 " stays where it is (auto.offset.reset: error): %s",
                         event->partition, rd_kafka_message_errstr(event));
    struct kafka_lost_offset **at = find(resets, topic, event->partition);
    if (!*at) {
        size_t size = strlen(topic) + 1;
        *at = calloc(1, sizeof **at + size);
        if (!*at)
            return error_set(error, ERROR_MEMORY, topic, 0, "no memory to go on reading");
        memcpy((*at)->topic, topic, size);
        (*at)->partition = event->partition;
    }
    const rd_kafka_topic_partition_t *reached =
        rd_kafka_topic_partition_list_find(resets->reached, topic, event->partition);
    (*at)->offset = event->offset;
    (*at)->reached = reached ? reached->offset : -1;
    (*at)->looks = 0;
    return ERROR_NONE;
}

static void say(struct kafka_lost_offsets *resets, const struct kafka_gap *gap, int64_t end)
{
    const char *where = resets->policy == KAFKA_RESET_LATEST ? "its end" : "its beginning";
    if (gap->lost > 0)
        kafka_log_write(KAFKA_LOG_ERROR,
                        "Kafka topic %s, partition %" PRId32 ": %" PRIu64
                        " records from offset %" PRId64
                        " on are gone before they were read (deleted by retention or by hand); "
                        "reading goes on at offset %" PRId64 ", %s",
                        gap->topic, gap->partition, gap->lost, gap->from, gap->to, where);
    else
        kafka_log_write(KAFKA_LOG_ERROR,
                        "Kafka topic %s, partition %" PRId32 ": it ends at offset %" PRId64
                        ", and was read up to %" PRId64
                        ": the topic was deleted and made again, or has lost its end; reading goes "
                        "on at offset %" PRId64 ", %s",
                        gap->topic, gap->partition, end, gap->from, gap->to, where);
    if (resets->gap)
        resets->gap(gap, resets->user);
}

/* Where all partitions that wait begin or end (RD_KAFKA_OFFSET_BEGINNING, RD_KAFKA_OFFSET_END), of
 * those whose brokers answer in time; NULL: of none. (rd_kafka_query_watermark_offsets goes on
 * waiting for a broker that has just gone.) */
static rd_kafka_topic_partition_list_t *ask(const struct kafka_lost_offsets *resets,
                                            rd_kafka_t *client, int64_t which)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
    for (const struct kafka_lost_offset *reset = resets->waiting; reset; reset = reset->next)
        rd_kafka_topic_partition_list_add(list, reset->topic, reset->partition)->offset = which;
    if (rd_kafka_offsets_for_times(client, list, QUERY_TIMEOUT_MS) == RD_KAFKA_RESP_ERR_NO_ERROR)
        return list;
    rd_kafka_topic_partition_list_destroy(list);
    return NULL;
}

/* What was answered for the partition; -1: nothing. */
static int64_t answer(rd_kafka_topic_partition_list_t *list, const struct kafka_lost_offset *reset)
{
    const rd_kafka_topic_partition_t *item =
        rd_kafka_topic_partition_list_find(list, reset->topic, reset->partition);
    return item->err == RD_KAFKA_RESP_ERR_NO_ERROR && item->offset >= 0 ? item->offset : -1;
}

/* Where reading goes on, or -1: to be looked at again. */
static int64_t choose(enum kafka_reset_policy policy, struct kafka_lost_offset *reset, int64_t low,
                      int64_t end)
{
    if (low < 0 || end < 0)
        return -1;
    if (reset->offset >= low && reset->offset <= end)
        return reset->offset;
    if (reset->offset > end && ++reset->looks < LOOKS)
        return -1;
    return policy == KAFKA_RESET_LATEST ? end : low;
}

/* What this process had come to, or has told of before, is not missed: the group may have another
 * place, or none (as for a topic that was made again), where its commits went lost. */
static void tell(struct kafka_lost_offsets *resets, const struct kafka_lost_offset *reset,
                 int64_t to, int64_t end)
{
    int64_t from = reset->offset;
    if (reset->reached > from && reset->reached <= to)
        from = reset->reached;
    if (from < 0 || from == to)
        return;
    kafka_lost_offsets_reach(resets, reset->topic, reset->partition, to);
    struct kafka_gap gap = {.topic = reset->topic,
                            .partition = reset->partition,
                            .from = from,
                            .to = to,
                            .lost = to > from ? (uint64_t)(to - from) : 0};
    say(resets, &gap, end);
}

/* The partitions of which is known where they go on. */
static rd_kafka_topic_partition_list_t *move(struct kafka_lost_offsets *resets,
                                             rd_kafka_topic_partition_list_t *lows,
                                             rd_kafka_topic_partition_list_t *ends)
{
    rd_kafka_topic_partition_list_t *moves = rd_kafka_topic_partition_list_new(1);
    struct kafka_lost_offset **at = &resets->waiting;
    while (*at) {
        int64_t end = answer(ends, *at);
        int64_t to = choose(resets->policy, *at, answer(lows, *at), end);
        if (to < 0) {
            at = &(*at)->next;
            continue;
        }
        rd_kafka_topic_partition_list_add(moves, (*at)->topic, (*at)->partition)->offset = to;
        tell(resets, *at, to, end);
        drop(at);
    }
    if (moves->cnt > 0)
        return moves;
    rd_kafka_topic_partition_list_destroy(moves);
    return NULL;
}

rd_kafka_topic_partition_list_t *kafka_lost_offsets_look(struct kafka_lost_offsets *resets,
                                                         rd_kafka_t *client)
{
    if (!resets->waiting || kafka_now_ms() < resets->next)
        return NULL;
    rd_kafka_topic_partition_list_t *lows = ask(resets, client, RD_KAFKA_OFFSET_BEGINNING);
    rd_kafka_topic_partition_list_t *ends = lows ? ask(resets, client, RD_KAFKA_OFFSET_END) : NULL;
    rd_kafka_topic_partition_list_t *moves = ends ? move(resets, lows, ends) : NULL;
    if (ends)
        rd_kafka_topic_partition_list_destroy(ends);
    if (lows)
        rd_kafka_topic_partition_list_destroy(lows);
    resets->next = kafka_now_ms() + RETRY_MS;
    return moves;
}

void kafka_lost_offsets_forget(struct kafka_lost_offsets *resets,
                               const rd_kafka_topic_partition_list_t *partitions)
{
    for (int i = 0; i < partitions->cnt; i++) {
        struct kafka_lost_offset **at =
            find(resets, partitions->elems[i].topic, partitions->elems[i].partition);
        if (*at)
            drop(at);
    }
}
