#include "kafka/consumer/backlog.h"

#include <string.h>
#include <syslog.h>

#define QUERY_TIMEOUT_MS 5000

typedef rd_kafka_topic_partition_list_t partition_list;

void kafka_backlog_init(struct kafka_backlog *backlog, struct kafka_events *events,
                        kafka_backlog_callback tell, void *user)
{
    *backlog = (struct kafka_backlog){.events = events, .tell = tell, .user = user};
}

void kafka_backlog_fini(struct kafka_backlog *backlog)
{
    if (backlog->asked)
        rd_kafka_topic_partition_list_destroy(backlog->asked);
}

/* Those that begin at the group's offset and were not asked for before. */
static partition_list *collect(struct kafka_backlog *backlog, const partition_list *partitions)
{
    partition_list *fresh = rd_kafka_topic_partition_list_new(partitions->cnt);
    if (!backlog->asked)
        backlog->asked = rd_kafka_topic_partition_list_new(partitions->cnt);
    for (int i = 0; i < partitions->cnt; i++) {
        const rd_kafka_topic_partition_t *item = &partitions->elems[i];
        bool stored =
            item->offset == RD_KAFKA_OFFSET_STORED || item->offset == RD_KAFKA_OFFSET_INVALID;
        if (!stored ||
            rd_kafka_topic_partition_list_find(backlog->asked, item->topic, item->partition))
            continue;
        (void)rd_kafka_topic_partition_list_add(backlog->asked, item->topic, item->partition);
        (void)rd_kafka_topic_partition_list_add(fresh, item->topic, item->partition);
    }
    return fresh;
}

static int compare_topics(const void *one, const void *other, void *user)
{
    const rd_kafka_topic_partition_t *a = one;
    const rd_kafka_topic_partition_t *b = other;
    (void)user;
    return strcmp(a->topic, b->topic);
}

/* Those in which the group has no offset, sorted by topic. */
static partition_list *without_place(const partition_list *committed)
{
    partition_list *found = rd_kafka_topic_partition_list_new(committed->cnt);
    for (int i = 0; i < committed->cnt; i++) {
        const rd_kafka_topic_partition_t *item = &committed->elems[i];
        if (item->offset < 0 && item->err == RD_KAFKA_RESP_ERR_NO_ERROR)
            (void)rd_kafka_topic_partition_list_add(found, item->topic, item->partition);
    }
    rd_kafka_topic_partition_list_sort(found, compare_topics, NULL);
    return found;
}

/* The offsets at which `partitions` begin or end (RD_KAFKA_OFFSET_BEGINNING, _END); NULL: unknown.
 */
static partition_list *bounds(rd_kafka_t *client, const partition_list *partitions, int64_t which)
{
    partition_list *asked = rd_kafka_topic_partition_list_copy(partitions);
    for (int i = 0; i < asked->cnt; i++)
        asked->elems[i].offset = which;
    if (rd_kafka_offsets_for_times(client, asked, QUERY_TIMEOUT_MS) == RD_KAFKA_RESP_ERR_NO_ERROR)
        return asked;
    rd_kafka_topic_partition_list_destroy(asked);
    return NULL;
}

static void tell(const struct kafka_backlog *backlog, const partition_list *lows,
                 const partition_list *ends)
{
    uint64_t records = 0;
    for (int i = 0; i < lows->cnt; i++) {
        const char *topic = lows->elems[i].topic;
        int64_t low = lows->elems[i].offset;
        int64_t end = ends->elems[i].offset;
        if (low >= 0 && end > low)
            records += (uint64_t)(end - low);
        if (i + 1 < lows->cnt && strcmp(lows->elems[i + 1].topic, topic) == 0)
            continue;
        if (records > 0)
            backlog->tell(topic, records, backlog->user);
        records = 0;
    }
}

/* What has no place begins at the beginning, which librdkafka would find out by a failure of each
 * partition: at `lows` where that is known, since librdkafka before 1.8 looks up what is no number
 * by a request that Kafka 4 does not have. */
static void begin(partition_list *partitions, const partition_list *unplaced,
                  const partition_list *lows)
{
    for (int i = 0; i < unplaced->cnt; i++) {
        const rd_kafka_topic_partition_t *item = lows ? &lows->elems[i] : NULL;
        bool known = item && item->err == RD_KAFKA_RESP_ERR_NO_ERROR && item->offset >= 0;
        (void)rd_kafka_topic_partition_list_set_offset(
            partitions, unplaced->elems[i].topic, unplaced->elems[i].partition,
            known ? item->offset : RD_KAFKA_OFFSET_BEGINNING);
    }
}

static bool look_at(const struct kafka_backlog *backlog, rd_kafka_t *client,
                    partition_list *partitions, const partition_list *unplaced)
{
    partition_list *lows = bounds(client, unplaced, RD_KAFKA_OFFSET_BEGINNING);
    partition_list *ends = lows ? bounds(client, unplaced, RD_KAFKA_OFFSET_END) : NULL;
    bool answered = ends;
    begin(partitions, unplaced, lows);
    if (answered)
        tell(backlog, lows, ends);
    if (ends)
        rd_kafka_topic_partition_list_destroy(ends);
    if (lows)
        rd_kafka_topic_partition_list_destroy(lows);
    return answered;
}

void kafka_backlog_look(struct kafka_backlog *backlog, rd_kafka_t *client,
                        partition_list *partitions)
{
    if (!backlog->tell)
        return;
    partition_list *fresh = collect(backlog, partitions);
    if (fresh->cnt > 0) {
        bool answered =
            rd_kafka_committed(client, fresh, QUERY_TIMEOUT_MS) == RD_KAFKA_RESP_ERR_NO_ERROR;
        partition_list *unplaced = without_place(fresh);
        if (answered && unplaced->cnt > 0)
            answered = look_at(backlog, client, partitions, unplaced);
        if (!answered)
            kafka_events_say(backlog->events, LOG_WARNING,
                             "the brokers do not say whether the group is new, and what it will "
                             "find: a new one reads all that its topics hold");
        rd_kafka_topic_partition_list_destroy(unplaced);
    }
    rd_kafka_topic_partition_list_destroy(fresh);
}
