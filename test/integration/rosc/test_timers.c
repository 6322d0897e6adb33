#include "support.h"
#include "test_rosc.h"

#include <math.h>

struct ticks {
    unsigned wanted;
    unsigned count;
    struct rosc_timer_event last;
};

static void on_tick(const struct rosc_timer_event *event, void *user)
{
    struct ticks *ticks = user;
    ticks->count++;
    ticks->last = *event;
}

static bool ticked(void *with)
{
    const struct ticks *ticks = with;
    return ticks->count >= ticks->wanted;
}

void timers_fire_in_both_clocks(void **state)
{
    (void)state;
    static const enum rosc_clock clocks[] = {ROSC_CLOCK_ROS, ROSC_CLOCK_WALL};
    for (size_t i = 0; i < 2; i++) {
        struct ticks ticks = {.wanted = 3};
        struct rosc_timer *timer = NULL;
        const int64_t begin = rosc_time_wall();
        assert_ok(rosc_timer_create(NULL, clocks[i], 0.05, false, on_tick, &ticks, &timer, error));
        serve_until(NULL, ticked, &ticks, "three ticks");
        assert_true(rosc_time_wall() - begin >= 140000000);
        assert_true(ticks.last.real >= ticks.last.expected);
        assert_true(ticks.last.expected > begin);
        assert_true(ticks.last.real <= rosc_time_wall());
        rosc_timer_destroy(timer);
        const unsigned count = ticks.count;
        serve_for(NULL, 0.15);
        assert_int_equal(ticks.count, count);
    }
}

void a_oneshot_timer_fires_once(void **state)
{
    (void)state;
    struct ticks ticks = {.wanted = 1};
    struct rosc_timer *timer = NULL;
    assert_ok(rosc_timer_create(NULL, ROSC_CLOCK_WALL, 0.02, true, on_tick, &ticks, &timer, error));
    serve_until(NULL, ticked, &ticks, "one tick");
    serve_for(NULL, 0.1);
    assert_int_equal(ticks.count, 1);
    rosc_timer_destroy(timer);
}

void bad_timers_are_refused(void **state)
{
    (void)state;
    static const double periods[] = {0, -1, 1e10};
    struct rosc_timer *timer = NULL;
    for (size_t i = 0; i < sizeof periods / sizeof *periods; i++)
        assert_fails(rosc_timer_create(NULL, ROSC_CLOCK_ROS, periods[i], false, on_tick, NULL,
                                       &timer, error),
                     ROSC_ERROR_ARGUMENT, "period");
    assert_fails(
        rosc_timer_create(NULL, ROSC_CLOCK_ROS, (double)NAN, false, on_tick, NULL, &timer, error),
        ROSC_ERROR_ARGUMENT, "period");
    assert_fails(rosc_timer_create(NULL, ROSC_CLOCK_ROS, 1, false, NULL, NULL, &timer, error),
                 ROSC_ERROR_ARGUMENT, "callback");
    assert_null(timer);
}

void sleep_takes_its_time(void **state)
{
    (void)state;
    const int64_t begin = rosc_time_steady();
    assert_true(rosc_time_sleep(0.12));
    const int64_t slept = rosc_time_steady() - begin;
    assert_true(slept >= 120000000);
    assert_true(slept < INT64_C(60000000000));
    assert_false(rosc_time_is_simulated());
}
