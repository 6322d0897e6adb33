#include "support.h"
#include "test_rosc.h"

#include <string.h>

static struct rosc_subscription *subscribe(const char *topic, struct heard *heard)
{
    assert_ok(rosc_subscription_create(NULL, topic, NULL, heard_message, heard,
                                       &heard->subscription, error));
    return heard->subscription;
}

void messages_of_a_peer_arrive_with_their_connection(void **state)
{
    (void)state;
    struct heard heard = {0};
    uint8_t expected[260];
    const size_t size = string_serialize("kept", expected);
    subscribe("/peer/latched", &heard);
    const int64_t before = rosc_time_wall();
    serve_until(NULL, heard_something, &heard, "the peer's latched message");
    assert_string_equal(heard.type, "std_msgs/String");
    assert_string_equal(heard.md5sum, STRING_MD5SUM);
    assert_string_equal(heard.definition, STRING_DEFINITION);
    assert_string_equal(heard.caller_id, "/peer");
    assert_string_equal(heard.topic, "/peer/latched");
    assert_true(heard.latched);
    assert_true(heard.id > 0);
    assert_true(heard.receipt >= before && heard.receipt <= rosc_time_wall());
    assert_int_equal(heard.size, size);
    assert_memory_equal(heard.data, expected, size);
    assert_string_equal(rosc_subscription_topic(heard.subscription), "/peer/latched");
    assert_int_equal(rosc_subscription_publisher_count(heard.subscription), 1);
    assert_int_equal(rosc_topic_publishers("/peer/latched").connected, 1);
    assert_int_equal(rosc_topic_publishers("/peer/latched").waiting, 0);
    assert_int_equal(rosc_topic_publishers("/nobody/subscribes").connected, 0);
    const uint64_t first_id = heard.id;
    rosc_subscription_destroy(heard.subscription);

    memset(&heard, 0, sizeof heard);
    subscribe("/peer/latched", &heard);
    serve_until(NULL, heard_something, &heard, "the peer's message on a second connection");
    assert_true(heard.id > first_id);
    rosc_subscription_destroy(heard.subscription);
}

void empty_messages_arrive(void **state)
{
    (void)state;
    struct heard heard = {0};
    subscribe("/peer/empty", &heard);
    serve_until(NULL, heard_something, &heard, "the peer's empty message");
    assert_int_equal(heard.size, 0);
    assert_string_equal(heard.type, "std_msgs/Empty");
    rosc_subscription_destroy(heard.subscription);
}

static bool all_have_three(void *with)
{
    struct heard *const *heard = with;
    return heard[0]->count >= 3 && heard[1]->count >= 3 && heard[2]->count >= 3;
}

void each_subscription_of_a_topic_gets_every_message(void **state)
{
    (void)state;
    static struct heard here;
    static struct heard there;
    static struct heard leaves;
    struct heard *all[] = {&here, &there, &leaves};
    uint8_t bytes[260];
    struct rosc_publisher *publisher = string_publisher("fan", false);
    for (int i = 0; i < 3; i++)
        subscribe("fan", all[i]);
    for (int i = 0; i < 3; i++)
        assert_ok(rosc_publisher_publish(publisher, bytes, string_serialize("x", bytes), error));
    serve_until(NULL, all_have_three, all, "three messages in three subscriptions");
    assert_int_equal(here.id, there.id);
    assert_int_equal(here.id, leaves.id);
    assert_string_equal(here.caller_id, "/robot/tested");

    rosc_subscription_destroy(leaves.subscription);
    leaves.count = 3;
    here.count = there.count = 0;
    for (int i = 0; i < 3; i++)
        assert_ok(rosc_publisher_publish(publisher, bytes, string_serialize("x", bytes), error));
    serve_until(NULL, all_have_three, all, "three messages in two subscriptions");
    assert_int_equal(leaves.count, 3);
    assert_int_equal(here.count, 3);
    rosc_subscription_destroy(here.subscription);
    rosc_subscription_destroy(there.subscription);
    rosc_publisher_destroy(publisher);
}

void a_later_subscription_gets_the_latched_message(void **state)
{
    (void)state;
    struct heard first = {0};
    struct heard second = {0};
    subscribe("/peer/latched", &first);
    serve_until(NULL, heard_something, &first, "the latched message, first");
    subscribe("/peer/latched", &second);
    serve_until(NULL, heard_something, &second, "the latched message, second");
    assert_int_equal(first.count, 1);
    assert_int_equal(first.id, second.id);
    rosc_subscription_destroy(first.subscription);
    rosc_subscription_destroy(second.subscription);
}

void too_many_subscriptions_of_a_topic_are_refused(void **state)
{
    (void)state;
    struct rosc_subscription *subscriptions[65];
    struct heard heard = {0};
    for (int i = 0; i < 64; i++)
        assert_ok(rosc_subscription_create(NULL, "crowd", NULL, heard_message, &heard,
                                           &subscriptions[i], error));
    assert_fails(rosc_subscription_create(NULL, "crowd", NULL, heard_message, &heard,
                                          &subscriptions[64], error),
                 ROSC_ERROR_ROS, "64");
    rosc_subscription_destroy(subscriptions[10]);
    assert_ok(rosc_subscription_create(NULL, "crowd", NULL, heard_message, &heard,
                                       &subscriptions[10], error));
    for (int i = 0; i < 64; i++)
        rosc_subscription_destroy(subscriptions[i]);
}

void remapped_topics_meet(void **state)
{
    (void)state;
    struct heard outside = {0};
    struct heard swapped = {0};
    struct heard wrong = {0};
    uint8_t bytes[260];
    const size_t size = string_serialize("x", bytes);
    struct rosc_publisher *inside = string_publisher("inside", true);
    struct rosc_publisher *a = string_publisher("swapped_a", true);
    assert_string_equal(rosc_publisher_topic(inside), "/world/outside");
    assert_string_equal(rosc_publisher_topic(a), "/robot/swapped_b");
    subscribe("/world/outside", &outside);
    subscribe("swapped_a", &swapped);
    subscribe("swapped_b", &wrong);
    assert_string_equal(rosc_subscription_topic(swapped.subscription), "/robot/swapped_b");
    assert_ok(rosc_publisher_publish(inside, bytes, size, error));
    assert_ok(rosc_publisher_publish(a, bytes, size, error));
    serve_until(NULL, heard_something, &outside, "a message on the remapped topic");
    serve_until(NULL, heard_something, &swapped, "a message on the swapped topic");
    assert_int_equal(wrong.count, 0);
    rosc_subscription_destroy(outside.subscription);
    rosc_subscription_destroy(swapped.subscription);
    rosc_subscription_destroy(wrong.subscription);
    rosc_publisher_destroy(inside);
    rosc_publisher_destroy(a);
}

struct expected_type {
    const struct heard *heard;
    const char *type;
};

static bool type_is(void *with)
{
    const struct expected_type *expected = with;
    return strcmp(expected->heard->type, expected->type) == 0;
}

void a_type_that_changes_is_followed(void **state)
{
    (void)state;
    struct heard heard = {0};
    struct expected_type text = {&heard, "std_msgs/String"};
    struct expected_type point = {&heard, "geometry_msgs/Point"};
    subscribe("/changing", &heard);
    for (int round = 0; round < 3; round++) {
        assert_ok(rosc_call_set_bool("/peer/publish_as_point", 10, false, NULL, NULL, 0, error));
        serve_until(NULL, type_is, &text, "the topic as String");
        assert_string_equal(heard.md5sum, STRING_MD5SUM);
        const uint64_t id = heard.id;
        assert_ok(rosc_call_set_bool("/peer/publish_as_point", 10, true, NULL, NULL, 0, error));
        serve_until(NULL, type_is, &point, "the topic as Point");
        assert_string_equal(heard.md5sum, POINT_MD5SUM);
        assert_int_equal(heard.size, 24);
        assert_true(heard.id > id);
    }
    rosc_subscription_destroy(heard.subscription);
}

void bounded_subscriptions_keep_the_newest(void **state)
{
    (void)state;
    struct heard bounded = {0};
    struct heard unbounded = {0};
    uint8_t bytes[260];
    const struct rosc_subscription_options two = {.queue_size = 2};
    struct rosc_queue *waits = NULL;
    struct rosc_publisher *publisher = string_publisher("many", false);
    assert_ok(rosc_queue_create(&waits, error));
    assert_ok(rosc_subscription_create(waits, "many", &two, heard_message, &bounded,
                                       &bounded.subscription, error));
    subscribe("many", &unbounded);
    for (int i = 0; i < 3; i++) {
        unbounded.count = 0;
        char text[2] = {(char)('0' + i), '\0'};
        assert_ok(rosc_publisher_publish(publisher, bytes, string_serialize(text, bytes), error));
        serve_until(NULL, heard_something, &unbounded, "a message in the other subscription");
    }
    serve_for(waits, 0.2);
    assert_int_equal(bounded.count, 2);
    assert_int_equal(bounded.data[4], '2');
    rosc_subscription_destroy(bounded.subscription);
    rosc_subscription_destroy(unbounded.subscription);
    rosc_publisher_destroy(publisher);
    rosc_queue_destroy(waits);
}
