/* Values may stay the caller's, and how many of them go into one batch has a bound. */
#include "support.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Above message.copy.max.bytes librdkafka's requests point at the values themselves. */
#define LARGE   100000
#define RECORDS 20

static void send_value(struct kafka_producer *producer, const char *value, size_t size,
                       uint64_t tag)
{
    struct kafka_record record = text_record("t", "key", "");
    record.value = value;
    record.value_size = size;
    struct error error = {.code = ERROR_NONE};
    if (kafka_producer_send(producer, &record, tag, NULL, &error) != ERROR_NONE)
        fail_msg("%s: %s", error.path, error.text);
}

static void borrowed_value_is_the_callers_own(void **state)
{
    struct broker *broker = *state;
    struct reports reports;
    struct kafka_producer *producer = make_producer_of(
        (struct kafka_producer_options){.properties = &broker->properties, .borrow_values = true},
        &reports);
    static const char value[] = "kept where it is";
    send_text(producer, "t", "k", value, 0);
    assert_int_equal(kafka_producer_flush(producer, PATIENCE_MS), 0);
    assert_ptr_equal(reports.value_at, value);
    assert_int_equal(reports.of_delivery[KAFKA_DELIVERED], 1);
    kafka_producer_destroy(producer);
    producer = make_producer(&broker->properties, &reports);
    send_text(producer, "t", "k", value, 0);
    assert_int_equal(kafka_producer_flush(producer, PATIENCE_MS), 0);
    assert_ptr_not_equal(reports.value_at, value);
    assert_string_equal(reports.value, value);
    kafka_producer_destroy(producer);
}

static void pause_ms(long milliseconds)
{
    const struct timespec pause = {.tv_sec = milliseconds / 1000,
                                   .tv_nsec = milliseconds % 1000 * 1000000};
    (void)nanosleep(&pause, NULL);
}

/* Destroys a producer whose request waits for the broker's answer; false: it was not sent yet. */
static bool destroy_in_flight(struct broker *broker, long milliseconds)
{
    struct reports reports;
    rd_kafka_mock_broker_set_rtt(broker->cluster, 1, 0);
    struct kafka_producer *producer = make_producer_of(
        (struct kafka_producer_options){.properties = &broker->properties, .borrow_values = true},
        &reports);
    send_text(producer, "t", NULL, "the producer has its id and knows the topic", TAGS);
    assert_int_equal(kafka_producer_flush(producer, PATIENCE_MS), 0);
    rd_kafka_mock_broker_set_rtt(broker->cluster, 1, 60000);
    char *values[RECORDS];
    for (uint64_t tag = 0; tag < RECORDS; tag++) {
        values[tag] = malloc(LARGE);
        assert_non_null(values[tag]);
        memset(values[tag], 'v', LARGE);
        send_value(producer, values[tag], LARGE, tag);
    }
    pause_ms(milliseconds);
    kafka_producer_destroy(producer);
    for (uint64_t tag = 0; tag < RECORDS; tag++) {
        assert_int_equal(reports.of_tag[tag], 1);
        assert_int_equal(reports.delivery_of_tag[tag], KAFKA_NOT_DELIVERED);
        free(values[tag]);
    }
    return reports.in_flight > 0;
}

static void values_may_be_freed_once_the_producer_is_gone(void **state)
{
    for (long wait = 100; !destroy_in_flight(*state, wait); wait *= 2)
        assert_true(wait < PATIENCE_MS);
}

/* How many of RECORDS records of `size` bytes one refused batch held. */
static int records_of_a_batch(struct broker *broker, size_t batch_max_bytes, size_t size)
{
    struct reports reports;
    static char value[4000];
    set(&broker->properties, "linger.ms", "60000");
    struct kafka_producer *producer =
        make_producer_of((struct kafka_producer_options){.properties = &broker->properties,
                                                         .batch_max_bytes = batch_max_bytes},
                         &reports);
    struct error error;
    assert_int_equal(kafka_producer_check(producer, PATIENCE_MS, &error), ERROR_NONE);
    rd_kafka_mock_push_request_errors(broker->cluster, REQUEST_PRODUCE, 1,
                                      RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE);
    assert_true(size <= sizeof value);
    for (uint64_t tag = 0; tag < RECORDS; tag++)
        send_value(producer, value, size, tag);
    assert_int_equal(kafka_producer_flush(producer, PATIENCE_MS), 0);
    kafka_producer_destroy(producer);
    assert_int_equal(reports.total, RECORDS);
    return (int)reports.of_delivery[KAFKA_TOO_LARGE];
}

static void batch_is_bounded_in_bytes(void **state)
{
    assert_int_equal(records_of_a_batch(*state, 0, 1000), RECORDS);
    int bounded = records_of_a_batch(*state, 4500, 1000);
    assert_in_range(bounded, 2, 4);
}

static void record_above_the_bound_goes_alone(void **state)
{
    assert_int_equal(records_of_a_batch(*state, 1, 4000), 1);
}

static void smaller_batch_size_of_the_user_holds(void **state)
{
    struct broker *broker = *state;
    set(&broker->properties, "batch.size", "1");
    assert_int_equal(records_of_a_batch(broker, 1000000, 1000), 1);
    set(&broker->properties, "batch.size", "1000000");
    assert_int_equal(records_of_a_batch(broker, 1, 1000), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, start_broker, stop_broker)
        TEST(borrowed_value_is_the_callers_own),
        TEST(values_may_be_freed_once_the_producer_is_gone),
        TEST(batch_is_bounded_in_bytes),
        TEST(record_above_the_bound_goes_alone),
        TEST(smaller_batch_size_of_the_user_holds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
