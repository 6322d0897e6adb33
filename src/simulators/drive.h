/* The robot's drive: a figure eight over gentle hills, begun from standing still.
 *
 * The position is a smooth function of time, and everything else follows from it by differentiation
 * on paper: the robot looks where it goes, stands upright on the ground, and its twist is the
 * derivative of its pose. Frames and units as REP 103 and REP 105 have them: metres, seconds,
 * radians; x forward, y left, z up; the pose is in the `odom` frame, which lies where the robot
 * stood at time 0 (the heading is not zero there), and the twist is in the robot's own frame.
 *
 * The same seed gives the same drive on every machine with the same libm. Knows neither ROS nor
 * Kafka. A drive is immutable once made; any number of threads may read it.
 */
#ifndef KAFKA_BRIDGE_SIMULATORS_DRIVE_H
#define KAFKA_BRIDGE_SIMULATORS_DRIVE_H

#include <stdint.h>

#define DRIVE_HILLS 3

struct drive_hill {
    double height; /* m */
    double kx, ky; /* wave numbers, rad/m */
    double phase;  /* rad */
};

struct drive {
    double length, width; /* half axes of the figure eight, m */
    double pace;          /* of its parameter when at speed, rad/s */
    double ramp;          /* time constant of the start, s */
    double begin;         /* parameter at time 0, rad */
    double turn;          /* of the whole figure, rad */
    double x0, y0, z0;    /* of the figure at time 0, m */
    struct drive_hill hills[DRIVE_HILLS];
};

struct drive_state {
    double position[3];      /* m, in odom */
    double roll, pitch, yaw; /* rad; yaw is not wrapped, so that it has no jumps */
    double orientation[4];   /* unit quaternion x, y, z, w of the same; has no jumps either */
    double linear[3];        /* m/s, in the robot's frame: forward only */
    double angular[3];       /* rad/s, in the robot's frame */
    double acceleration[3]; /* what an accelerometer reads, gravity included, m/s², robot's frame */
    double distance;        /* m along the path since the start, roughly: pace times mean speed */
};

/* Chooses figure, speed (about 1 to 2 m/s) and hills by `seed`. */
void drive_init(struct drive *drive, uint64_t seed);

/* Where the robot is `time` seconds after the start (0 and more). */
void drive_at(const struct drive *drive, double time, struct drive_state *state);

#endif
