/* The only member of a group: it reads topics as they come, without a word to the group's
 * coordinator, and goes on where it was. */
#include "support.h"

#include <string.h>

#define REQUEST_JOIN_GROUP 11
#define REFUSALS           64

/* No group can be joined any more. */
static void refuse_to_join(struct broker *broker)
{
    rd_kafka_resp_err_t errors[REFUSALS];
    for (size_t i = 0; i < REFUSALS; i++)
        errors[i] = RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED;
    rd_kafka_mock_push_request_errors_array(broker->cluster, REQUEST_JOIN_GROUP, REFUSALS, errors);
}

static void count_release(const struct kafka_partition *partitions, size_t count, bool lost,
                          void *user)
{
    (void)partitions;
    assert_false(lost);
    *(size_t *)user += count;
}

static struct kafka_consumer *make_alone(struct broker *broker, const char *topic,
                                         enum kafka_start start, size_t *released)
{
    const struct kafka_subscription subscription = {.topic = topic, .start = start};
    const struct kafka_consumer_options options = {.properties = &broker->properties,
                                                   .group = "g",
                                                   .subscriptions = &subscription,
                                                   .subscription_count = 1,
                                                   .alone = true,
                                                   .release = count_release,
                                                   .user = released};
    struct kafka_consumer *consumer = NULL;
    assert_int_equal(kafka_consumer_create(&options, &consumer, NULL), ERROR_NONE);
    return consumer;
}

static void topics_are_read_as_they_come(void **state)
{
    struct broker *broker = *state;
    size_t released = 0;
    refuse_to_join(broker);
    struct kafka_consumer *consumer =
        make_alone(broker, "^result[.].*", KAFKA_START_STORED, &released);
    assert_true(is_quiet(consumer, 300));
    assert_false(kafka_consumer_is_assigned(consumer));
    produce_numbers(&broker->properties, "other", 100, 1);
    for (int i = 0; i < 3; i++) {
        const char *topics[] = {"result.a", "result.b", "result.c"};
        produce_numbers(&broker->properties, topics[i], i, 1);
        assert_int_equal(next_number(consumer, true), i);
    }
    assert_true(is_quiet(consumer, 300));
    produce_numbers(&broker->properties, "result.a", 3, 1);
    assert_int_equal(next_number(consumer, true), 3);
    kafka_consumer_destroy(consumer);
    assert_true(released > 0); /* what is in flight has a chance to be stored */
}

static void a_restart_goes_on_where_it_was(void **state)
{
    struct broker *broker = *state;
    size_t released = 0;
    refuse_to_join(broker);
    produce_numbers(&broker->properties, "t", 0, 3);
    for (int i = 0; i < 3; i++) {
        struct kafka_consumer *consumer = make_alone(broker, "t", KAFKA_START_STORED, &released);
        assert_int_equal(next_number(consumer, true), i);
        kafka_consumer_destroy(consumer);
    }
}

static void the_end_is_that_of_the_start(void **state)
{
    struct broker *broker = *state;
    size_t released = 0;
    produce_numbers(&broker->properties, "t.old", 0, 3);
    struct kafka_consumer *consumer = make_alone(broker, "^t[.].*", KAFKA_START_LATEST, &released);
    wait_until(is_assigned, consumer, "partitions");
    produce_numbers(&broker->properties, "t.new", 7, 1);
    assert_int_equal(next_number(consumer, true), 7);
    produce_numbers(&broker->properties, "t.old", 8, 1);
    assert_int_equal(next_number(consumer, true), 8);
    kafka_consumer_destroy(consumer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, start_broker, stop_broker)
        TEST(topics_are_read_as_they_come),
        TEST(a_restart_goes_on_where_it_was),
        TEST(the_end_is_that_of_the_start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
