/* The simulated drive: smooth, upright, and its twist the derivative of its pose. */
#include "simulators/drive.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define STEP  1e-5 /* s, for central differences */
#define SEEDS 20
#define ENDS  240.0 /* s: several times around */

static void assert_close(double found, double expected, double tolerance)
{
    if (!(fabs(found - expected) <= tolerance))
        fail_msg("found %.12g, expected %.12g within %g", found, expected, tolerance);
}

/* The rotation matrix of a unit quaternion x, y, z, w: its columns are the robot's axes. */
static void rotation(const double q[4], double r[3][3])
{
    double x = q[0], y = q[1], z = q[2], w = q[3];
    r[0][0] = 1 - 2 * (y * y + z * z);
    r[0][1] = 2 * (x * y - z * w);
    r[0][2] = 2 * (x * z + y * w);
    r[1][0] = 2 * (x * y + z * w);
    r[1][1] = 1 - 2 * (x * x + z * z);
    r[1][2] = 2 * (y * z - x * w);
    r[2][0] = 2 * (x * z - y * w);
    r[2][1] = 2 * (y * z + x * w);
    r[2][2] = 1 - 2 * (x * x + y * y);
}

static void for_each_place(void (*check)(const struct drive *drive, double time))
{
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct drive drive;
        drive_init(&drive, seed);
        for (double time = 0.1; time < ENDS; time += 0.37)
            check(&drive, time);
    }
}

static void it_begins_at_the_origin_at_rest(void **unused)
{
    (void)unused;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct drive drive;
        struct drive_state state;
        drive_init(&drive, seed);
        drive_at(&drive, 0, &state);
        for (int i = 0; i < 3; i++) {
            assert_close(state.position[i], 0, 1e-12);
            assert_close(state.linear[i], 0, 1e-12);
            assert_close(state.angular[i], 0, 1e-12);
        }
        assert_close(state.distance, 0, 1e-12);
    }
}

static void check_linear(const struct drive *drive, double time)
{
    struct drive_state before, now, after;
    double axes[3][3];
    drive_at(drive, time - STEP, &before);
    drive_at(drive, time, &now);
    drive_at(drive, time + STEP, &after);
    rotation(now.orientation, axes);
    for (int i = 0; i < 3; i++) {
        double moved = (after.position[i] - before.position[i]) / (2 * STEP);
        double said = 0;
        for (int k = 0; k < 3; k++)
            said += axes[i][k] * now.linear[k];
        assert_close(said, moved, 1e-7);
    }
}

static void the_linear_twist_is_the_derivative_of_the_position(void **unused)
{
    (void)unused;
    for_each_place(check_linear);
}

/* ω of the robot's frame from a quaternion's derivative: the vector part of 2 q* dq/dt. */
static void check_angular(const struct drive *drive, double time)
{
    struct drive_state before, now, after;
    double d[4];
    drive_at(drive, time - STEP, &before);
    drive_at(drive, time, &now);
    drive_at(drive, time + STEP, &after);
    const double *q = now.orientation;
    for (int i = 0; i < 4; i++)
        d[i] = (after.orientation[i] - before.orientation[i]) / (2 * STEP);
    assert_close(now.angular[0], 2 * (q[3] * d[0] - q[0] * d[3] - q[1] * d[2] + q[2] * d[1]), 1e-7);
    assert_close(now.angular[1], 2 * (q[3] * d[1] - q[1] * d[3] - q[2] * d[0] + q[0] * d[2]), 1e-7);
    assert_close(now.angular[2], 2 * (q[3] * d[2] - q[2] * d[3] - q[0] * d[1] + q[1] * d[0]), 1e-7);
}

static void the_angular_twist_is_the_derivative_of_the_orientation(void **unused)
{
    (void)unused;
    for_each_place(check_angular);
}

/* What an accelerometer feels: the second derivative of the position and, upwards, gravity. */
static void check_acceleration(const struct drive *drive, double time)
{
    const double step = 1e-3;
    struct drive_state before, now, after;
    double axes[3][3];
    drive_at(drive, time - step, &before);
    drive_at(drive, time, &now);
    drive_at(drive, time + step, &after);
    rotation(now.orientation, axes);
    for (int k = 0; k < 3; k++) {
        double felt = 0;
        for (int i = 0; i < 3; i++) {
            double bent = before.position[i] - 2 * now.position[i] + after.position[i];
            felt += axes[i][k] * (bent / (step * step) + (i == 2 ? 9.80665 : 0));
        }
        assert_close(now.acceleration[k], felt, 1e-5);
    }
}

static void the_acceleration_is_the_second_derivative_and_gravity(void **unused)
{
    (void)unused;
    for_each_place(check_acceleration);
}

static void check_quaternion(const struct drive *drive, double time)
{
    struct drive_state state;
    drive_at(drive, time, &state);
    double norm = 0;
    for (int i = 0; i < 4; i++)
        norm += state.orientation[i] * state.orientation[i];
    assert_close(norm, 1, 1e-12);
}

static void the_quaternion_has_length_one(void **unused)
{
    (void)unused;
    for_each_place(check_quaternion);
}

/* At 50 Hz nothing changes by more than a robot can do in 20 ms. */
static void check_continuity(const struct drive *drive, double time)
{
    struct drive_state now, next;
    drive_at(drive, time, &now);
    drive_at(drive, time + 0.02, &next);
    for (int i = 0; i < 3; i++) {
        assert_close(next.position[i], now.position[i], 0.02 * 4);
        assert_close(next.linear[i], now.linear[i], 0.02 * 3);
        assert_close(next.angular[i], now.angular[i], 0.02 * 3);
    }
    for (int i = 0; i < 4; i++)
        assert_close(next.orientation[i], now.orientation[i], 0.02 * 1);
}

static void nothing_jumps(void **unused)
{
    (void)unused;
    for_each_place(check_continuity);
}

static void check_believable(const struct drive *drive, double time)
{
    struct drive_state state;
    drive_at(drive, time, &state);
    assert_true(fabs(state.position[0]) < 80 && fabs(state.position[1]) < 80);
    assert_true(fabs(state.position[2]) < 3);
    assert_true(fabs(state.roll) < 0.5 && fabs(state.pitch) < 0.5);
    assert_true(state.linear[0] >= 0 && state.linear[0] < 3);
    if (time > 15)
        assert_true(state.linear[0] > 0.2);
}

static void the_robot_stays_on_its_wheels_and_keeps_moving(void **unused)
{
    (void)unused;
    for_each_place(check_believable);
}

static void the_seed_alone_decides(void **unused)
{
    (void)unused;
    struct drive one, same, other;
    struct drive_state a, b, c;
    drive_init(&one, 7);
    drive_init(&same, 7);
    drive_init(&other, 8);
    drive_at(&one, 30, &a);
    drive_at(&same, 30, &b);
    drive_at(&other, 30, &c);
    assert_memory_equal(&a, &b, sizeof a);
    assert_true(fabs(a.position[0] - c.position[0]) > 0.01);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_begins_at_the_origin_at_rest),
        cmocka_unit_test(the_linear_twist_is_the_derivative_of_the_position),
        cmocka_unit_test(the_angular_twist_is_the_derivative_of_the_orientation),
        cmocka_unit_test(the_acceleration_is_the_second_derivative_and_gravity),
        cmocka_unit_test(the_quaternion_has_length_one),
        cmocka_unit_test(nothing_jumps),
        cmocka_unit_test(the_robot_stays_on_its_wheels_and_keeps_moving),
        cmocka_unit_test(the_seed_alone_decides),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
