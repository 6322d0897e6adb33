/* The kinds of topics that a simulated robot has: name, type, rate, and how a message is written.
 *
 * Knows neither ROS nor Kafka: a kind appends serialized bytes. The kinds are constant; any number
 * of threads may use them, each with its own moment and writer.
 */
#ifndef KAFKA_BRIDGE_SIMULATORS_KIND_H
#define KAFKA_BRIDGE_SIMULATORS_KIND_H

#include "simulators/drive.h"
#include "simulators/noise.h"
#include "simulators/serial_writer.h"

/* What a message is made from. */
struct moment {
    uint32_t seq;                    /* for header.seq, from 0 */
    int64_t stamp;                   /* nanoseconds, ROS time, not negative */
    double time;                     /* seconds since the start of the drive */
    const char *robot;               /* the frames' prefix: "warty" */
    unsigned instance;               /* which one of its kind, from 1 */
    const struct drive_state *state; /* at `time` */
    struct noise noise;              /* of this message alone */
};

typedef void (*kind_write)(struct serial_writer *writer, struct moment *moment);

struct kind {
    const char *name; /* below the robot's name: "imu/data"; with a leading '/': the whole name */
    const char *type; /* "package/Type" */
    double rate;      /* messages per second, as such a device sends them */
    bool single;      /* a robot has one at most */
    kind_write write;
};

/* Odometry is the first of them; its rate is the caller's. */
extern const struct kind kinds[];
extern const size_t kind_count;

/* For kinds' writers: a std_msgs/Header with the frame "<robot>/<frame>". */
void put_header(struct serial_writer *writer, const struct moment *moment, const char *frame);
/* A string "<robot>/<frame>". */
void put_frame(struct serial_writer *writer, const struct moment *moment, const char *frame);

/* The writers, by the file they are in. motion_kinds.c: */
void write_odometry(struct serial_writer *writer, struct moment *moment);
void write_imu(struct serial_writer *writer, struct moment *moment);
void write_tf(struct serial_writer *writer, struct moment *moment);
void write_twist(struct serial_writer *writer, struct moment *moment);
void write_twist_stamped(struct serial_writer *writer, struct moment *moment);
void write_pose_stamped(struct serial_writer *writer, struct moment *moment);
void write_pose_with_covariance_stamped(struct serial_writer *writer, struct moment *moment);
void write_accel_stamped(struct serial_writer *writer, struct moment *moment);
void write_wrench_stamped(struct serial_writer *writer, struct moment *moment);
void write_vector_stamped(struct serial_writer *writer, struct moment *moment); /* Point too */
void write_pose2d(struct serial_writer *writer, struct moment *moment);
void write_polygon_stamped(struct serial_writer *writer, struct moment *moment);
void write_path(struct serial_writer *writer, struct moment *moment);

/* sensor_kinds.c: */
void write_laser_scan(struct serial_writer *writer, struct moment *moment);
void write_joint_state(struct serial_writer *writer, struct moment *moment);
void write_battery_state(struct serial_writer *writer, struct moment *moment);
void write_nav_sat_fix(struct serial_writer *writer, struct moment *moment);
void write_range(struct serial_writer *writer, struct moment *moment);
void write_magnetic_field(struct serial_writer *writer, struct moment *moment);
void write_temperature(struct serial_writer *writer, struct moment *moment);
void write_fluid_pressure(struct serial_writer *writer, struct moment *moment);
void write_relative_humidity(struct serial_writer *writer, struct moment *moment);
void write_illuminance(struct serial_writer *writer, struct moment *moment);
void write_time_reference(struct serial_writer *writer, struct moment *moment);
void write_joy(struct serial_writer *writer, struct moment *moment);

/* picture_kinds.c: */
void write_image(struct serial_writer *writer, struct moment *moment);
void write_compressed_image(struct serial_writer *writer, struct moment *moment);
void write_camera_info(struct serial_writer *writer, struct moment *moment);
void write_occupancy_grid(struct serial_writer *writer, struct moment *moment);

/* state_kinds.c: diagnostics and std_msgs */
void write_diagnostics(struct serial_writer *writer, struct moment *moment);
void write_string(struct serial_writer *writer, struct moment *moment);
void write_bool(struct serial_writer *writer, struct moment *moment);
void write_8_bits(struct serial_writer *writer, struct moment *moment);
void write_16_bits(struct serial_writer *writer, struct moment *moment);
void write_32_bits(struct serial_writer *writer, struct moment *moment);
void write_64_bits(struct serial_writer *writer, struct moment *moment);
void write_float32(struct serial_writer *writer, struct moment *moment);
void write_float64(struct serial_writer *writer, struct moment *moment);
void write_time(struct serial_writer *writer, struct moment *moment); /* Duration too */
void write_empty(struct serial_writer *writer, struct moment *moment);
void write_color(struct serial_writer *writer, struct moment *moment);
void write_float32_array(struct serial_writer *writer, struct moment *moment);
void write_float64_array(struct serial_writer *writer, struct moment *moment);
void write_int32_array(struct serial_writer *writer, struct moment *moment);
void write_uint8_array(struct serial_writer *writer, struct moment *moment);

#endif
