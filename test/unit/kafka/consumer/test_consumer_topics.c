/* Topics that come late, match a pattern, are forbidden or out of reach. */
#include "support.h"

#include <string.h>

static bool waits_for_topic(void *argument)
{
    (void)is_assigned(argument);
    return count_lines(KAFKA_LOG_WARN, "waiting for it") > 0;
}

static void topic_that_appears_late_is_read_from_its_first_record(void **state)
{
    struct broker *broker = *state;
    rd_kafka_mock_topic_set_error(broker->cluster, "late", RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
    struct kafka_consumer *consumer =
        make_consumer(&broker->properties, "g", "late", KAFKA_START_LATEST, 0);
    wait_until(waits_for_topic, consumer, "the missing topic is told");
    (void)is_quiet(consumer, 3500); /* the group is joined, with nothing to read */
    assert_false(kafka_consumer_is_assigned(consumer));
    rd_kafka_mock_topic_set_error(broker->cluster, "late", RD_KAFKA_RESP_ERR_NO_ERROR);
    produce_numbers(&broker->properties, "late", 0, 3);
    for (int i = 0; i < 3; i++)
        assert_int_equal(next_number(consumer, true), i);
    assert_int_equal(count_lines(KAFKA_LOG_WARN, "waiting for it"), 1);
    kafka_consumer_destroy(consumer);
}

static void pattern_finds_its_topics(void **state)
{
    struct broker *broker = *state;
    produce_numbers(&broker->properties, "result.a", 1, 1);
    produce_numbers(&broker->properties, "other", 100, 1);
    struct kafka_consumer *consumer =
        make_consumer(&broker->properties, "g", "^result\\..*", KAFKA_START_EARLIEST, 0);
    assert_int_equal(next_number(consumer, true), 1);
    assert_true(is_quiet(consumer, 300));
    kafka_consumer_destroy(consumer);
}

static void forbidden_topic_is_an_error_once(void **state)
{
    struct broker *broker = *state;
    rd_kafka_mock_topic_set_error(broker->cluster, "secret",
                                  RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
    struct kafka_consumer *consumer =
        make_consumer(&broker->properties, "g", "secret", KAFKA_START_STORED, 0);
    struct kafka_record record;
    struct error error = {.code = ERROR_NONE};
    enum error_code code = ERROR_MISSING;
    for (int i = 0; i < 100 && code == ERROR_MISSING; i++)
        code = kafka_consumer_next(consumer, 100, &record, &error);
    assert_int_equal(code, ERROR_IO);
    assert_non_null(strstr(error.text, "authorization failed"));
    assert_true(is_quiet(consumer, 1500));
    kafka_consumer_destroy(consumer);
}

static void consumer_without_a_broker_says_so_and_ends(void **state)
{
    struct broker *broker = *state;
    rd_kafka_mock_broker_set_down(broker->cluster, 1);
    struct kafka_consumer *consumer =
        make_consumer(&broker->properties, "g", "t", KAFKA_START_STORED, 0);
    assert_true(is_quiet(consumer, 1500));
    assert_int_equal(count_lines(KAFKA_LOG_WARN, broker->address), 1);
    kafka_consumer_destroy(consumer);
}

static void count_release(const struct kafka_partition *partitions, size_t count, bool lost,
                          void *user)
{
    (void)partitions;
    (void)count;
    (void)lost;
    ++*(int *)user;
}

static struct kafka_consumer *make_pattern_consumer(struct broker *broker, const char *ignored,
                                                    int *releases)
{
    const struct kafka_subscription subscription = {.topic = "^result\\..*",
                                                    .start = KAFKA_START_EARLIEST};
    const struct kafka_consumer_options options = {.properties = &broker->properties,
                                                   .group = "g",
                                                   .subscriptions = &subscription,
                                                   .subscription_count = 1,
                                                   .ignored = ignored,
                                                   .release = count_release,
                                                   .user = releases};
    struct kafka_consumer *consumer = NULL;
    assert_int_equal(kafka_consumer_create(&options, &consumer, NULL), ERROR_NONE);
    return consumer;
}

/* A topic that a pattern matches is a rebalance; one that is ignored is none. */
static void ignored_topics_cost_no_rebalance(void **state)
{
    struct broker *broker = *state;
    int releases = 0;
    set(&broker->properties, "topic.metadata.refresh.interval.ms", "200");
    produce_numbers(&broker->properties, "result.a", 1, 1);
    produce_numbers(&broker->properties, "result.secret", 200, 1);
    set(&broker->properties, "topic.blacklist", "^result[.]secret$"); /* the user's own */
    struct kafka_consumer *consumer =
        make_pattern_consumer(broker, "^__,[.]dead_letter$", &releases);
    assert_int_equal(next_number(consumer, true), 1);
    produce_numbers(&broker->properties, "result.a.dead_letter", 100, 1);
    assert_true(is_quiet(consumer, 1000));
    assert_int_equal(releases, 0);
    produce_numbers(&broker->properties, "result.b", 2, 1);
    assert_int_equal(next_number(consumer, true), 2);
    assert_int_equal(releases, 1);
    kafka_consumer_destroy(consumer);
    assert_int_equal(releases, 2);
}

static void bad_pattern_is_an_error_with_the_topic(void **state)
{
    struct broker *broker = *state;
    const struct kafka_subscription subscription = {.topic = "^(", .start = KAFKA_START_STORED};
    struct kafka_consumer *consumer;
    struct error error = {.code = ERROR_NONE};
    const struct kafka_consumer_options options = {.properties = &broker->properties,
                                                   .group = "g",
                                                   .subscriptions = &subscription,
                                                   .subscription_count = 1};
    assert_int_equal(kafka_consumer_create(&options, &consumer, &error), ERROR_RANGE);
    assert_string_equal(error.path, "^(");
    assert_non_null(strstr(error.text, "regular expression"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, start_broker, stop_broker)
        TEST(topic_that_appears_late_is_read_from_its_first_record),
        TEST(pattern_finds_its_topics),
        TEST(ignored_topics_cost_no_rebalance),
        TEST(forbidden_topic_is_an_error_once),
        TEST(consumer_without_a_broker_says_so_and_ends),
        TEST(bad_pattern_is_an_error_with_the_topic),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
