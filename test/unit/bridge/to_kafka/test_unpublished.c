/* What was meant by a topic's name that nobody publishes. */
#include "test_support.h"

#include "bridge/to_kafka/unpublished.h"

#include <string.h>

static const char *meant(const char *name, size_t count)
{
    static char type[] = "std_msgs/String";
    static char rosout[] = "/rosout", odom[] = "/warty/odom", tf[] = "/tf", scan[] = "/husky/scan";
    struct rosc_topic_info topics[] = {{rosout, type}, {tf, type}, {odom, type}, {scan, type}};
    const struct rosc_topic_list list = {.topics = topics, .count = count};
    const struct rosc_topic_info *found = unpublished_nearest(name, &list);
    return found ? found->name : "";
}

static void the_nearest_topic_is_what_was_meant(void **state)
{
    (void)state;
    assert_string_equal(meant("/warty/odmo", 4), "/warty/odom");
    assert_string_equal(meant("/warti/odom", 4), "/warty/odom");
    assert_string_equal(meant("/odom", 4), "/warty/odom"); /* of another namespace */
    assert_string_equal(meant("/robot/scan", 4), "/husky/scan");
    assert_string_equal(meant("/husky/scan_filtered", 4), "");
    assert_string_equal(meant("/tf_static", 4), "");
}

static void nothing_is_like_it(void **state)
{
    (void)state;
    assert_string_equal(meant("/warty/odom", 0), "");
    assert_string_equal(meant("/rosuot", 1), ""); /* the log is no robot's topic */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_nearest_topic_is_what_was_meant),
        cmocka_unit_test(nothing_is_like_it),
    };
    return cmocka_run_group_tests_name("unpublished", tests, NULL, NULL);
}
