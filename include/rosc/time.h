/* rosc: ROS time (simulated where /use_sim_time is set) and wall time. Any thread. */
#ifndef ROSC_TIME_H
#define ROSC_TIME_H

#include <rosc/error.h>

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Nanoseconds since the Unix epoch, or of simulated time; 0 while simulated time has not begun, and
 * before rosc_start. */
ROSC_EXPORT int64_t rosc_time_now(void);

/* Nanoseconds since the Unix epoch, never simulated. */
ROSC_EXPORT int64_t rosc_time_wall(void);

/* Nanoseconds of the monotonic clock. */
ROSC_EXPORT int64_t rosc_time_steady(void);

/* Whether /use_sim_time is in force. */
ROSC_EXPORT bool rosc_time_is_simulated(void);

/* Sleeps in ROS time (with simulated time as long as that takes: until the clock has begun and gone
 * that far; where it jumps back, as far again); false where shutdown came first. */
ROSC_EXPORT bool rosc_time_sleep(double seconds);

#ifdef __cplusplus
}
#endif

#endif
