/* rosc with /use_sim_time: this program publishes /clock itself. */
#include "support.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include <rostest_report.h>

#define CLOCK_MD5SUM "a9c97c1d230cfc112e270351a944ee47"

static const struct rosc_publisher_options clock_options = {.type = "rosgraph_msgs/Clock",
                                                            .md5sum = CLOCK_MD5SUM,
                                                            .definition = "time clock\n",
                                                            .latched = true};
static struct rosc_publisher *clock_publisher;

static void clock_set(uint32_t seconds, uint32_t nanoseconds)
{
    uint32_t time[2] = {seconds, nanoseconds};
    assert_ok(rosc_publisher_publish(clock_publisher, time, sizeof time, error));
}

static bool clock_is(void *with)
{
    return rosc_time_now() == *(const int64_t *)with;
}

static void the_clock_stands_at_zero_before_it_begins(void **state)
{
    (void)state;
    assert_true(rosc_time_is_simulated());
    assert_int_equal(rosc_time_now(), 0);
    assert_true(rosc_time_wall() > 0);
}

static void a_clock_of_another_type_is_refused(void **state)
{
    (void)state;
    const struct rosc_publisher_options wrong = {
        .type = "std_msgs/String", .md5sum = STRING_MD5SUM, .definition = STRING_DEFINITION};
    struct rosc_publisher *publisher = NULL;
    assert_fails(rosc_publisher_create("/clock", &wrong, &publisher, error), ROSC_ERROR_TYPE,
                 CLOCK_MD5SUM);
}

static void time_is_what_the_clock_says(void **state)
{
    (void)state;
    int64_t expected = 100000000005;
    clock_set(100, 5);
    serve_until(NULL, clock_is, &expected, "the simulated time");
}

static void the_clock_can_be_subscribed_to_besides(void **state)
{
    (void)state;
    struct heard heard = {0};
    int64_t expected = 101000000000;
    assert_ok(rosc_subscription_create(NULL, "/clock", NULL, heard_message, &heard,
                                       &heard.subscription, error));
    serve_until(NULL, heard_something, &heard, "the latched /clock");
    assert_int_equal(heard.size, 8);
    clock_set(101, 0);
    serve_until(NULL, clock_is, &expected, "roscpp's own subscription");
    rosc_subscription_destroy(heard.subscription);
}

static atomic_uint ticks;
static struct rosc_timer_event last_tick;

static void on_tick(const struct rosc_timer_event *event, void *user)
{
    (void)user;
    last_tick = *event;
    atomic_fetch_add(&ticks, 1);
}

static bool ticked(void *with)
{
    return atomic_load(&ticks) >= *(const unsigned *)with;
}

static void ros_timers_follow_the_clock_and_wall_timers_do_not(void **state)
{
    (void)state;
    struct rosc_timer *timer = NULL;
    unsigned wanted = 1;
    assert_ok(rosc_timer_create(NULL, ROSC_CLOCK_ROS, 10, false, on_tick, NULL, &timer, error));
    serve_for(NULL, 0.3);
    assert_int_equal(atomic_load(&ticks), 0);
    clock_set(112, 0);
    serve_until(NULL, ticked, &wanted, "the tick after ten simulated seconds");
    assert_int_equal(last_tick.expected, 111000000000);
    assert_true(last_tick.real >= 112000000000);
    rosc_timer_destroy(timer);

    atomic_store(&ticks, 0);
    assert_ok(rosc_timer_create(NULL, ROSC_CLOCK_WALL, 0.02, false, on_tick, NULL, &timer, error));
    serve_until(NULL, ticked, &wanted, "a tick of the wall timer");
    assert_true(last_tick.real > INT64_C(1000000000000000000));
    rosc_timer_destroy(timer);
}

static atomic_bool slept;

static void *sleep_five_seconds(void *unused)
{
    (void)unused;
    atomic_store(&slept, rosc_time_sleep(5));
    return NULL;
}

static bool woke(void *with)
{
    (void)with;
    return atomic_load(&slept);
}

static void sleep_follows_the_clock(void **state)
{
    (void)state;
    pthread_t sleeper;
    assert_int_equal(pthread_create(&sleeper, NULL, sleep_five_seconds, NULL), 0);
    serve_for(NULL, 0.2);
    clock_set(116, 0);
    serve_for(NULL, 0.2);
    assert_false(atomic_load(&slept));
    clock_set(118, 0);
    serve_until(NULL, woke, NULL, "the end of five simulated seconds");
    assert_int_equal(pthread_join(sleeper, NULL), 0);
}

static void a_sleeper_in_a_standing_clock_wakes_at_shutdown(void **state)
{
    (void)state;
    rosc_request_shutdown();
    assert_false(rosc_time_sleep(5));
    rosc_publisher_destroy(clock_publisher);
    rosc_shutdown();
}

int main(int argc, char **argv)
{
    rostest_report(argc, argv);
    struct rosc_error error = {ROSC_OK, ""};
    if (rosc_init(&argc, argv, "test_sim_time", ROSC_INIT_DEFAULT, &error) != ROSC_OK ||
        rosc_start(10, &error) != ROSC_OK ||
        rosc_publisher_create("/clock", &clock_options, &clock_publisher, &error) != ROSC_OK) {
        ROSC_LOG_FATAL("%s", error.text);
        return 1;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_clock_stands_at_zero_before_it_begins),
        cmocka_unit_test(a_clock_of_another_type_is_refused),
        cmocka_unit_test(time_is_what_the_clock_says),
        cmocka_unit_test(the_clock_can_be_subscribed_to_besides),
        cmocka_unit_test(ros_timers_follow_the_clock_and_wall_timers_do_not),
        cmocka_unit_test(sleep_follows_the_clock),
        cmocka_unit_test(a_sleeper_in_a_standing_clock_wakes_at_shutdown),
    };
    return cmocka_run_group_tests_name("rosc_sim_time", tests, NULL, NULL);
}
