/* The parameters of imu_player. Knows no ROS: they come as a cJSON tree. */
#ifndef KAFKA_BRIDGE_SIMULATORS_IMU_PLAYER_OPTIONS_H
#define KAFKA_BRIDGE_SIMULATORS_IMU_PLAYER_OPTIONS_H

#include "simulators/source.h"

struct imu_player_options {
    struct source_settings source;
    const char *file;     /* a recorded orientation; "": a drive is made up; as long as the tree */
    const char *frame_id; /* as long as the tree */
    bool loop;            /* of the file */
    double rate;          /* Hz, of the drive that is made up */
    double time_factor;   /* s of the recording in a second */
    uint64_t seed;        /* of the drive that is made up */
    uint64_t count;       /* messages, 0: all */
};

/* Fills `options` from `tree` (NULL: all defaults). False where anything is wrong with it: then
 * `problems` holds one line for each. */
bool imu_player_options_read(const cJSON *tree, struct imu_player_options *options,
                             struct buffer *problems) MUST_CHECK;

#endif
