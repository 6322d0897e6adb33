/* Messages about where the robot is and how it moves. */
#include "simulators/kind.h"

#include <math.h>

#define CHASSIS_MASS   280.0 /* kg */
#define PATH_POSES     20
#define FOOTPRINT_SIDE 0.7 /* m, half */

static void put_pose(struct serial_writer *writer, const struct drive_state *state)
{
    put_doubles(writer, state->position, 3);
    put_doubles(writer, state->orientation, 4);
}

static void put_twist(struct serial_writer *writer, const struct drive_state *state)
{
    put_doubles(writer, state->linear, 3);
    put_doubles(writer, state->angular, 3);
}

/* Dead reckoning: the place grows less certain with the distance driven; the rest is what wheel
 * odometry with a gyroscope is usually given (order x, y, z, roll, pitch, yaw). */
static void put_pose_covariance(struct serial_writer *writer, const struct drive_state *state)
{
    double place = 0.001 + 0.0004 * state->distance;
    double heading = 0.03 + 0.00002 * state->distance;
    put_diagonal(writer, (double[]){place, place, 0.001, 0.001, 0.001, heading}, 6);
}

void write_odometry(struct serial_writer *writer, struct moment *moment)
{
    put_header(writer, moment, "odom");
    put_frame(writer, moment, "base_link");
    put_pose(writer, moment->state);
    put_pose_covariance(writer, moment->state);
    put_twist(writer, moment->state);
    put_diagonal(writer, (double[]){0.001, 0.001, 0.001, 0.001, 0.001, 0.03}, 6);
}

void write_imu(struct serial_writer *writer, struct moment *moment)
{
    const struct drive_state *state = moment->state;
    put_header(writer, moment, "imu_link");
    put_doubles(writer, state->orientation, 4);
    put_diagonal(writer, (double[]){1e-6, 1e-6, 4e-6}, 3);
    for (int i = 0; i < 3; i++)
        put_double(writer, state->angular[i] + noise_around_zero(&moment->noise, 0.002));
    put_diagonal(writer, (double[]){4e-6, 4e-6, 4e-6}, 3);
    for (int i = 0; i < 3; i++)
        put_double(writer, state->acceleration[i] + noise_around_zero(&moment->noise, 0.02));
    put_diagonal(writer, (double[]){4e-4, 4e-4, 4e-4}, 3);
}

static void put_fixed_transform(struct serial_writer *writer, const struct moment *moment,
                                const char *child, double x, double z)
{
    put_header(writer, moment, "base_link");
    put_frame(writer, moment, child);
    put_doubles(writer, (double[]){x, 0, z, 0, 0, 0, 1}, 7);
}

void write_tf(struct serial_writer *writer, struct moment *moment)
{
    put_count(writer, 3);
    put_header(writer, moment, "odom");
    put_frame(writer, moment, "base_link");
    put_pose(writer, moment->state);
    put_fixed_transform(writer, moment, "imu_link", 0.0, 0.25);
    put_fixed_transform(writer, moment, "lidar_link", 0.45, 0.6);
}

void write_twist(struct serial_writer *writer, struct moment *moment)
{
    put_twist(writer, moment->state);
}

void write_twist_stamped(struct serial_writer *writer, struct moment *moment)
{
    put_header(writer, moment, "base_link");
    put_twist(writer, moment->state);
}

void write_pose_stamped(struct serial_writer *writer, struct moment *moment)
{
    put_header(writer, moment, "odom");
    put_pose(writer, moment->state);
}

void write_pose_with_covariance_stamped(struct serial_writer *writer, struct moment *moment)
{
    put_header(writer, moment, "map");
    put_pose(writer, moment->state);
    put_pose_covariance(writer, moment->state);
}

void write_accel_stamped(struct serial_writer *writer, struct moment *moment)
{
    put_header(writer, moment, "base_link");
    put_doubles(writer, moment->state->acceleration, 3);
    put_repeated_double(writer, 0.0, 3);
}

/* What pushes the chassis: mass times acceleration, and no torque worth mentioning. */
void write_wrench_stamped(struct serial_writer *writer, struct moment *moment)
{
    put_header(writer, moment, "base_link");
    for (int i = 0; i < 3; i++)
        put_double(writer, CHASSIS_MASS * moment->state->acceleration[i]);
    for (int i = 0; i < 3; i++)
        put_double(writer, noise_around_zero(&moment->noise, 0.5));
}

void write_vector_stamped(struct serial_writer *writer, struct moment *moment)
{
    put_header(writer, moment, "base_link");
    put_doubles(writer, moment->state->acceleration, 3);
}

void write_pose2d(struct serial_writer *writer, struct moment *moment)
{
    put_doubles(writer, moment->state->position, 2);
    put_double(writer, moment->state->yaw);
}

void write_polygon_stamped(struct serial_writer *writer, struct moment *moment)
{
    static const double corners[4][2] = {{1, 1}, {-1, 1}, {-1, -1}, {1, -1}};
    double c = cos(moment->state->yaw) * FOOTPRINT_SIDE;
    double s = sin(moment->state->yaw) * FOOTPRINT_SIDE;
    put_header(writer, moment, "odom");
    put_count(writer, 4);
    for (int i = 0; i < 4; i++) {
        double x = c * corners[i][0] - s * corners[i][1];
        double y = s * corners[i][0] + c * corners[i][1];
        put_float(writer, (float)(moment->state->position[0] + x));
        put_float(writer, (float)(moment->state->position[1] + y));
        put_float(writer, (float)moment->state->position[2]);
    }
}

/* The way ahead as a planner would have it: straight on from here, half a metre a step. */
void write_path(struct serial_writer *writer, struct moment *moment)
{
    const struct drive_state *state = moment->state;
    put_header(writer, moment, "odom");
    put_count(writer, PATH_POSES);
    for (int i = 0; i < PATH_POSES; i++) {
        double ahead = 0.5 * i;
        put_header(writer, moment, "odom");
        put_double(writer, state->position[0] + ahead * cos(state->yaw));
        put_double(writer, state->position[1] + ahead * sin(state->yaw));
        put_double(writer, state->position[2]);
        put_doubles(writer, state->orientation, 4);
    }
}
