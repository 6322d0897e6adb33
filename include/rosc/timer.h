/* rosc: timers, in ROS time or in wall time. */
#ifndef ROSC_TIMER_H
#define ROSC_TIMER_H

#include <rosc/error.h>
#include <rosc/queue.h>

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum rosc_clock { ROSC_CLOCK_ROS, ROSC_CLOCK_WALL };

/* When the call was due and when it came, nanoseconds of the timer's clock. */
struct rosc_timer_event {
    int64_t expected;
    int64_t real;
};

typedef void (*rosc_timer_callback)(const struct rosc_timer_event *event, void *user);

struct rosc_timer;

/* Calls `callback` every `period` seconds (above 0, below 2^31) on a thread that serves `queue`, or
 * once where `oneshot`; calls of one timer never overlap. ROSC_CLOCK_WALL keeps its pace when the
 * machine's clock is set. Any thread. Returns ROSC_OK, ROSC_ERROR_ARGUMENT, ROSC_ERROR_STATE,
 * ROSC_ERROR_MEMORY, ROSC_ERROR_ROS. */
ROSC_EXPORT enum rosc_status rosc_timer_create(struct rosc_queue *queue, enum rosc_clock clock,
                                               double period, bool oneshot,
                                               rosc_timer_callback callback, void *user,
                                               struct rosc_timer **timer,
                                               struct rosc_error *error) ROSC_MUST_CHECK;

/* When it returns the callback does not run any more. Not from that callback. */
ROSC_EXPORT void rosc_timer_destroy(struct rosc_timer *timer);

#ifdef __cplusplus
}
#endif

#endif
