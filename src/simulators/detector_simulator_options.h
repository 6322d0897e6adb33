/* The parameters of detector_simulator. Knows no ROS: they come as a cJSON tree. */
#ifndef KAFKA_BRIDGE_SIMULATORS_DETECTOR_SIMULATOR_OPTIONS_H
#define KAFKA_BRIDGE_SIMULATORS_DETECTOR_SIMULATOR_OPTIONS_H

#include "simulators/source.h"

struct detector_simulator_options {
    struct source_settings source;
    double rate;               /* hits (and noise) per second */
    uint64_t hits_per_message; /* the last message may have fewer */
    uint64_t count;            /* hits, 0: without end */
    uint64_t seed;
    double noise;      /* share with another head than 2 */
    double orbit_rate; /* orbits per second */
};

/* Fills `options` from `tree` (NULL: all defaults). False where anything is wrong with it: then
 * `problems` holds one line for each. */
bool detector_simulator_options_read(const cJSON *tree, struct detector_simulator_options *options,
                                     struct buffer *problems) MUST_CHECK;

#endif
