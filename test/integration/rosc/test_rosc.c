/* rosc against a master and a rospy node. One process: rosc can be started once only, so that the
 * order of the tests matters: before rosc_init, running, after the request to stop, stopped. */
#include "test_rosc.h"

#include "support.h"

#include <rostest_report.h>
#include <string.h>

static void calls_before_init_are_refused(void **state)
{
    (void)state;
    cJSON *tree = NULL;
    char name[8];
    struct rosc_queue *queue = NULL;
    struct rosc_subscription *subscription = NULL;
    struct rosc_topic_list list;
    assert_false(rosc_ok());
    assert_false(rosc_master_check());
    assert_int_equal(rosc_time_now(), 0);
    assert_false(rosc_time_is_simulated());
    assert_fails(rosc_start(1, error), ROSC_ERROR_STATE, "before rosc_init");
    assert_fails(rosc_name_resolve("a", name, sizeof name, error), ROSC_ERROR_STATE, "rosc_init");
    assert_fails(rosc_param_get_tree("a", &tree, error), ROSC_ERROR_STATE, "rosc_init");
    assert_fails(rosc_queue_create(&queue, error), ROSC_ERROR_STATE, "rosc_init");
    assert_fails(rosc_topic_list_init(&list, error), ROSC_ERROR_STATE, "rosc_init");
    assert_fails(
        rosc_subscription_create(NULL, "a", NULL, heard_message, NULL, &subscription, error),
        ROSC_ERROR_STATE, "rosc_init");
    assert_fails(rosc_call_empty("a", 0, error), ROSC_ERROR_STATE, "rosc_init");
    rosc_queue_call(NULL, 1);
    rosc_queue_spin(NULL);
    ROSC_LOG_INFO("a line before rosc_init");
}

static void init_refuses_bad_arguments(void **state)
{
    (void)state;
    int argc = 0;
    char *argv[] = {NULL};
    assert_fails(rosc_init(NULL, argv, "x", ROSC_INIT_DEFAULT, error), ROSC_ERROR_ARGUMENT, "NULL");
    assert_fails(rosc_init(&argc, argv, NULL, ROSC_INIT_DEFAULT, error), ROSC_ERROR_NAME, "name");
    assert_fails(rosc_init(&argc, argv, "x", 1024, error), ROSC_ERROR_ARGUMENT, "0x400");
    assert_fails(rosc_init(&argc, argv, "a b", ROSC_INIT_DEFAULT, error), ROSC_ERROR_NAME, "a b");
    int bad_count = 1;
    char bad[] = "__master:=nonsense";
    char *bad_argv[] = {bad, NULL};
    assert_fails(rosc_init(&bad_count, bad_argv, "x", ROSC_INIT_DEFAULT, error), ROSC_ERROR_MASTER,
                 "nonsense");
}

static struct {
    int argc;
    char **argv;
} arguments;

static void init_takes_remappings_out_and_start_connects(void **state)
{
    (void)state;
    struct rosc_subscription *subscription = NULL;
    assert_ok(rosc_init(&arguments.argc, arguments.argv, "test_rosc", ROSC_INIT_DEFAULT, error));
    for (int i = 1; i < arguments.argc; i++)
        assert_null(strstr(arguments.argv[i], ":="));
    assert_true(rosc_ok());
    assert_fails(rosc_init(&arguments.argc, arguments.argv, "x", 0, error), ROSC_ERROR_STATE,
                 "second time");
    assert_fails(
        rosc_subscription_create(NULL, "a", NULL, heard_message, NULL, &subscription, error),
        ROSC_ERROR_STATE, "before rosc_start");
    assert_true(rosc_master_check());
    assert_contains(rosc_master_uri(), "http://");
    assert_ok(rosc_start(10, error));
    assert_fails(rosc_start(10, error), ROSC_ERROR_STATE, "second time");
    assert_true(rosc_time_now() > 0);
}

int main(int argc, char **argv)
{
    rostest_report(argc, argv);
    arguments.argc = argc;
    arguments.argv = argv;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls_before_init_are_refused),
        cmocka_unit_test(init_refuses_bad_arguments),
        cmocka_unit_test(init_takes_remappings_out_and_start_connects),
        cmocka_unit_test(names_resolve_with_namespace_and_remappings),
        cmocka_unit_test(bad_names_are_refused_with_the_place),
        cmocka_unit_test(private_parameters_come_as_one_tree),
        cmocka_unit_test(parameter_trees_go_there_and_back),
        cmocka_unit_test(parameters_that_are_not_there_or_not_possible_are_errors),
        cmocka_unit_test(log_lines_reach_rosout_with_their_place),
        cmocka_unit_test(log_level_follows_the_logger),
        cmocka_unit_test(throttled_places_count_what_they_hold_back),
        cmocka_unit_test(messages_of_a_peer_arrive_with_their_connection),
        cmocka_unit_test(empty_messages_arrive),
        cmocka_unit_test(each_subscription_of_a_topic_gets_every_message),
        cmocka_unit_test(a_later_subscription_gets_the_latched_message),
        cmocka_unit_test(too_many_subscriptions_of_a_topic_are_refused),
        cmocka_unit_test(remapped_topics_meet),
        cmocka_unit_test(a_type_that_changes_is_followed),
        cmocka_unit_test(bounded_subscriptions_keep_the_newest),
        cmocka_unit_test(a_peer_gets_what_is_published),
        cmocka_unit_test(published_bytes_are_not_touched),
        cmocka_unit_test(what_waits_in_the_process_is_known),
        cmocka_unit_test(a_latched_message_that_is_kept_counts_as_written),
        cmocka_unit_test(others_only_is_nothing_to_this_process),
        cmocka_unit_test(each_latched_publisher_of_a_topic_keeps_its_last_message),
        cmocka_unit_test(another_type_on_an_advertised_topic_is_refused),
        cmocka_unit_test(a_note_reaches_subscribers_behind_the_definition),
        cmocka_unit_test(bad_publisher_options_are_refused),
        cmocka_unit_test(the_master_lists_topics_with_their_types),
        cmocka_unit_test(many_threads_keep_the_order_of_a_subscription),
        cmocka_unit_test(destroy_waits_for_the_running_callback),
        cmocka_unit_test(spinners_refuse_bad_thread_counts),
        cmocka_unit_test(timers_fire_in_both_clocks),
        cmocka_unit_test(a_oneshot_timer_fires_once),
        cmocka_unit_test(bad_timers_are_refused),
        cmocka_unit_test(sleep_takes_its_time),
        cmocka_unit_test(services_of_a_peer_are_called),
        cmocka_unit_test(a_peer_calls_our_services),
        cmocka_unit_test(failing_missing_and_mistyped_services_are_told_apart),
        cmocka_unit_test(sigterm_asks_for_shutdown_and_all_still_works),
        cmocka_unit_test(calls_after_shutdown_are_refused),
    };
    return cmocka_run_group_tests_name("rosc", tests, NULL, NULL);
}
