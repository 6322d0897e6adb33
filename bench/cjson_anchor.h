/* The anchor: the same work with cJSON, written by hand for each type as one would. */
#ifndef KAFKA_BRIDGE_BENCH_CJSON_ANCHOR_H
#define KAFKA_BRIDGE_BENCH_CJSON_ANCHOR_H

#include "base/buffer.h"

#include <cjson/cJSON.h>
#include <stdint.h>

/* A serialized nav_msgs/Odometry as a tree, to delete: all fields, or the flat record of
 * config/odometry.yaml (numbers rounded to 5 decimals). */
cJSON *cjson_from_odometry(const uint8_t *bytes);
cJSON *cjson_from_odometry_flat(const uint8_t *bytes, uint64_t sequence);

/* sensor_msgs/LaserScan and sensor_msgs/JointState. */
cJSON *cjson_from_laser_scan(const uint8_t *bytes);
cJSON *cjson_from_joint_state(const uint8_t *bytes);

/* Appends the serialized nav_msgs/Odometry that `tree` says, field by field. */
enum error_code cjson_to_odometry(const cJSON *tree, struct buffer *out) MUST_CHECK;

#endif
