/* The truck's physics: what it must obey, and when it ends. */
#include "simulators/truck.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define INTERVAL 0.004

static void it_stands_and_idles_at_first(void **state)
{
    (void)state;
    struct truck truck;
    truck_init(&truck, 1, INTERVAL, 5);
    assert_true(truck.time == 0 && truck.distance == 0 && truck.fuel == 0 && truck.speed == 0);
    assert_true(truck.engine == TRUCK_IDLE);
    assert_false(truck_is_empty(&truck));
}

static void it_obeys_its_limits(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 5; seed++) {
        struct truck truck, before;
        truck_init(&truck, seed, INTERVAL, 1);
        while (!truck_is_empty(&truck)) {
            before = truck;
            truck_step(&truck);
            double change = (truck.speed - before.speed) / INTERVAL;
            assert_true(change > -1.5 && change < 0.8 + 1e-9);
            assert_true(truck.speed >= 0 && truck.speed < 30);
            assert_true(truck.distance >= before.distance);
            assert_true(truck.engine >= TRUCK_IDLE && truck.engine < 180);
            assert_true(truck.fuel > before.fuel && truck.fuel <= 1);
        }
    }
}

/* Of the interval nothing depends but the detail. */
static void distance_is_the_integral_of_speed(void **state)
{
    (void)state;
    struct truck fine, coarse;
    truck_init(&fine, 3, 0.001, 100);
    truck_init(&coarse, 3, 0.01, 100);
    for (int i = 0; i < 600000; i++)
        truck_step(&fine);
    for (int i = 0; i < 60000; i++)
        truck_step(&coarse);
    assert_true(fabs(fine.time - 600) < 1e-6 && fabs(coarse.time - 600) < 1e-6);
    assert_true(fabs(fine.distance - coarse.distance) < 0.001 * fine.distance);
    assert_true(fabs(fine.fuel - coarse.fuel) < 0.01 * fine.fuel);
}

/* 15 to 35 l per 100 km, as of a truck of 16 t in stop and go. */
static void consumption_is_a_trucks(void **state)
{
    (void)state;
    struct truck truck;
    truck_init(&truck, 1, INTERVAL, 5);
    while (!truck_is_empty(&truck))
        truck_step(&truck);
    double liters = truck.fuel / (truck.distance / 100000);
    if (liters < 15 || liters > 35)
        fail_msg("%g l per 100 km", liters);
    assert_true(truck.fuel == 5);
    assert_true(fabs(truck.time - (double)truck.step * INTERVAL) < 1e-9);
}

/* A gear is left at 110/0.75 rad/s, but for the highest one. */
static void gears_keep_the_engine_in_its_range(void **state)
{
    (void)state;
    struct truck truck;
    truck_init(&truck, 2, INTERVAL, 3);
    int shifts = 0;
    while (!truck_is_empty(&truck)) {
        double before = truck.engine;
        truck_step(&truck);
        if (truck.speed < 20 && truck.speed > 3)
            assert_true(truck.engine > 109.9 && truck.engine < 147);
        shifts += fabs(truck.engine - before) > 20;
    }
    assert_true(shifts > 5);
}

static void the_seed_decides(void **state)
{
    (void)state;
    struct truck once, again, other;
    truck_init(&once, 1, INTERVAL, 5);
    truck_init(&again, 1, INTERVAL, 5);
    truck_init(&other, 2, INTERVAL, 5);
    for (int i = 0; i < 20000; i++) {
        truck_step(&once);
        truck_step(&again);
        truck_step(&other);
    }
    assert_true(once.distance == again.distance && once.fuel == again.fuel);
    assert_true(once.distance != other.distance);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_stands_and_idles_at_first),
        cmocka_unit_test(it_obeys_its_limits),
        cmocka_unit_test(distance_is_the_integral_of_speed),
        cmocka_unit_test(consumption_is_a_trucks),
        cmocka_unit_test(gears_keep_the_engine_in_its_range),
        cmocka_unit_test(the_seed_decides),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
