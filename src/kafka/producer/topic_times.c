#include "kafka/producer/topic_times.h"

#include "kafka/producer/producer_client.h"
#include "kafka/producer/topic_config.h"

#include <stdlib.h>
#include <string.h>

#define RETENTION  "retention.ms"
#define BEFORE     "message.timestamp.before.max.ms"
#define AFTER      "message.timestamp.after.max.ms"
#define DIFFERENCE "message.timestamp.difference.max.ms"

struct question {
    struct kafka_topic_times *topics;
    size_t count;
};

/* Milliseconds; INT64_MAX: no bound (not there, or -1). */
static int64_t read_bound(const rd_kafka_ConfigResource_t *resource, const char *name)
{
    const char *value = kafka_topic_config_value(resource, name);
    long long bound = value ? strtoll(value, NULL, 10) : -1;
    return bound < 0 ? INT64_MAX : bound;
}

static bool holds(const rd_kafka_ConfigResource_t *resource, const char *name, const char *word)
{
    const char *value = kafka_topic_config_value(resource, name);
    return value && strstr(value, word);
}

static void tighten(struct kafka_topic_times *times, int64_t bound, const char *name)
{
    if (bound >= times->behind_ms)
        return;
    times->behind_ms = bound;
    times->behind_for = name;
}

static void read_times(const rd_kafka_ConfigResource_t *resource, struct kafka_topic_times *times)
{
    times->known = true;
    times->behind_ms = times->ahead_ms = INT64_MAX;
    times->behind_for = "";
    if (holds(resource, "message.timestamp.type", "LogAppendTime"))
        return; /* the broker gives each record its own */
    int64_t difference = read_bound(resource, DIFFERENCE);
    int64_t after = read_bound(resource, AFTER);
    times->ahead_ms = after < difference ? after : difference;
    tighten(times, difference, DIFFERENCE);
    tighten(times, read_bound(resource, BEFORE), BEFORE);
    if (holds(resource, "cleanup.policy", "delete"))
        tighten(times, read_bound(resource, RETENTION), RETENTION);
}

static void keep(const char *topic, const rd_kafka_ConfigResource_t *resource, void *user)
{
    const struct question *question = user;
    rd_kafka_resp_err_t failure = rd_kafka_ConfigResource_error(resource);
    for (size_t i = 0; i < question->count; i++) {
        struct kafka_topic_times *times = &question->topics[i];
        if (strcmp(times->topic, topic) != 0)
            continue;
        times->missing = failure == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
        if (failure == RD_KAFKA_RESP_ERR_NO_ERROR)
            read_times(resource, times);
        return;
    }
}

enum error_code kafka_producer_topic_times(struct kafka_producer *producer,
                                           struct kafka_topic_times *topics, size_t count,
                                           int timeout_ms, struct error *error)
{
    const char *names[KAFKA_TOPIC_TIMES_LIMIT];
    struct question question = {.topics = topics, .count = count};
    for (size_t i = 0; i < count; i++)
        names[i] = topics[i].topic;
    rd_kafka_resp_err_t failure = kafka_topic_config_ask(kafka_producer_client(producer), names,
                                                         count, timeout_ms, keep, &question);
    if (failure == RD_KAFKA_RESP_ERR_NO_ERROR)
        return ERROR_NONE;
    return error_set(error, ERROR_IO, topics[0].topic, 0, "its configuration cannot be had: %s",
                     rd_kafka_err2str(failure));
}
