#include "bridge/send/announcer.h"

#include "kafka/reading/definitions.h"

#include <rosc/log.h>
#include <rosc/time.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define CREATE_TIMEOUT_MS  2000
#define RETRY_SECONDS      5
#define RETRY_MAX_SECONDS  300
#define KEY_SIZE           512
#define LOG_PERIOD_SECONDS 60.0
#define MD5SUM_OF_NOTHING  "d41d8cd98f00b204e9800998ecf8427e" /* std_msgs/Empty's */

enum announcement_state { WAITING, SENT, ARRIVED, COMMITTED };

/* When something is tried again that was refused. */
struct retry {
    _Atomic int64_t next;     /* nanoseconds of the steady clock */
    _Atomic int64_t patience; /* seconds from the last refusal to then; 0: there was none */
};

struct announcement {
    struct announcement *next;
    const struct spool_origin *facts;
    uint64_t tag;
    _Atomic enum announcement_state state;
    struct retry retry;
    atomic_bool timeless; /* Kafka does not take the time that this robot would give it */
};

struct announcer {
    const char *topic;
    _Atomic(struct announcement *) first; /* only ever grows at its head */
    uint64_t count;
    bool created;
    struct retry creation;
    struct rosc_throttle log;
    atomic_bool warned; /* that the topic is not there, or takes none, and it was not taken back */
};

enum error_code announcer_create(const char *topic, struct announcer **announcer)
{
    *announcer = calloc(1, sizeof **announcer);
    if (!*announcer)
        return ERROR_MEMORY;
    (*announcer)->topic = topic;
    return ERROR_NONE;
}

void announcer_destroy(struct announcer *announcer)
{
    struct announcement *announcement = announcer ? announcer->first : NULL;
    while (announcement) {
        struct announcement *next = announcement->next;
        free(announcement);
        announcement = next;
    }
    free(announcer);
}

static bool is_known(const struct announcer *announcer, const struct spool_origin *facts)
{
    for (const struct announcement *known = announcer->first; known; known = known->next)
        if (strcmp(known->facts->ros_md5sum, facts->ros_md5sum) == 0 &&
            strcmp(known->facts->ros_type, facts->ros_type) == 0)
            return true;
    return false;
}

/* An empty text is either that of a type without fields, or not known. */
static bool has_definition(const struct spool_origin *facts)
{
    return *facts->definition || strcmp(facts->ros_md5sum, MD5SUM_OF_NOTHING) == 0;
}

void announcer_add(struct announcer *announcer, struct origin *origin)
{
    const struct spool_origin *facts = origin->facts;
    if (origin->announced)
        return;
    origin->announced = true;
    if (!*announcer->topic || !has_definition(facts) || is_known(announcer, facts))
        return;
    struct announcement *added = calloc(1, sizeof *added);
    if (!added) {
        ROSC_LOG_ERROR("the definition of %s is not written to %s: out of memory", facts->ros_type,
                       announcer->topic);
        return;
    }
    added->facts = facts;
    added->tag = announcer->count++;
    added->next = announcer->first;
    atomic_store(&announcer->first, added);
}

static void try_later(struct retry *retry)
{
    int64_t patience = 2 * retry->patience;
    if (patience < RETRY_SECONDS)
        patience = RETRY_SECONDS;
    retry->patience = patience < RETRY_MAX_SECONDS ? patience : RETRY_MAX_SECONDS;
    retry->next = rosc_time_steady() + retry->patience * INT64_C(1000000000);
}

static bool may_warn(struct announcer *announcer)
{
    if (!rosc_throttle_pass(&announcer->log, LOG_PERIOD_SECONDS, NULL))
        return false;
    atomic_store(&announcer->warned, true);
    return true;
}

/* What was warned of has passed: a definition has arrived. */
static void take_back(struct announcer *announcer)
{
    if (!atomic_exchange(&announcer->warned, false))
        return;
    ROSC_LOG_INFO("topic %s takes definitions now: what was warned of is over", announcer->topic);
}

static enum error_code create_topic(struct announcer *announcer, struct kafka_producer *producer,
                                    int64_t deadline)
{
    struct error error;
    int64_t left = (deadline - rosc_time_steady()) / 1000000;
    int timeout = left < 0 ? 0 : left > CREATE_TIMEOUT_MS ? CREATE_TIMEOUT_MS : (int)left;
    if (announcer->created)
        return ERROR_NONE;
    enum error_code code =
        kafka_producer_create_topic(producer, announcer->topic, 1, true, timeout, &error);
    announcer->created = code == ERROR_NONE;
    if (announcer->created)
        return code;
    try_later(&announcer->creation);
    if (may_warn(announcer))
        ROSC_LOG_WARN("topic %s cannot be created: %s; until it is there, types that are not "
                      "installed where kafka_to_ros runs cannot be published there",
                      announcer->topic, error.text);
    return code;
}

/* Kafka does not take it as it is now. */
static void refuse(struct announcer *announcer, struct announcement *announcement,
                   const char *reason)
{
    try_later(&announcement->retry);
    announcement->state = WAITING;
    if (may_warn(announcer))
        ROSC_LOG_WARN("topic %s does not take the definition of %s: %s; trying again",
                      announcer->topic, announcement->facts->ros_type, reason);
}

static void send(struct announcer *announcer, struct announcement *announcement,
                 struct kafka_producer *producer)
{
    char key[KEY_SIZE];
    struct kafka_record record;
    struct error error;
    const struct spool_origin *facts = announcement->facts;
    enum error_code code =
        kafka_definition_record(announcer->topic, facts->ros_type, facts->ros_md5sum,
                                facts->definition, key, sizeof key, &record);
    if (code != ERROR_NONE) {
        refuse(announcer, announcement, "the type's name is too long");
        return;
    }
    if (announcement->timeless)
        record.timestamp = KAFKA_NO_TIME;
    announcement->state = SENT;
    code = kafka_producer_send(producer, &record, announcement->tag, announcer, &error);
    if (code == ERROR_LIMIT || code == ERROR_UNKNOWN || code == ERROR_MISSING)
        refuse(announcer, announcement, error.text);
    else if (code != ERROR_NONE)
        announcement->state = WAITING;
}

static bool is_due(const struct announcement *announcement, int64_t now)
{
    return announcement->state == WAITING && now >= announcement->retry.next;
}

bool announcer_is_waiting(const struct announcer *announcer)
{
    int64_t now = rosc_time_steady();
    bool waits = false;
    for (const struct announcement *one = announcer->first; one && !waits; one = one->next)
        waits = is_due(one, now);
    return waits && now >= announcer->creation.next;
}

static void change(struct announcer *announcer, enum announcement_state from,
                   enum announcement_state to)
{
    for (struct announcement *one = announcer->first; one; one = one->next)
        if (one->state == from)
            one->state = to;
}

void announcer_commit(struct announcer *announcer)
{
    change(announcer, ARRIVED, COMMITTED);
}

void announcer_abort(struct announcer *announcer)
{
    change(announcer, SENT, WAITING);
    change(announcer, ARRIVED, WAITING);
}

bool announcer_work(struct announcer *announcer, struct kafka_producer *producer, int64_t deadline)
{
    if (!announcer_is_waiting(announcer))
        return true;
    enum error_code code = create_topic(announcer, producer, deadline);
    if (code != ERROR_NONE)
        return code != ERROR_IO;
    int64_t now = rosc_time_steady();
    for (struct announcement *one = announcer->first; one; one = one->next)
        if (is_due(one, now))
            send(announcer, one, producer);
    return true;
}

void announcer_report(struct announcer *announcer, const struct kafka_report *report)
{
    for (struct announcement *one = announcer->first; one; one = one->next) {
        if (one->tag != report->tag)
            continue;
        if (report->delivery == KAFKA_DELIVERED)
            take_back(announcer);
        if (report->delivery == KAFKA_DELIVERED)
            one->state = ARRIVED;
        else if (report->delivery == KAFKA_WRONG_TIME && !atomic_exchange(&one->timeless, true))
            one->state = WAITING;
        else if (report->delivery == KAFKA_NOT_DELIVERED)
            one->state = WAITING;
        else
            refuse(announcer, one, report->reason);
        return;
    }
}
