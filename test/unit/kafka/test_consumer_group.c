/* A group reads on after the last record that was stored, whatever its protocol and commits. */
#include "support.h"

static void stored_is_passed_over(struct broker *broker)
{
    struct error error;
    assert_int_equal(kafka_embedded_create_topic(broker->embedded, "t", 1, &error), ERROR_NONE);
    produce_numbers(&broker->properties, "t", 0, 10);
    struct kafka_consumer *consumer =
        make_consumer(&broker->properties, "g", "t", KAFKA_START_STORED, 0);
    for (int i = 0; i < 6; i++)
        assert_int_equal(next_number(consumer, i < 4), i); /* 4 and 5: read, not dealt with */
    kafka_consumer_destroy(consumer);
    consumer = make_consumer(&broker->properties, "g", "t", KAFKA_START_STORED, 0);
    for (int i = 4; i < 10; i++)
        assert_int_equal(next_number(consumer, false), i);
    kafka_consumer_destroy(consumer);
}

static void group_goes_on_after_the_last_stored_record(void **state)
{
    stored_is_passed_over(*state);
}

static void group_goes_on_with_the_cooperative_protocol(void **state)
{
    struct broker *broker = *state;
    set(&broker->properties, "partition.assignment.strategy", "cooperative-sticky");
    stored_is_passed_over(broker);
}

static void group_goes_on_without_automatic_commits(void **state)
{
    struct broker *broker = *state;
    set(&broker->properties, "enable.auto.commit", "false");
    stored_is_passed_over(broker);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, start_broker, stop_broker)
        TEST(group_goes_on_after_the_last_stored_record),
        TEST(group_goes_on_with_the_cooperative_protocol),
        TEST(group_goes_on_without_automatic_commits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
