/* A consumer begins where it was told to. */
#include "support.h"

static void earliest_begins_at_the_beginning_in_spite_of_stored_offsets(void **state)
{
    struct broker *broker = *state;
    produce_numbers(&broker->properties, "t", 0, 5);
    struct kafka_consumer *consumer =
        make_consumer(&broker->properties, "g", "t", KAFKA_START_STORED, 0);
    for (int i = 0; i < 5; i++)
        assert_int_equal(next_number(consumer, true), i);
    kafka_consumer_destroy(consumer);
    consumer = make_consumer(&broker->properties, "g", "t", KAFKA_START_EARLIEST, 0);
    assert_int_equal(next_number(consumer, false), 0);
    kafka_consumer_destroy(consumer);
}

static void latest_begins_at_the_end_and_the_group_remembers_it(void **state)
{
    struct broker *broker = *state;
    produce_numbers(&broker->properties, "t", 0, 5);
    struct kafka_consumer *consumer =
        make_consumer(&broker->properties, "g", "t", KAFKA_START_LATEST, 0);
    wait_until(is_assigned, consumer, "the group is joined");
    produce_numbers(&broker->properties, "t", 5, 5);
    assert_int_equal(next_number(consumer, false), 5); /* not stored */
    kafka_consumer_destroy(consumer);
    consumer = make_consumer(&broker->properties, "g", "t", KAFKA_START_STORED, 0);
    assert_int_equal(next_number(consumer, false), 5);
    kafka_consumer_destroy(consumer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, start_broker, stop_broker)
        TEST(earliest_begins_at_the_beginning_in_spite_of_stored_offsets),
        TEST(latest_begins_at_the_end_and_the_group_remembers_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
