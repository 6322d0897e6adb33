/* The parameters of truck_simulator. Knows no ROS: they come as a cJSON tree. */
#ifndef KAFKA_BRIDGE_SIMULATORS_TRUCK_SIMULATOR_OPTIONS_H
#define KAFKA_BRIDGE_SIMULATORS_TRUCK_SIMULATOR_OPTIONS_H

#include "simulators/source.h"

struct truck_simulator_options {
    struct source_settings source;
    double fuel;        /* l at the start */
    double interval;    /* s of the drive from point to point */
    double time_factor; /* s of the drive in a second */
    uint64_t seed;
    uint64_t count; /* points, 0: until the fuel is used up */
};

/* Fills `options` from `tree` (NULL: all defaults). False where anything is wrong with it: then
 * `problems` holds one line for each. */
bool truck_simulator_options_read(const cJSON *tree, struct truck_simulator_options *options,
                                  struct buffer *problems) MUST_CHECK;

#endif
