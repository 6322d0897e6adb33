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

struct told {
    char topic[64];
    unsigned times;
    uint64_t records;
};

static void on_backlog(const char *topic, uint64_t records, void *user)
{
    struct told *told = user;
    (void)snprintf(told->topic, sizeof told->topic, "%s", topic);
    told->records = records;
    told->times++;
}

static struct kafka_consumer *make_listening(const struct kafka_properties *properties,
                                             enum kafka_start start, struct told *told)
{
    const struct kafka_subscription subscription = {.topic = "t", .start = start};
    const struct kafka_consumer_options options = {.properties = properties,
                                                   .group = "g",
                                                   .subscriptions = &subscription,
                                                   .subscription_count = 1,
                                                   .backlog = on_backlog,
                                                   .user = told};
    struct kafka_consumer *consumer = NULL;
    struct error error;
    *told = (struct told){0};
    assert_int_equal(kafka_consumer_create(&options, &consumer, &error), ERROR_NONE);
    return consumer;
}

static void a_new_group_is_told_of_what_lies_there_before_it_comes(void **state)
{
    struct broker *broker = *state;
    struct told told;
    produce_numbers(&broker->properties, "t", 0, 5);
    struct kafka_consumer *consumer =
        make_listening(&broker->properties, KAFKA_START_STORED, &told);
    wait_until(is_assigned, consumer, "the group is joined");
    assert_int_equal(told.times, 1); /* whatever partitions it has */
    assert_string_equal(told.topic, "t");
    assert_int_equal(told.records, 5);
    for (int i = 0; i < 5; i++)
        assert_int_equal(next_number(consumer, true), i);
    kafka_consumer_destroy(consumer);
    consumer = make_listening(&broker->properties, KAFKA_START_STORED, &told);
    produce_numbers(&broker->properties, "t", 5, 1);
    assert_int_equal(next_number(consumer, true), 5);
    assert_int_equal(told.times, 0);
    kafka_consumer_destroy(consumer);
}

static void who_begins_at_the_end_is_not_told(void **state)
{
    struct broker *broker = *state;
    struct told told;
    produce_numbers(&broker->properties, "t", 0, 5);
    struct kafka_consumer *consumer =
        make_listening(&broker->properties, KAFKA_START_LATEST, &told);
    wait_until(is_assigned, consumer, "the group is joined");
    assert_int_equal(told.times, 0);
    kafka_consumer_destroy(consumer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, start_broker, stop_broker)
        TEST(earliest_begins_at_the_beginning_in_spite_of_stored_offsets),
        TEST(latest_begins_at_the_end_and_the_group_remembers_it),
        TEST(a_new_group_is_told_of_what_lies_there_before_it_comes),
        TEST(who_begins_at_the_end_is_not_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
