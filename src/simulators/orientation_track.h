/* A recorded orientation: a CSV file with the columns seconds_elapsed, qx, qy, qz and qw, in any
 * order, and any others. That is how phones' sensor loggers export it. Knows neither ROS nor Kafka.
 * One thread.
 */
#ifndef KAFKA_BRIDGE_SIMULATORS_ORIENTATION_TRACK_H
#define KAFKA_BRIDGE_SIMULATORS_ORIENTATION_TRACK_H

#include "base/buffer.h"

#include <stdbool.h>

struct orientation_sample {
    double time;          /* s since the first one; never less than the one before */
    double quaternion[4]; /* x, y, z, w; its norm is 1 within a hundredth */
};

struct orientation_track;

/* Opens `path`. Errors as csv_reader_open's, and ERROR_MISSING where a column is. */
enum error_code orientation_track_open(const char *path, bool loop,
                                       struct orientation_track **track,
                                       struct error *error) MUST_CHECK;
void orientation_track_close(struct orientation_track *track);

/* The next sample; `*done` at the end. With `loop` the track begins again after its last sample, as
 * long after it as the last two were apart. Errors with "file:line" as path: csv_reader_next's,
 * ERROR_TYPE (no number), ERROR_RANGE (time that goes back, no unit quaternion), ERROR_LENGTH (a
 * loop that takes no time). */
enum error_code orientation_track_next(struct orientation_track *track,
                                       struct orientation_sample *sample, bool *done,
                                       struct error *error) MUST_CHECK;

#endif
