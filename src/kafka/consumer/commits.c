#include "kafka/consumer/commits.h"

#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#define SLICE_MS    20
#define PATIENCE_MS 120000 /* for an answer, which comes within socket.timeout.ms (60 s) */

static char to_be_committed; /* its address is the mark */

void kafka_commits_init(struct kafka_commits *commits, struct kafka_events *events,
                        rd_kafka_t *client, int64_t interval_ms,
                        const struct kafka_consumer_options *options)
{
    *commits = (struct kafka_commits){.events = events,
                                      .text = options->text,
                                      .user = options->user,
                                      .client = client,
                                      .answers = rd_kafka_queue_new(client),
                                      .offsets = rd_kafka_topic_partition_list_new(1),
                                      .interval = interval_ms};
}

void kafka_commits_fini(struct kafka_commits *commits)
{
    if (commits->answers)
        rd_kafka_queue_destroy(commits->answers);
    if (commits->offsets)
        rd_kafka_topic_partition_list_destroy(commits->offsets);
    *commits = (struct kafka_commits){0};
}

static rd_kafka_topic_partition_t *find(struct kafka_commits *commits, const char *topic,
                                        int32_t partition)
{
    return rd_kafka_topic_partition_list_find(commits->offsets, topic, partition);
}

void kafka_commits_set(struct kafka_commits *commits, const char *topic, int32_t partition,
                       int64_t offset)
{
    rd_kafka_topic_partition_t *item = find(commits, topic, partition);
    if (!item)
        item = rd_kafka_topic_partition_list_add(commits->offsets, topic, partition);
    else if (item->offset >= offset)
        return;
    item->offset = offset;
    item->opaque = &to_be_committed;
    commits->pending = true;
}

/* Copies what is to be committed, and takes its marks; what has a text that is not known yet comes
 * later. */
static rd_kafka_topic_partition_list_t *collect(struct kafka_commits *commits)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
    commits->pending = false;
    for (int i = 0; i < commits->offsets->cnt; i++) {
        rd_kafka_topic_partition_t *item = &commits->offsets->elems[i];
        char text[KAFKA_TEXT_SIZE] = "";
        if (!item->opaque)
            continue;
        if (commits->text && !commits->text(item->topic, item->partition, text, commits->user)) {
            commits->pending = true;
            continue;
        }
        item->opaque = NULL;
        rd_kafka_topic_partition_t *added =
            rd_kafka_topic_partition_list_add(list, item->topic, item->partition);
        added->offset = item->offset;
        added->metadata = *text ? strdup(text) : NULL; /* the list's, which frees it */
        added->metadata_size = added->metadata ? strlen(text) : 0;
    }
    return list;
}

/* Tries it again with the next. */
static void mark_again(struct kafka_commits *commits, const rd_kafka_topic_partition_t *failed)
{
    rd_kafka_topic_partition_t *item = find(commits, failed->topic, failed->partition);
    if (!item)
        return;
    item->opaque = &to_be_committed;
    commits->pending = true;
}

static void mark_all_again(struct kafka_commits *commits,
                           const rd_kafka_topic_partition_list_t *list)
{
    for (int i = 0; i < list->cnt; i++)
        mark_again(commits, &list->elems[i]);
}

static void commit(struct kafka_commits *commits)
{
    commits->next = kafka_now_ms() + commits->interval;
    if (!commits->pending)
        return;
    rd_kafka_topic_partition_list_t *list = collect(commits);
    if (list->cnt > 0 && rd_kafka_commit_queue(commits->client, list, commits->answers, NULL,
                                               NULL) == RD_KAFKA_RESP_ERR_NO_ERROR)
        commits->under_way++;
    else
        mark_all_again(commits, list);
    rd_kafka_topic_partition_list_destroy(list);
}

/* Whether a failure passes with the group's rebalance or the coordinator's way back. */
static bool is_passing(rd_kafka_resp_err_t failure)
{
    switch (failure) {
    case RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION:
    case RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID:
    case RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS:
    case RD_KAFKA_RESP_ERR_NOT_COORDINATOR_FOR_GROUP:
    case RD_KAFKA_RESP_ERR_GROUP_COORDINATOR_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_GROUP_LOAD_IN_PROGRESS:
    case RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT:
    case RD_KAFKA_RESP_ERR__TRANSPORT:
    case RD_KAFKA_RESP_ERR__WAIT_COORD:
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
    case RD_KAFKA_RESP_ERR__DESTROY:
        return true;
    default:
        return false;
    }
}

static void say(struct kafka_commits *commits, rd_kafka_resp_err_t failure)
{
    if (failure == RD_KAFKA_RESP_ERR_OFFSET_METADATA_TOO_LARGE) {
        commits->text = NULL;
        kafka_events_say(
            commits->events, LOG_WARNING,
            "the broker's offset.metadata.max.bytes is less than %d: offsets are "
            "committed alone, and what is latched is not latched again after a restart",
            KAFKA_TEXT_SIZE - 1);
    } else if (failure == RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE) {
        kafka_events_say(commits->events, LOG_ERR,
                         "offsets cannot be committed: librdkafka %s and this broker have no such "
                         "request in common; what was published is published again after a "
                         "restart. Kafka 4 needs librdkafka 1.4 or newer: take Kafka 3.9, or a "
                         "newer librdkafka (docs/ubuntu-20.04.md)",
                         rd_kafka_version_str());
    } else if (!is_passing(failure)) {
        kafka_events_say(commits->events, LOG_WARNING,
                         "offsets cannot be committed: %s; what was published since the last "
                         "commit is published again after a restart",
                         rd_kafka_err2str(failure));
    }
}

static void hear(struct kafka_commits *commits, rd_kafka_event_t *event)
{
    if (rd_kafka_event_type(event) != RD_KAFKA_EVENT_OFFSET_COMMIT)
        return;
    commits->under_way--;
    rd_kafka_resp_err_t all = rd_kafka_event_error(event);
    const rd_kafka_topic_partition_list_t *list = rd_kafka_event_topic_partition_list(event);
    if (all == RD_KAFKA_RESP_ERR__NO_OFFSET)
        return;
    for (int i = 0; list && i < list->cnt; i++) {
        rd_kafka_resp_err_t failure = list->elems[i].err ? list->elems[i].err : all;
        if (failure == RD_KAFKA_RESP_ERR_NO_ERROR)
            continue;
        mark_again(commits, &list->elems[i]);
        say(commits, failure);
    }
}

static bool hear_one(struct kafka_commits *commits, int timeout_ms)
{
    rd_kafka_event_t *event = rd_kafka_queue_poll(commits->answers, timeout_ms);
    if (!event)
        return false;
    hear(commits, event);
    rd_kafka_event_destroy(event);
    return true;
}

void kafka_commits_serve(struct kafka_commits *commits)
{
    while (commits->under_way > 0 && hear_one(commits, 0))
        ;
    if (commits->under_way > 0 && kafka_now_ms() - commits->next > PATIENCE_MS) {
        commits->under_way = 0;
        mark_all_again(commits, commits->offsets);
    }
    /* One at a time: the answer to an older one may not come after a newer one's. */
    if (commits->interval > 0 && commits->under_way == 0 && kafka_now_ms() >= commits->next)
        commit(commits);
}

void kafka_commits_flush(struct kafka_commits *commits, int timeout_ms)
{
    int64_t deadline = kafka_now_ms() + timeout_ms;
    for (bool sent = false;;) {
        while (commits->under_way > 0 && kafka_now_ms() < deadline)
            (void)hear_one(commits, SLICE_MS);
        if (sent || commits->under_way > 0 || !commits->pending)
            return;
        commit(commits);
        sent = true;
    }
}

void kafka_commits_drop(struct kafka_commits *commits, const char *topic, int32_t partition)
{
    (void)rd_kafka_topic_partition_list_del(commits->offsets, topic, partition);
}
