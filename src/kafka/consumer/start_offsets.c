#include "kafka/consumer/start_offsets.h"

#include "base/hash.h"

#include <inttypes.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#define QUERY_TIMEOUT_MS 10000
#define SEEN_NAME_SIZE   272 /* Kafka's 249, a space, a number */

struct kafka_start_rule {
    char *topic;
    bool is_pattern;
    regex_t pattern;
    enum kafka_start start;
    int64_t timestamp;
};

struct kafka_seen_partition {
    UT_hash_handle hh;
    char name[SEEN_NAME_SIZE]; /* "topic partition" */
};

static enum error_code add_rule(struct kafka_start_offsets *starts,
                                const struct kafka_subscription *subscription, struct error *error)
{
    struct kafka_start_rule *rule = &starts->rules[starts->rule_count];
    rule->topic = strdup(subscription->topic);
    if (!rule->topic)
        return error_set(error, ERROR_MEMORY, subscription->topic, 0, "no memory");
    rule->start = subscription->start;
    rule->timestamp = subscription->timestamp;
    rule->is_pattern = false;
    starts->rule_count++;
    if (subscription->topic[0] != '^')
        return ERROR_NONE;
    int failure = regcomp(&rule->pattern, subscription->topic, REG_EXTENDED | REG_NOSUB);
    if (failure == 0) {
        rule->is_pattern = true;
        return ERROR_NONE;
    }
    char words[ERROR_TEXT_SIZE / 2];
    (void)regerror(failure, &rule->pattern, words, sizeof words);
    return error_set(error, ERROR_RANGE, subscription->topic, 0,
                     "a topic that begins with '^' is a regular expression, and this is none: %s",
                     words);
}

enum error_code kafka_start_offsets_init(struct kafka_start_offsets *starts,
                                         const struct kafka_subscription *subscriptions,
                                         size_t count, struct error *error)
{
    *starts =
        (struct kafka_start_offsets){.rules = calloc(count > 0 ? count : 1, sizeof *starts->rules)};
    if (!starts->rules)
        return error_set(error, ERROR_MEMORY, NULL, 0, "no memory for %zu subscriptions", count);
    enum error_code code = ERROR_NONE;
    for (size_t i = 0; i < count && code == ERROR_NONE; i++)
        code = add_rule(starts, &subscriptions[i], error);
    return code;
}

void kafka_start_offsets_fini(struct kafka_start_offsets *starts)
{
    for (size_t i = 0; i < starts->rule_count; i++) {
        free(starts->rules[i].topic);
        if (starts->rules[i].is_pattern)
            regfree(&starts->rules[i].pattern);
    }
    free(starts->rules);
    struct kafka_seen_partition *seen, *next;
    HASH_ITER(hh, starts->seen, seen, next)
    {
        HASH_DEL(starts->seen, seen);
        free(seen);
    }
    if (starts->present)
        rd_kafka_topic_partition_list_destroy(starts->present);
}

void kafka_start_offsets_look(struct kafka_start_offsets *starts, rd_kafka_t *client,
                              int timeout_ms)
{
    bool wanted = false;
    for (size_t i = 0; i < starts->rule_count && !starts->present; i++)
        wanted = wanted || starts->rules[i].start == KAFKA_START_LATEST;
    const struct rd_kafka_metadata *metadata;
    if (!wanted ||
        rd_kafka_metadata(client, 1, NULL, &metadata, timeout_ms) != RD_KAFKA_RESP_ERR_NO_ERROR)
        return;
    starts->present = rd_kafka_topic_partition_list_new(metadata->topic_cnt);
    for (int i = 0; i < metadata->topic_cnt; i++) {
        if (metadata->topics[i].err == RD_KAFKA_RESP_ERR_NO_ERROR)
            (void)rd_kafka_topic_partition_list_add(starts->present, metadata->topics[i].topic,
                                                    RD_KAFKA_PARTITION_UA);
    }
    rd_kafka_metadata_destroy(metadata);
}

/* A name goes before a pattern that matches as well. */
static const struct kafka_start_rule *rule_of(const struct kafka_start_offsets *starts,
                                              const char *topic)
{
    for (size_t i = 0; i < starts->rule_count; i++) {
        if (strcmp(starts->rules[i].topic, topic) == 0)
            return &starts->rules[i];
    }
    for (size_t i = 0; i < starts->rule_count; i++) {
        const struct kafka_start_rule *rule = &starts->rules[i];
        if (rule->is_pattern && regexec(&rule->pattern, topic, 0, NULL, 0) == 0)
            return rule;
    }
    return NULL;
}

bool kafka_start_offsets_want(const struct kafka_start_offsets *starts, const char *topic)
{
    return rule_of(starts, topic) != NULL;
}

/* Whether the partition was seen before; from now on it was. Without memory it is simply not
 * remembered: it is read from its start again. */
static bool see(struct kafka_start_offsets *starts, const rd_kafka_topic_partition_t *partition)
{
    struct kafka_seen_partition *found;
    char name[SEEN_NAME_SIZE];
    (void)snprintf(name, sizeof name, "%s %" PRId32, partition->topic, partition->partition);
    HASH_FIND_STR(starts->seen, name, found);
    if (found)
        return true;
    found = calloc(1, sizeof *found);
    if (!found)
        return false;
    memcpy(found->name, name, sizeof name);
    HASH_ADD_STR(starts->seen, name, found);
    if (!hash_has(found))
        free(found);
    return false;
}

static bool is_late(const struct kafka_start_offsets *starts, const char *topic)
{
    return starts->present &&
           !rd_kafka_topic_partition_list_find(starts->present, topic, RD_KAFKA_PARTITION_UA);
}

/* What to ask the brokers for (a time, or the begin or end as Kafka's protocol has them), or
 * RD_KAFKA_OFFSET_STORED where there is nothing to ask. */
static int64_t query_of(struct kafka_start_offsets *starts,
                        const rd_kafka_topic_partition_t *partition)
{
    const struct kafka_start_rule *rule = rule_of(starts, partition->topic);
    if (see(starts, partition) || !rule)
        return RD_KAFKA_OFFSET_STORED;
    switch (rule->start) {
    case KAFKA_START_EARLIEST:
        return RD_KAFKA_OFFSET_BEGINNING;
    case KAFKA_START_LATEST:
        /* A partition that comes after the start is new, or was another member's: its end now is
         * not the end at our start, and what lies before must not be passed over. */
        return starts->joined || is_late(starts, partition->topic) ? RD_KAFKA_OFFSET_STORED
                                                                   : RD_KAFKA_OFFSET_END;
    case KAFKA_START_TIMESTAMP:
        return rule->timestamp > 0 ? rule->timestamp : RD_KAFKA_OFFSET_BEGINNING;
    case KAFKA_START_STORED:
        break;
    }
    return RD_KAFKA_OFFSET_STORED;
}

static bool ask(struct kafka_events *events, rd_kafka_t *client,
                rd_kafka_topic_partition_list_t *list)
{
    rd_kafka_resp_err_t failure = rd_kafka_offsets_for_times(client, list, QUERY_TIMEOUT_MS);
    if (failure != RD_KAFKA_RESP_ERR_NO_ERROR)
        kafka_events_say(events, LOG_WARNING,
                         "the brokers do not say at which offsets to start: %s",
                         rd_kafka_err2str(failure));
    return failure == RD_KAFKA_RESP_ERR_NO_ERROR;
}

/* Replaces the questions in `list` by offsets. A time after the last record is answered with "the
 * end", which is asked for again as a number. */
static void resolve(struct kafka_events *events, rd_kafka_t *client,
                    rd_kafka_topic_partition_list_t *list)
{
    if (!ask(events, client, list)) {
        for (int i = 0; i < list->cnt; i++)
            list->elems[i].offset = RD_KAFKA_OFFSET_INVALID;
        return;
    }
    rd_kafka_topic_partition_list_t *late = rd_kafka_topic_partition_list_new(1);
    for (int i = 0; i < list->cnt; i++) {
        const rd_kafka_topic_partition_t *item = &list->elems[i];
        if (item->offset == RD_KAFKA_OFFSET_END)
            rd_kafka_topic_partition_list_add(late, item->topic, item->partition)->offset =
                RD_KAFKA_OFFSET_END;
    }
    if (late->cnt > 0 && ask(events, client, late)) {
        for (int i = 0; i < late->cnt; i++)
            (void)rd_kafka_topic_partition_list_set_offset(
                list, late->elems[i].topic, late->elems[i].partition, late->elems[i].offset);
    }
    rd_kafka_topic_partition_list_destroy(late);
}

/* The questions that the rules ask of `partitions`, each in its place's offset. */
static rd_kafka_topic_partition_list_t *
collect_questions(struct kafka_start_offsets *starts,
                  const rd_kafka_topic_partition_list_t *partitions)
{
    rd_kafka_topic_partition_list_t *questions = rd_kafka_topic_partition_list_new(partitions->cnt);
    for (int i = 0; i < partitions->cnt; i++) {
        const rd_kafka_topic_partition_t *item = &partitions->elems[i];
        int64_t query = query_of(starts, item);
        if (query != RD_KAFKA_OFFSET_STORED)
            rd_kafka_topic_partition_list_add(questions, item->topic, item->partition)->offset =
                query;
    }
    return questions;
}

rd_kafka_topic_partition_list_t *
kafka_start_offsets_apply(struct kafka_start_offsets *starts, struct kafka_events *events,
                          rd_kafka_t *client, rd_kafka_topic_partition_list_t *partitions)
{
    rd_kafka_topic_partition_list_t *questions = collect_questions(starts, partitions);
    starts->joined = true;
    if (questions->cnt == 0) {
        rd_kafka_topic_partition_list_destroy(questions);
        return NULL;
    }
    rd_kafka_topic_partition_list_t *answers = rd_kafka_topic_partition_list_copy(questions);
    resolve(events, client, answers);
    for (int i = questions->cnt - 1; i >= 0; i--) {
        const rd_kafka_topic_partition_t *question = &questions->elems[i];
        int64_t offset = answers->elems[i].offset;
        if (answers->elems[i].err != RD_KAFKA_RESP_ERR_NO_ERROR || offset < 0) {
            /* No answer: rather records twice than records lost. */
            offset = question->offset == RD_KAFKA_OFFSET_END ? RD_KAFKA_OFFSET_END
                                                             : RD_KAFKA_OFFSET_BEGINNING;
            (void)rd_kafka_topic_partition_list_del_by_idx(answers, i);
        }
        (void)rd_kafka_topic_partition_list_set_offset(partitions, question->topic,
                                                       question->partition, offset);
    }
    rd_kafka_topic_partition_list_destroy(questions);
    return answers;
}
