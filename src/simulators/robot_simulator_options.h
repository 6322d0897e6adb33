/* The parameters of robot_simulator. Knows no ROS: they come as a cJSON tree. */
#ifndef KAFKA_BRIDGE_SIMULATORS_ROBOT_SIMULATOR_OPTIONS_H
#define KAFKA_BRIDGE_SIMULATORS_ROBOT_SIMULATOR_OPTIONS_H

#include "base/buffer.h"

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

struct robot_simulator_options {
    const char *robot;   /* prefix of the topics and frames; lives as long as the tree */
    double rate;         /* of the odometry, Hz */
    uint64_t seed;       /* which drive, and which noise */
    uint64_t count;      /* of odometry messages, 0: without end */
    size_t topics;       /* in all */
    uint32_t queue_size; /* of odometry messages that wait for a slow subscriber; 0: no bound */
    bool wait_for_subscriber;
};

/* Fills `options` from `tree` (NULL: all defaults). False where anything is wrong with it: then
 * `problems` holds one line for each, with the parameter, what was found and what is right. */
bool robot_simulator_options_read(const cJSON *tree, struct robot_simulator_options *options,
                                  struct buffer *problems) MUST_CHECK;

#endif
