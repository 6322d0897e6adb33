/* A group reads on after the last record that was stored, whatever its protocol and commits. */
#include "support.h"

#include <stdio.h>
#include <string.h>

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

static bool say_hello(const char *topic, int32_t partition, char *text, void *user)
{
    (void)topic;
    (void)partition;
    (void)snprintf(text, KAFKA_TEXT_SIZE, "hello");
    ++*(int *)user;
    return true;
}

/* A member that reads and stores one record, and what the group kept beside its partition's offset.
 */
static void assert_kept(struct broker *broker, int number, const char *text, int *asked)
{
    const struct kafka_subscription subscription = {.topic = "t"};
    const struct kafka_consumer_options options = {.properties = &broker->properties,
                                                   .group = "g",
                                                   .subscriptions = &subscription,
                                                   .subscription_count = 1,
                                                   .text = say_hello,
                                                   .user = asked};
    struct kafka_consumer *consumer = NULL;
    struct kafka_begin begin;
    struct error error;
    assert_int_equal(kafka_consumer_create(&options, &consumer, NULL), ERROR_NONE);
    assert_int_equal(next_number(consumer, true), number);
    assert_int_equal(kafka_consumer_begin(consumer, &begin, &error), ERROR_NONE);
    assert_string_equal(begin.topic, "t");
    assert_string_equal(begin.text, text);
    assert_int_equal(kafka_consumer_begin(consumer, &begin, &error), ERROR_MISSING);
    kafka_consumer_destroy(consumer);
}

static void group_keeps_a_text_beside_the_offset(void **state)
{
    struct broker *broker = *state;
    int asked = 0;
    assert_int_equal(kafka_embedded_create_topic(broker->embedded, "t", 1, NULL), ERROR_NONE);
    produce_numbers(&broker->properties, "t", 0, 10);
    assert_kept(broker, 0, "", &asked);
    assert_kept(broker, 1, "hello", &asked);
    assert_true(asked > 0);
}

/* Where the broker takes no text that long, the offset is committed alone. */
static void text_that_is_refused_is_left_out(void **state)
{
    struct broker *broker = *state;
    int asked = 0;
    assert_int_equal(kafka_embedded_create_topic(broker->embedded, "t", 1, NULL), ERROR_NONE);
    produce_numbers(&broker->properties, "t", 0, 10);
    rd_kafka_mock_push_request_errors(broker->cluster, REQUEST_OFFSET_COMMIT, 1,
                                      RD_KAFKA_RESP_ERR_OFFSET_METADATA_TOO_LARGE);
    struct kafka_consumer *consumer = NULL;
    struct kafka_record record;
    watch_log();
    const struct kafka_subscription subscription = {.topic = "t"};
    const struct kafka_consumer_options options = {.properties = &broker->properties,
                                                   .group = "g",
                                                   .subscriptions = &subscription,
                                                   .subscription_count = 1,
                                                   .text = say_hello,
                                                   .user = &asked};
    assert_int_equal(kafka_consumer_create(&options, &consumer, NULL), ERROR_NONE);
    assert_int_equal(next_number(consumer, true), 0);
    for (int i = 0; i < 300 && count_lines(KAFKA_LOG_WARN, "offset.metadata.max.bytes") == 0; i++)
        (void)!kafka_consumer_next(consumer, 20, &record, NULL);
    assert_int_equal(count_lines(KAFKA_LOG_WARN, "offset.metadata.max.bytes"), 1);
    kafka_consumer_destroy(consumer);
    assert_kept(broker, 1, "", &asked);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, start_broker, stop_broker)
        TEST(group_goes_on_after_the_last_stored_record),
        TEST(group_goes_on_with_the_cooperative_protocol),
        TEST(group_goes_on_without_automatic_commits),
        TEST(group_keeps_a_text_beside_the_offset),
        TEST(text_that_is_refused_is_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
