/* What is being done with one record of Kafka, from its first try to its last. Whatever would hold
 * the flow up (a definition, a subscriber, room, an acknowledgement) ends a try instead, and the
 * record is tried again later, while other partitions go on. One thread. */
#ifndef KAFKA_BRIDGE_BRIDGE_PUBLISH_TASK_H
#define KAFKA_BRIDGE_BRIDGE_PUBLISH_TASK_H

#include "bridge/flow/counters.h"
#include "kafka/record/record.h"

#include <rosc/log.h>
#include <rosc/time.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TASK_MILLISECOND INT64_C(1000000)

struct letter;

/* How long a partition's records wait for what may never come: less each time that it was in vain,
 * so that a stranger's names do not hold it up for ever. */
struct patience {
    unsigned unheard; /* topics in a row that nobody was known to want, and that nobody took */
    unsigned missing; /* types in a row whose definition did not come */
    bool vain;        /* subscribers that the master knows did not connect, the last time */
    bool stuck;       /* it was said that its subscribers take nothing */
    struct rosc_throttle stuck_log, letter_log, refused_log, unlatched_log;
};

struct task {
    const struct kafka_record *record;
    struct patience *patience; /* its partition's */
    struct counters *counters; /* that count it; NULL: none yet */
    struct letter *letter;     /* its dead letter, which is under way; NULL: none */
    int64_t since;  /* nanoseconds of the steady clock: it waits since then; 0: not yet */
    int64_t due;    /* likewise: not tried again before */
    size_t size;    /* of its message, once it is decoded */
    bool decoded;   /* it could be */
    bool said;      /* what it waits for */
    bool restoring; /* it was published by an earlier run, and is latched again: it counts nowhere,
                       and no offset is stored for it */
};

/* It is to be tried again in so many milliseconds, of the steady clock. */
static inline void task_wait(struct task *task, int milliseconds)
{
    int64_t now = rosc_time_steady();
    if (task->since == 0)
        task->since = now;
    task->due = now + milliseconds * TASK_MILLISECOND;
}

/* For how long it has waited, in nanoseconds. */
static inline int64_t task_waited(const struct task *task)
{
    return task->since > 0 ? rosc_time_steady() - task->since : 0;
}

#endif
