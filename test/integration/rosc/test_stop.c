#include "support.h"
#include "test_rosc.h"

#include <signal.h>

/* What a node still holds when it stops, to be destroyed late. */
static struct {
    struct rosc_queue *queue;
    struct rosc_publisher *publisher;
    struct rosc_subscription *subscription;
    struct rosc_timer *timer;
    struct rosc_service *service;
    struct heard heard;
} held;

static void on_tick(const struct rosc_timer_event *event, void *user)
{
    (void)event;
    (void)user;
}

static void on_empty(void *user)
{
    (void)user;
}

void sigterm_asks_for_shutdown_and_all_still_works(void **state)
{
    (void)state;
    uint8_t bytes[260];
    assert_ok(rosc_queue_create(&held.queue, error));
    held.publisher = string_publisher("last", false);
    assert_ok(rosc_subscription_create(held.queue, "last", NULL, heard_message, &held.heard,
                                       &held.subscription, error));
    assert_ok(
        rosc_timer_create(held.queue, ROSC_CLOCK_ROS, 1, false, on_tick, NULL, &held.timer, error));
    assert_ok(rosc_service_create_empty(held.queue, "late", on_empty, NULL, &held.service, error));
    assert_true(rosc_ok());
    assert_int_equal(raise(SIGTERM), 0);
    assert_false(rosc_ok());
    rosc_queue_spin(held.queue); /* returns at once */
    assert_false(rosc_time_sleep(10));
    assert_ok(rosc_publisher_publish(held.publisher, bytes, string_serialize("x", bytes), error));
    serve_until(held.queue, heard_something, &held.heard, "a message after the request to stop");
    assert_ok(rosc_param_set_string("late", "x", error));
    assert_ok(rosc_param_delete("late", error));
    assert_true(rosc_master_check());
}

void calls_after_shutdown_are_refused(void **state)
{
    (void)state;
    struct rosc_queue *queue = NULL;
    struct rosc_spinner *spinner = NULL;
    struct rosc_subscription *subscription = NULL;
    struct rosc_publisher *publisher = NULL;
    struct rosc_timer *timer = NULL;
    struct rosc_topic_list list;
    const struct rosc_publisher_options options = {
        .type = "std_msgs/String", .md5sum = STRING_MD5SUM, .definition = STRING_DEFINITION};
    cJSON *tree = NULL;
    char name[64];
    int argc = 0;
    rosc_shutdown();
    rosc_shutdown();
    assert_false(rosc_ok());
    assert_false(rosc_master_check());
    static const char words[] = "after rosc_shutdown";
    assert_fails(rosc_init(&argc, NULL, "x", 0, error), ROSC_ERROR_STATE, "second time");
    assert_fails(rosc_start(1, error), ROSC_ERROR_STATE, words);
    assert_fails(rosc_name_resolve("a", name, sizeof name, error), ROSC_ERROR_STATE, words);
    assert_fails(rosc_param_get_tree("a", &tree, error), ROSC_ERROR_STATE, words);
    assert_fails(rosc_param_set_string("a", "b", error), ROSC_ERROR_STATE, words);
    assert_fails(rosc_param_delete("a", error), ROSC_ERROR_STATE, words);
    assert_fails(rosc_queue_create(&queue, error), ROSC_ERROR_STATE, words);
    assert_fails(rosc_spinner_create(held.queue, 1, &spinner, error), ROSC_ERROR_STATE, words);
    assert_fails(
        rosc_subscription_create(held.queue, "a", NULL, heard_message, NULL, &subscription, error),
        ROSC_ERROR_STATE, words);
    assert_fails(rosc_publisher_create("a", &options, &publisher, error), ROSC_ERROR_STATE, words);
    assert_fails(rosc_publisher_publish(held.publisher, "", 0, error), ROSC_ERROR_STATE, words);
    assert_fails(rosc_timer_create(NULL, ROSC_CLOCK_ROS, 1, false, on_tick, NULL, &timer, error),
                 ROSC_ERROR_STATE, words);
    assert_fails(rosc_call_empty("a", 0, error), ROSC_ERROR_STATE, words);
    assert_fails(rosc_topic_list_init(&list, error), ROSC_ERROR_STATE, words);
    assert_int_equal(rosc_publisher_subscriber_count(held.publisher), 0);
    assert_int_equal(rosc_subscription_publisher_count(held.subscription), 0);
    assert_int_equal(rosc_time_now(), 0);
    assert_true(rosc_time_wall() > 0);
    assert_string_equal(rosc_node_name(), "/robot/tested");
    rosc_queue_call(held.queue, 0.1);
    rosc_queue_spin(NULL);
    ROSC_LOG_INFO("a line after rosc_shutdown");
    rosc_subscription_destroy(held.subscription);
    rosc_publisher_destroy(held.publisher);
    rosc_timer_destroy(held.timer);
    rosc_service_destroy(held.service);
    rosc_queue_destroy(held.queue);
}
