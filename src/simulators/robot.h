/* A robot's topics: so and so many, by name and kind. Knows neither ROS nor Kafka. */
#ifndef KAFKA_BRIDGE_SIMULATORS_ROBOT_H
#define KAFKA_BRIDGE_SIMULATORS_ROBOT_H

#include "simulators/kind.h"

#define ROBOT_TOPICS_LIMIT 10000

struct robot_topic {
    char *name; /* "warty/imu_2/data": as one would give it to a node, not resolved */
    const struct kind *kind;
    unsigned instance; /* from 1 */
};

/* The caller owns the struct. */
struct robot {
    struct robot_topic *topics;
    size_t count;
};

/* `count` topics (1…ROBOT_TOPICS_LIMIT) below `name`: odometry, then one of each kind in the order
 * of kinds[], then second ones ("imu_2/data"), and so on; all names differ. On failure there is
 * nothing to free. ERROR_RANGE, ERROR_MEMORY. */
enum error_code robot_init(struct robot *robot, const char *name, size_t count,
                           struct error *error) MUST_CHECK;
void robot_fini(struct robot *robot);

#endif
