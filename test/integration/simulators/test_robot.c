/* The topics of a simulated robot, and the simulator's parameters. */
#include "simulators/robot.h"
#include "simulators/robot_simulator_options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static void odometry_is_the_first_topic(void **unused)
{
    struct robot robot;
    (void)unused;
    assert_int_equal(robot_init(&robot, "warty", 1, NULL), ERROR_NONE);
    assert_int_equal(robot.count, 1);
    assert_string_equal(robot.topics[0].name, "warty/odom");
    assert_string_equal(robot.topics[0].kind->type, "nav_msgs/Odometry");
    robot_fini(&robot);
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(((const struct robot_topic *)a)->name, ((const struct robot_topic *)b)->name);
}

static const struct robot_topic *find(const struct robot *robot, const char *name)
{
    for (size_t i = 0; i < robot->count; i++)
        if (strcmp(robot->topics[i].name, name) == 0)
            return &robot->topics[i];
    return NULL;
}

static void topics_337_have_337_names(void **unused)
{
    struct robot robot;
    (void)unused;
    assert_int_equal(robot_init(&robot, "warty", 337, NULL), ERROR_NONE);
    assert_int_equal(robot.count, 337);
    assert_non_null(find(&robot, "warty/imu/data"));
    assert_non_null(find(&robot, "warty/imu_2/data"));
    assert_int_equal(find(&robot, "warty/imu_2/data")->instance, 2);
    assert_non_null(find(&robot, "warty/joint_states_2"));
    assert_non_null(find(&robot, "/tf"));
    qsort(robot.topics, robot.count, sizeof *robot.topics, compare_names);
    for (size_t i = 1; i < robot.count; i++)
        assert_string_not_equal(robot.topics[i - 1].name, robot.topics[i].name);
    robot_fini(&robot);
}

static void no_topics_and_too_many_are_refused(void **unused)
{
    struct robot robot;
    struct error error;
    (void)unused;
    assert_int_equal(robot_init(&robot, "warty", 0, &error), ERROR_RANGE);
    assert_int_equal(robot_init(&robot, "warty", ROBOT_TOPICS_LIMIT + 1, &error), ERROR_RANGE);
    robot_fini(&robot);
}

static void without_parameters_all_are_as_documented(void **unused)
{
    struct robot_simulator_options options;
    struct buffer problems;
    (void)unused;
    buffer_init(&problems, 4096);
    assert_true(robot_simulator_options_read(NULL, &options, &problems));
    assert_string_equal(options.robot, "warty");
    assert_true(options.rate == 50.0);
    assert_int_equal(options.seed, 1);
    assert_int_equal(options.count, 0);
    assert_int_equal(options.topics, 1);
    assert_int_equal(options.queue_size, 100000);
    assert_false(options.wait_for_subscriber);
    buffer_fini(&problems);
}

static void parameters_are_read(void **unused)
{
    struct robot_simulator_options options;
    struct buffer problems;
    cJSON *tree = cJSON_Parse("{\"robot\":\"a/b_2\",\"rate\":0.5,\"seed\":9,\"count\":3,"
                              "\"topics\":337,\"queue_size\":0,\"wait_for_subscriber\":true}");
    (void)unused;
    buffer_init(&problems, 4096);
    assert_true(robot_simulator_options_read(tree, &options, &problems));
    assert_string_equal(options.robot, "a/b_2");
    assert_true(options.rate == 0.5);
    assert_int_equal(options.seed, 9);
    assert_int_equal(options.count, 3);
    assert_int_equal(options.topics, 337);
    assert_int_equal(options.queue_size, 0);
    assert_true(options.wait_for_subscriber);
    buffer_fini(&problems);
    cJSON_Delete(tree);
}

/* Each wrong value gives one line that names parameter, value and what is right. */
static void wrong_parameters_are_all_named(void **unused)
{
    static const struct {
        const char *json, *line;
    } wrong[] = {
        {"{\"rate\":0}", "~rate is 0: it must be a number from 0.01 to 1000000\n"},
        {"{\"rate\":\"fast\"}", "~rate is \"fast\": it must be a number from 0.01 to 1000000\n"},
        {"{\"count\":-1}", "~count is -1: it must be a whole number from 0 to 2147483647\n"},
        {"{\"topics\":1.5}", "~topics is 1.5: it must be a whole number from 1 to 10000\n"},
        {"{\"wait_for_subscriber\":1}", "~wait_for_subscriber is 1: it must be true or false\n"},
        {"{\"robot\":\"/warty\"}",
         "~robot is \"/warty\": it must be a relative ROS name: a letter, "
         "then letters, digits, '_' and '/'\n"},
        {"{\"robot\":\"warty/\"}",
         "~robot is \"warty/\": it must be a relative ROS name: a letter, "
         "then letters, digits, '_' and '/'\n"},
        {"{\"robot\":\"\"}", "~robot is \"\": it must be a relative ROS name: a letter, then "
                             "letters, digits, '_' and '/'\n"},
        {"{\"ratee\":1}", "~ratee is 1: there is no such parameter; there are count, queue_size, "
                          "rate, robot, seed, topics, wait_for_subscriber\n"},
        {"{\"rate\":-1,\"seed\":true}", "~rate is -1: it must be a number from 0.01 to 1000000\n"
                                        "~seed is true: it must be a whole number from 0 to "
                                        "2147483647\n"},
    };
    (void)unused;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct robot_simulator_options options;
        struct buffer problems;
        cJSON *tree = cJSON_Parse(wrong[i].json);
        assert_non_null(tree);
        buffer_init(&problems, 4096);
        assert_false(robot_simulator_options_read(tree, &options, &problems));
        assert_int_equal(buffer_append(&problems, "", 1), ERROR_NONE);
        assert_string_equal(problems.data, wrong[i].line);
        buffer_fini(&problems);
        cJSON_Delete(tree);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(odometry_is_the_first_topic),
        cmocka_unit_test(topics_337_have_337_names),
        cmocka_unit_test(no_topics_and_too_many_are_refused),
        cmocka_unit_test(without_parameters_all_are_as_documented),
        cmocka_unit_test(parameters_are_read),
        cmocka_unit_test(wrong_parameters_are_all_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
