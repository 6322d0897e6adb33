/* Names, templates and totals: the small parts of the bridge. */
#include "test_support.h"

#include "bridge/flow/counters.h"
#include "bridge/flow/names.h"
#include "bridge/flow/template.h"

#include <string.h>

static void ros_names_become_kafka_topics_and_back(void **state)
{
    (void)state;
    char kafka[NAMES_KAFKA_TOPIC_SIZE], ros[NAMES_ROS_SIZE];
    assert_true(names_ros_to_kafka("/warty/odom", kafka));
    assert_string_equal(kafka, "warty.odom");
    names_kafka_to_ros(kafka, ros);
    assert_string_equal(ros, "warty/odom");
    names_kafka_to_ros("my-topic", ros);
    assert_string_equal(ros, "my_topic");
    char longest[NAMES_KAFKA_TOPIC_SIZE + 2];
    memset(longest, 'a', sizeof longest);
    longest[NAMES_KAFKA_TOPIC_SIZE - 1] = '\0';
    assert_true(names_ros_to_kafka(longest, kafka));
    longest[NAMES_KAFKA_TOPIC_SIZE - 1] = 'a';
    longest[NAMES_KAFKA_TOPIC_SIZE] = '\0';
    assert_false(names_ros_to_kafka(longest, kafka));
    assert_false(names_dead_letter(longest, kafka));
}

static void invalid_names_are_refused(void **state)
{
    (void)state;
    static const char *const bad_kafka[] = {"", ".", "..", "a b", "a/b", "ä"};
    static const char *const good_ros[] = {"a", "/a/b_1", "~x", "~/x", "A"};
    static const char *const bad_ros[] = {"", "/", "1a", "a//b", "a/", "a.b", "a b", "//a", "~"};
    for (size_t i = 0; i < sizeof bad_kafka / sizeof *bad_kafka; i++)
        assert_int_equal(names_check_kafka_topic(bad_kafka[i], NULL), ERROR_RANGE);
    for (size_t i = 0; i < sizeof good_ros / sizeof *good_ros; i++)
        assert_int_equal(names_check_ros(good_ros[i], NULL), ERROR_NONE);
    for (size_t i = 0; i < sizeof bad_ros / sizeof *bad_ros; i++)
        assert_int_equal(names_check_ros(bad_ros[i], NULL), ERROR_RANGE);
}

static void internal_topics_are_known(void **state)
{
    (void)state;
    assert_true(names_is_internal_ros("/rosout"));
    assert_true(names_is_internal_ros("/rosout_agg"));
    assert_false(names_is_internal_ros("/rosout_mine"));
    assert_true(names_is_internal_kafka("__consumer_offsets", "d"));
    assert_true(names_is_internal_kafka("d", "d"));
    assert_true(names_is_internal_kafka("odometry.dead_letter", "d"));
    assert_false(names_is_internal_kafka("odometry", "d"));
    char pattern[NAMES_INTERNAL_PATTERN_SIZE];
    names_internal_kafka_pattern("ros.definitions", pattern);
    assert_string_equal(pattern, "^__,[.]dead_letter$,^ros[.]definitions$");
    names_internal_kafka_pattern("", pattern);
    assert_string_equal(pattern, "^__,[.]dead_letter$");
}

static void templates_are_expanded(void **state)
{
    (void)state;
    static const struct template_value values[] = {{"robot", "warty"}, {"topic", "odom"}};
    struct template parsed;
    struct buffer out;
    struct error error;
    buffer_init(&out, 64);
    assert_int_equal(template_init(&parsed, "{robot}.{{{topic}}}-x", &error), ERROR_NONE);
    assert_int_equal(template_expand(&parsed, values, 2, &out, &error), ERROR_NONE);
    assert_int_equal(out.length, strlen("warty.{odom}-x"));
    assert_memory_equal(out.data, "warty.{odom}-x", out.length);
    assert_int_equal(template_expand(&parsed, values, 1, &out, &error), ERROR_UNKNOWN);
    assert_string_equal(error.path, "topic");
    template_fini(&parsed);
    buffer_fini(&out);
}

static void lone_braces_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"{", "}", "{}", "a{b", "a}b", "{a{b}"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct template parsed;
        struct error error;
        assert_int_equal(template_init(&parsed, bad[i], &error), ERROR_SYNTAX);
        assert_non_null(strstr(error.text, bad[i]));
    }
}

static void names_that_kafka_takes_for_one(void **state)
{
    (void)state;
    static const struct {
        const char *one;
        const char *other;
        bool collide;
    } pairs[] = {
        {"a.b", "a_b", true},
        {"a.b_c", "a_b.c", true},
        {"a.b", "a.b", false},
        {"a.b", "a-b", false},
        {"a.b", "a_bc", false},
        {"a.b", "a.b.dead_letter", false},
        {"a.b", "a_b.dead_letter", true},
        {"a.b", "a.b_dead_letter", true},
        {"a.b", "a.c_dead_letter", false},
        {"a", "b", false},
        {"", "", false},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        assert_int_equal(names_collide(pairs[i].one, pairs[i].other), pairs[i].collide);
        assert_int_equal(names_collide(pairs[i].other, pairs[i].one), pairs[i].collide);
    }
}

static void totals_add_up(void **state)
{
    (void)state;
    struct counters counters = {0};
    struct totals totals = {0};
    char text[512];
    counter_add(&counters.received, 10);
    counter_add(&counters.delivered, 5);
    counter_add(&counters.dead_lettered, 1);
    counter_add(&counters.dropped[DROP_MAX_RATE], 2);
    counter_add(&counters.dropped[DROP_QUEUE_FULL], 1);
    totals_add(&totals, &counters);
    assert_int_equal(totals_dropped(&totals), 3);
    assert_int_equal(totals_pending(&totals), 1);
    totals_format(&totals, true, text, sizeof text);
    assert_non_null(strstr(text, "received 10 = delivered 5 + dead-lettered 1 + dropped 3 "
                                 "(queue_full 1, max_rate 2) + spooled 0 + pending 1"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ros_names_become_kafka_topics_and_back),
        cmocka_unit_test(invalid_names_are_refused),
        cmocka_unit_test(internal_topics_are_known),
        cmocka_unit_test(templates_are_expanded),
        cmocka_unit_test(lone_braces_are_refused),
        cmocka_unit_test(names_that_kafka_takes_for_one),
        cmocka_unit_test(totals_add_up),
    };
    return cmocka_run_group_tests_name("names", tests, NULL, NULL);
}
