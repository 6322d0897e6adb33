/* Keeps what is done once a period from taking more than a fiftieth of the time: with thousands of
 * topics it is done less often, down to every five seconds. One thread. */
#ifndef KAFKA_BRIDGE_BRIDGE_FLOW_PACE_H
#define KAFKA_BRIDGE_BRIDGE_FLOW_PACE_H

#include <rosc/time.h>
#include <stdbool.h>

#define PACE_SHARE   50
#define PACE_LONGEST INT64_C(5000000000) /* nanoseconds */

struct pace {
    int64_t begin; /* nanoseconds of the steady clock, as all here */
    int64_t not_before;
};

/* Whether its turn has come. Where it has, pace_end follows the work. */
static inline bool pace_begin(struct pace *pace)
{
    pace->begin = rosc_time_steady();
    return pace->begin >= pace->not_before;
}

static inline void pace_end(struct pace *pace)
{
    int64_t end = rosc_time_steady();
    int64_t pause = (end - pace->begin) * PACE_SHARE;
    pace->not_before = end + (pause < PACE_LONGEST ? pause : PACE_LONGEST);
}

#endif
