/* Ticks of an axis, and what is written at them. */
#include "viewers/axis.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void assert_near(double found, double wanted)
{
    assert_true(fabs(found - wanted) <= 1e-9 * fmax(fabs(wanted), 1e-9));
}

static void ticks_are_round_and_inside(void **unused)
{
    static const struct {
        double low, high;
        size_t most;
        double first, step;
        size_t count;
    } wanted[] = {
        {0, 165, 7, 0, 50, 4}, {6e5, 9.6e6, 7, 2e6, 2e6, 4}, {0, 1, 6, 0, 0.2, 6},
        {-3, 3, 4, -2, 2, 3},  {0.1, 0.3, 3, 0.1, 0.1, 3},   {1e-9, 3e-9, 3, 1e-9, 1e-9, 3},
    };
    (void)unused;
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        struct axis axis = axis_between(wanted[i].low, wanted[i].high, wanted[i].most);
        assert_near(axis.first, wanted[i].first);
        assert_near(axis.step, wanted[i].step);
        assert_int_equal(axis.count, wanted[i].count);
    }
}

static void any_axis_keeps_its_bounds(void **unused)
{
    (void)unused;
    for (double high = 1e-6; high < 1e15; high *= 1.37)
        for (size_t most = 2; most < 12; most++) {
            struct axis axis = axis_between(-0.3 * high, high, most);
            double last = axis.first + (double)(axis.count - 1) * axis.step;
            assert_in_range(axis.count, 1, most);
            assert_true(axis.first >= axis.low - 1e-6 * axis.step);
            assert_true(last <= axis.high + 1e-6 * axis.step);
        }
}

static void counts_begin_at_0_and_end_at_a_tick(void **unused)
{
    static const struct {
        double highest, high, step;
    } wanted[] = {{0, 1, 1},      {1, 1, 1},      {3, 3, 1},          {7, 8, 2},
                  {100, 100, 20}, {101, 150, 50}, {4021, 5000, 1000}, {1e12, 1e12, 2e11}};
    (void)unused;
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        struct axis axis = axis_of_counts(wanted[i].highest, 6);
        assert_near(axis.low, 0);
        assert_near(axis.high, wanted[i].high);
        assert_near(axis.step, wanted[i].step);
        assert_near(axis.first + (double)(axis.count - 1) * axis.step, axis.high);
    }
}

static void places_go_either_way(void **unused)
{
    struct axis axis = axis_between(100, 200, 6);
    (void)unused;
    assert_near(axis_place(&axis, 100, 10, 50), 10);
    assert_near(axis_place(&axis, 200, 10, 50), 50);
    assert_near(axis_place(&axis, 175, 50, 10), 20);
}

static void labels_are_short(void **unused)
{
    static const struct {
        double value;
        const char *label;
    } wanted[] = {{0, "0"},       {165, "165"},    {0.2, "0.2"},  {999, "999"}, {1000, "1k"},
                  {1500, "1.5k"}, {9.6e6, "9.6M"}, {-2e6, "-2M"}, {3e9, "3G"},  {4e12, "4T"}};
    (void)unused;
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        char label[AXIS_LABEL_SIZE];
        axis_label(wanted[i].value, label);
        assert_string_equal(label, wanted[i].label);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ticks_are_round_and_inside),
        cmocka_unit_test(any_axis_keeps_its_bounds),
        cmocka_unit_test(counts_begin_at_0_and_end_at_a_tick),
        cmocka_unit_test(places_go_either_way),
        cmocka_unit_test(labels_are_short),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
