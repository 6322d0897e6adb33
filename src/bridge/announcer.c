#include "bridge/announcer.h"

#include "kafka/definitions.h"

#include <rosc/log.h>
#include <rosc/time.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define CREATE_TIMEOUT_MS  2000
#define RETRY_SECONDS      5
#define KEY_SIZE           512
#define LOG_PERIOD_SECONDS 60.0
#define MD5SUM_OF_NOTHING  "d41d8cd98f00b204e9800998ecf8427e" /* std_msgs/Empty's */

enum announcement_state { WAITING, SENT, ARRIVED };

struct announcement {
    struct announcement *next;
    const struct spool_origin *facts;
    uint64_t tag;
    _Atomic enum announcement_state state;
};

struct announcer {
    const char *topic;
    _Atomic(struct announcement *) first; /* only ever grows at its head */
    uint64_t count;
    bool created;
    _Atomic int64_t next_try; /* nanoseconds of the steady clock */
    struct rosc_throttle log;
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

static void try_later(struct announcer *announcer)
{
    announcer->next_try = rosc_time_steady() + RETRY_SECONDS * INT64_C(1000000000);
}

static bool create_topic(struct announcer *announcer, struct kafka_producer *producer,
                         int64_t deadline)
{
    struct error error;
    int64_t left = (deadline - rosc_time_steady()) / 1000000;
    int timeout = left < 0 ? 0 : left > CREATE_TIMEOUT_MS ? CREATE_TIMEOUT_MS : (int)left;
    if (announcer->created)
        return true;
    if (kafka_producer_create_topic(producer, announcer->topic, 1, true, timeout, &error) ==
        ERROR_NONE) {
        announcer->created = true;
        return true;
    }
    try_later(announcer);
    if (rosc_throttle_pass(&announcer->log, LOG_PERIOD_SECONDS, NULL))
        ROSC_LOG_WARN("topic %s cannot be created: %s; until it is there, types that are not "
                      "installed where kafka_to_ros runs cannot be published there",
                      announcer->topic, error.text);
    return false;
}

static void send(struct announcer *announcer, struct announcement *announcement,
                 struct kafka_producer *producer)
{
    char key[KEY_SIZE];
    struct kafka_record record;
    const struct spool_origin *facts = announcement->facts;
    if (kafka_definition_record(announcer->topic, facts->ros_type, facts->ros_md5sum,
                                facts->definition, key, sizeof key, &record) != ERROR_NONE)
        return;
    announcement->state = SENT;
    if (kafka_producer_send(producer, &record, announcement->tag, announcer, NULL) != ERROR_NONE)
        announcement->state = WAITING;
}

bool announcer_is_done(const struct announcer *announcer)
{
    for (const struct announcement *one = announcer->first; one; one = one->next)
        if (one->state != ARRIVED)
            return false;
    return true;
}

void announcer_repeat(struct announcer *announcer)
{
    for (struct announcement *one = announcer->first; one; one = one->next)
        one->state = WAITING;
}

bool announcer_work(struct announcer *announcer, struct kafka_producer *producer, int64_t deadline)
{
    if (announcer_is_done(announcer) || rosc_time_steady() < announcer->next_try)
        return true;
    if (!create_topic(announcer, producer, deadline))
        return false;
    for (struct announcement *one = announcer->first; one; one = one->next)
        if (one->state == WAITING)
            send(announcer, one, producer);
    return true;
}

void announcer_report(struct announcer *announcer, const struct kafka_report *report)
{
    for (struct announcement *one = announcer->first; one; one = one->next) {
        if (one->tag != report->tag)
            continue;
        if (report->delivery != KAFKA_DELIVERED && report->delivery != KAFKA_NOT_DELIVERED) {
            try_later(announcer);
            if (rosc_throttle_pass(&announcer->log, LOG_PERIOD_SECONDS, NULL))
                ROSC_LOG_WARN("topic %s does not take the definition of %s: %s; trying again",
                              announcer->topic, one->facts->ros_type, report->reason);
        }
        one->state = report->delivery == KAFKA_DELIVERED ? ARRIVED : WAITING;
        return;
    }
}
