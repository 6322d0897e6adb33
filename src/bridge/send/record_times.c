#include "bridge/send/record_times.h"

#include "base/hash.h"
#include "bridge/send/time_probe.h"
#include "kafka/producer/topic_times.h"

#include <inttypes.h>
#include <rosc/log.h>
#include <rosc/time.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BEHIND_MS INT64_C(86400000) /* where the topic does not say */
#define AHEAD_MS  INT64_C(1800000)
#define AHEAD_MOST_MS                                                                              \
    INT64_C(3600000)                /* a record of the future keeps others from being deleted      \
                                     */
#define NEAR_MS      INT64_C(60000) /* of now: nothing needs to be asked */
#define NOW_MS       INT64_C(1000)  /* what counts as now where it was refused */
#define ASK_MS       1000
#define PROBE_MS     2000
#define QUESTIONS    5 /* without an answer: then the brokers' time is guessed */
#define ASK_AGAIN_MS INT64_C(600000)
#define RETRY_MS     INT64_C(5000) /* no answer: more each time */
#define MISSING_MS   INT64_C(1000) /* the first record may have made it */

struct time_limits {
    struct time_limits *next;
    UT_hash_handle hh; /* by topic */
    char *topic;
    const struct spool_origin *origin; /* one that goes there */
    int64_t behind, ahead;             /* milliseconds that a record's time may be off */
    const char *behind_for;            /* what bounds it, for the log */
    bool timeless;                     /* no time that can be told is taken: none is given */
    bool doubted; /* what is of now by a clock that is right was refused, and may have been sent
                     before that was known */
    bool told;
    int64_t ask_at;                      /* milliseconds of CLOCK_BOOTTIME */
    int64_t patience;                    /* milliseconds from the last question in vain to then */
    int64_t refused_first, refused_last; /* of what was refused: from now, in milliseconds */
    bool refused;                        /* there is something; this and those with the mutex */
};

struct record_times {
    const struct config *config;
    struct broker_clock clock;
    struct time_limits *first; /* the newest */
    struct time_limits *by_topic;
    unsigned late; /* so often in a row the brokers did not say their time when they were asked */
    pthread_mutex_t mutex;
    atomic_bool refused; /* of some topic */
};

enum error_code record_times_create(const struct config *config, struct record_times **times)
{
    struct record_times *made = calloc(1, sizeof *made);
    if (!made)
        return ERROR_MEMORY;
    made->config = config;
    broker_clock_init(&made->clock);
    (void)pthread_mutex_init(&made->mutex, NULL);
    *times = made;
    return ERROR_NONE;
}

void record_times_destroy(struct record_times *times)
{
    if (!times)
        return;
    HASH_CLEAR(hh, times->by_topic);
    while (times->first) {
        struct time_limits *limits = times->first;
        times->first = limits->next;
        free(limits->topic);
        free(limits);
    }
    broker_clock_fini(&times->clock);
    (void)pthread_mutex_destroy(&times->mutex);
    free(times);
}

struct broker_clock *record_times_clock(struct record_times *times)
{
    return &times->clock;
}

static void assume(struct time_limits *limits)
{
    limits->behind = BEHIND_MS;
    limits->ahead = AHEAD_MS;
    limits->behind_for = "what it keeps is not known";
    limits->timeless = false;
    limits->doubted = false;
}

struct time_limits *record_times_topic(struct record_times *times, const char *topic,
                                       const struct spool_origin *origin)
{
    struct time_limits *known = NULL;
    HASH_FIND_STR(times->by_topic, topic, known);
    if (known)
        return known;
    struct time_limits *made = calloc(1, sizeof *made);
    char *name = strdup(topic);
    if (made && name)
        HASH_ADD_KEYPTR(hh, times->by_topic, name, strlen(name), made);
    if (!made || !hash_has(made)) {
        free(made);
        free(name);
        return NULL;
    }
    made->topic = name;
    made->origin = origin;
    assume(made);
    made->next = times->first;
    times->first = made;
    return made;
}

static void take_answer(struct time_limits *limits, const struct kafka_topic_times *answer,
                        bool answered, int64_t now)
{
    limits->patience = answered ? 0 : 2 * limits->patience + RETRY_MS;
    limits->ask_at = now + (answer->missing                                ? MISSING_MS
                            : answered || limits->patience >= ASK_AGAIN_MS ? ASK_AGAIN_MS
                                                                           : limits->patience);
    if (!answer->known)
        return;
    limits->behind = answer->behind_ms;
    limits->behind_for = answer->behind_for;
    limits->ahead = answer->ahead_ms == INT64_MAX && answer->behind_ms == INT64_MAX ? INT64_MAX
                    : answer->ahead_ms < AHEAD_MOST_MS ? answer->ahead_ms
                                                       : AHEAD_MOST_MS;
    limits->timeless = false;
}

/* What the topics take and keep of which it is time to ask, in one question. */
static void ask(struct record_times *times, struct kafka_producer *producer, int64_t deadline)
{
    struct error error;
    int64_t now = broker_clock_steady();
    int64_t left = (deadline - rosc_time_steady()) / 1000000;
    struct kafka_topic_times *answers = calloc(KAFKA_TOPIC_TIMES_LIMIT, sizeof *answers);
    size_t count = 0;
    struct time_limits *first = NULL;
    for (struct time_limits *one = times->first; answers && one; one = one->next) {
        if (now < one->ask_at || count == KAFKA_TOPIC_TIMES_LIMIT)
            continue;
        first = count == 0 ? one : first;
        answers[count++].topic = one->topic;
    }
    bool answered =
        count > 0 && left > 0 &&
        kafka_producer_topic_times(producer, answers, count, left < ASK_MS ? (int)left : ASK_MS,
                                   &error) == ERROR_NONE;
    size_t i = 0;
    for (struct time_limits *one = first; one && i < count; one = one->next)
        if (one->topic == answers[i].topic)
            take_answer(one, &answers[i++], answered, now);
    free(answers);
}

static bool takes(const struct time_limits *limits, int64_t from_now)
{
    return from_now <= limits->ahead && (from_now >= 0 || -from_now <= limits->behind);
}

static void say(struct time_limits *limits, int64_t timestamp, int64_t from_now)
{
    char when[40] = "", span[BROKER_CLOCK_SPAN_SIZE], bound[BROKER_CLOCK_SPAN_SIZE];
    struct tm parts;
    time_t seconds = (time_t)(timestamp / 1000);
    bool ahead = from_now > 0;
    if (limits->told)
        return;
    limits->told = true;
    if (gmtime_r(&seconds, &parts))
        (void)strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", &parts);
    broker_clock_span(llabs(from_now), span);
    broker_clock_span(ahead ? limits->ahead : limits->behind, bound);
    ROSC_LOG_WARN(
        "%s: a record of %s is %s %s now; Kafka topic %s is given none that is more than %s "
        "%s (%s): such records get the time of their receipt, and their own in the "
        "header ros_timestamp",
        limits->origin->ros_topic, when, span, ahead ? "ahead of" : "behind", limits->topic, bound,
        ahead ? "ahead" : "behind", ahead ? "message.timestamp.after.max.ms" : limits->behind_for);
}

static void add_header(struct kafka_record *record, int64_t own, char text[RECORD_TIMES_TEXT_SIZE])
{
    int length = snprintf(text, RECORD_TIMES_TEXT_SIZE, "%" PRId64, own);
    if (record->header_count == 0 || record->header_count == KAFKA_RECORD_HEADERS_LIMIT)
        return;
    record->headers[record->header_count++] = (struct kafka_header){
        .name = KAFKA_HEADER_TIMESTAMP, .value = text, .size = (size_t)length};
}

bool record_times_fit(struct record_times *times, struct time_limits *limits,
                      struct kafka_producer *producer, int64_t deadline, int64_t since,
                      struct kafka_record *record, char text[RECORD_TIMES_TEXT_SIZE])
{
    int64_t own = record->timestamp;
    int64_t now = broker_clock_now(&times->clock);
    int64_t from_now = own - now;
    if (llabs(from_now) > NEAR_MS && broker_clock_steady() >= limits->ask_at) {
        ask(times, producer, deadline);
        now = broker_clock_now(&times->clock);
    }
    if (!limits->timeless && takes(limits, from_now))
        return false;
    if (!limits->timeless)
        say(limits, own, from_now);
    int64_t age = (rosc_time_steady() - since) / 1000000;
    record->timestamp = now - (takes(limits, -age) ? age : 0);
    if (limits->timeless)
        record->timestamp = KAFKA_NO_TIME;
    add_header(record, own, text);
    return true;
}

void record_times_undo(struct kafka_record *record, int64_t own)
{
    record->timestamp = own;
    if (record->header_count > 0 &&
        strcmp(record->headers[record->header_count - 1].name, KAFKA_HEADER_TIMESTAMP) == 0)
        record->header_count--;
}

bool record_times_refused(struct record_times *times, struct time_limits *limits, int64_t timestamp,
                          bool refitted)
{
    int64_t from_now = refitted ? 0 : timestamp - broker_clock_now(&times->clock);
    (void)pthread_mutex_lock(&times->mutex);
    bool helps = !limits->timeless || !refitted;
    if (helps) {
        if (!limits->refused || from_now < limits->refused_first)
            limits->refused_first = from_now;
        if (!limits->refused || from_now > limits->refused_last)
            limits->refused_last = from_now;
        limits->refused = true;
        atomic_store(&times->refused, true);
    }
    (void)pthread_mutex_unlock(&times->mutex);
    return helps;
}

/* What was refused is not of now: what is as far from it is refused too, and half as far may be.
 * False: it is of now. */
static bool tighten(struct time_limits *limits, int64_t first, int64_t last)
{
    bool ahead = last > -first;
    int64_t farthest = ahead ? last : -first;
    if (farthest <= NOW_MS)
        return false;
    if (ahead) {
        limits->ahead = farthest / 2;
    } else {
        limits->behind = farthest / 2;
        limits->behind_for = "what is farther was refused";
    }
    return true;
}

enum answer {
    ANSWER_NONE, /* they cannot say it */
    ANSWER_LATE, /* not in time: they may be asked again */
    ANSWER_SAME,
    ANSWER_OTHER
};

/* Asks the brokers for their time: whether it is what it was taken for. */
static enum answer ask_for_time(struct record_times *times, const struct spool_origin *origin,
                                int64_t deadline)
{
    struct error error;
    int64_t told = 0, left = (deadline - rosc_time_steady()) / 1000000;
    if (left <= 0)
        return ANSWER_LATE;
    enum error_code code =
        time_probe(times->config, origin, left < PROBE_MS ? (int)left : PROBE_MS, &told, &error);
    if (code != ERROR_NONE)
        return code == ERROR_MISSING ? ANSWER_NONE : ANSWER_LATE;
    int64_t before = broker_clock_now(&times->clock);
    broker_clock_tell(&times->clock, told);
    return llabs(broker_clock_now(&times->clock) - before) > NOW_MS ? ANSWER_OTHER : ANSWER_SAME;
}

/* A topic refuses what is taken for now. */
static void doubt_clock(struct record_times *times, struct time_limits *limits, int64_t deadline)
{
    enum answer answer = ask_for_time(times, limits->origin, deadline);
    if (answer == ANSWER_LATE && ++times->late < QUESTIONS)
        return; /* a busy broker: what is sent again meanwhile is refused, and asks again */
    times->late = 0;
    if (answer == ANSWER_SAME && !limits->doubted) {
        limits->doubted = true;
        return;
    }
    if (answer == ANSWER_SAME ||
        (answer != ANSWER_OTHER && !broker_clock_doubt(&times->clock, limits->topic))) {
        limits->timeless = true;
        ROSC_LOG_ERROR(
            "Kafka topic %s takes no time that this robot can tell: its records get none, "
            "and their own in the header ros_timestamp; set this robot's clock (chrony, "
            "ntpd)",
            limits->topic);
        return;
    }
    for (struct time_limits *one = times->first; one; one = one->next) {
        assume(one);
        one->ask_at = 0; /* what was learned was by a wrong clock */
    }
}

/* What was refused of the topic, which is forgotten. False: nothing. */
static bool take_refused(struct record_times *times, struct time_limits *limits, int64_t *first,
                         int64_t *last)
{
    (void)pthread_mutex_lock(&times->mutex);
    bool refused = limits->refused;
    limits->refused = false;
    *first = limits->refused_first;
    *last = limits->refused_last;
    (void)pthread_mutex_unlock(&times->mutex);
    return refused;
}

void record_times_learn(struct record_times *times, struct kafka_producer *producer,
                        int64_t deadline)
{
    struct time_limits *doubted = NULL;
    int64_t first, last;
    if (!producer || !atomic_exchange(&times->refused, false))
        return;
    ask(times, producer, deadline);
    for (struct time_limits *one = times->first; one; one = one->next) {
        if (!take_refused(times, one, &first, &last) || !takes(one, first) || !takes(one, last))
            continue;
        if (!tighten(one, first, last))
            doubted = one;
    }
    if (doubted)
        doubt_clock(times, doubted, deadline);
}

void record_times_look(struct record_times *times, int64_t deadline)
{
    if (broker_clock_jumped(&times->clock) && times->first)
        (void)ask_for_time(times, times->first->origin, deadline);
}
