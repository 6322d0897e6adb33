/* Records go to the broker whole, and of each one exactly one report comes back. */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void record_arrives_with_key_headers_and_timestamp(void **state)
{
    struct broker *broker = *state;
    struct reports reports;
    struct kafka_producer *producer = make_producer(&broker->properties, &reports);
    struct kafka_record sent = text_record("odometry", "warty", "{\"x\":1.5}");
    sent.timestamp = 1500000000123;
    sent.headers[0] = (struct kafka_header){KAFKA_HEADER_TYPE, "nav_msgs/Odometry", 17};
    sent.headers[1] = (struct kafka_header){KAFKA_HEADER_ID, "\0\1\2", 3};
    sent.header_count = 2;
    struct error error;
    int owner;
    assert_int_equal(kafka_producer_send(producer, &sent, 7, &owner, &error), ERROR_NONE);
    assert_int_equal(kafka_producer_flush(producer, PATIENCE_MS), 0);
    assert_int_equal(reports.of_tag[7], 1);
    assert_int_equal(reports.of_delivery[KAFKA_DELIVERED], 1);
    assert_int_equal(reports.last_offset, 0);
    assert_ptr_equal(reports.owner, &owner);
    assert_string_equal(reports.topic, "odometry");
    assert_string_equal(reports.key, "warty");
    assert_string_equal(reports.value, "{\"x\":1.5}");
    kafka_producer_destroy(producer);

    struct kafka_consumer *consumer =
        make_consumer(&broker->properties, "g", "odometry", KAFKA_START_STORED, 0);
    struct kafka_record got;
    enum error_code code;
    for (int i = 0; i < 100; i++) {
        code = kafka_consumer_next(consumer, 100, &got, &error);
        if (code == ERROR_NONE)
            break;
    }
    assert_int_equal(code, ERROR_NONE);
    assert_string_equal(got.topic, "odometry");
    assert_memory_equal(got.key, "warty", got.key_size);
    assert_memory_equal(got.value, "{\"x\":1.5}", got.value_size);
    assert_int_equal(got.value_size, sent.value_size);
    assert_int_equal(got.timestamp, sent.timestamp);
    assert_int_equal(got.offset, 0);
    assert_int_equal(got.header_count, 2);
    const struct kafka_header *id = kafka_record_header(&got, KAFKA_HEADER_ID);
    assert_non_null(id);
    assert_int_equal(id->size, 3);
    assert_memory_equal(id->value, "\0\1\2", 3);
    assert_null(kafka_record_header(&got, KAFKA_HEADER_MD5SUM));
    kafka_consumer_destroy(consumer);
}

static void tombstone_and_empty_value_stay_apart(void **state)
{
    struct broker *broker = *state;
    struct reports reports;
    struct kafka_producer *producer = make_producer(&broker->properties, &reports);
    send_text(producer, "compacted", "k", NULL, 0);
    send_text(producer, "compacted", "k", "", 1);
    assert_int_equal(kafka_producer_flush(producer, PATIENCE_MS), 0);
    kafka_producer_destroy(producer);
    struct kafka_consumer *consumer =
        make_consumer(&broker->properties, "g", "compacted", KAFKA_START_STORED, 0);
    struct kafka_record got;
    for (int seen = 0; seen < 2;) {
        if (kafka_consumer_next(consumer, 1000, &got, NULL) != ERROR_NONE)
            continue;
        assert_int_equal(got.value == NULL, seen == 0);
        assert_int_equal(got.value_size, 0);
        seen++;
    }
    kafka_consumer_destroy(consumer);
}

static void each_of_many_records_is_reported_once(void **state)
{
    struct broker *broker = *state;
    struct reports reports;
    struct kafka_producer *producer = make_producer(&broker->properties, &reports);
    for (uint64_t tag = 0; tag < TAGS; tag++)
        send_text(producer, tag % 2 ? "odd" : "even", NULL, "value", tag);
    assert_int_equal(kafka_producer_flush(producer, PATIENCE_MS), 0);
    assert_int_equal(kafka_producer_pending(producer), 0);
    kafka_producer_destroy(producer);
    for (uint64_t tag = 0; tag < TAGS; tag++)
        assert_int_equal(reports.of_tag[tag], 1);
    assert_int_equal(reports.total, TAGS);
}

static void record_above_the_clients_limit_is_not_taken(void **state)
{
    struct broker *broker = *state;
    struct reports reports;
    set(&broker->properties, "message.max.bytes", "2000");
    struct kafka_producer *producer = make_producer(&broker->properties, &reports);
    static char large[4000];
    struct kafka_record record = text_record("t", NULL, "");
    record.value = large;
    record.value_size = sizeof large;
    struct error error = {.code = ERROR_NONE};
    assert_int_equal(kafka_producer_send(producer, &record, 0, NULL, &error), ERROR_LIMIT);
    assert_string_equal(error.path, "t");
    assert_non_null(strstr(error.text, "4000 bytes"));
    assert_int_equal(kafka_producer_pending(producer), 0);
    kafka_producer_destroy(producer);
    assert_int_equal(reports.total, 0);
}

static void report_of(struct broker *broker, rd_kafka_resp_err_t answer,
                      enum kafka_delivery expected)
{
    struct reports reports;
    struct kafka_producer *producer = make_producer(&broker->properties, &reports);
    struct error error;
    assert_int_equal(kafka_producer_check(producer, PATIENCE_MS, &error), ERROR_NONE);
    rd_kafka_mock_push_request_errors(broker->cluster, REQUEST_PRODUCE, 1, answer);
    send_text(producer, "t", NULL, "v", 5);
    assert_int_equal(kafka_producer_flush(producer, PATIENCE_MS), 0);
    assert_int_equal(reports.of_tag[5], 1);
    assert_int_equal(reports.delivery_of_tag[5], expected);
    assert_string_not_equal(reports.reason, "");
    assert_false(kafka_producer_is_fatal(producer, NULL));
    kafka_producer_destroy(producer);
}

static void brokers_refusals_are_told_apart(void **state)
{
    struct broker *broker = *state;
    report_of(broker, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, KAFKA_TOO_LARGE);
    report_of(broker, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, KAFKA_UNAVAILABLE);
    report_of(broker, RD_KAFKA_RESP_ERR_POLICY_VIOLATION, KAFKA_UNAVAILABLE);
    report_of(broker, (rd_kafka_resp_err_t)87, KAFKA_INVALID);
}

static void unknown_topic_is_unavailable(void **state)
{
    struct broker *broker = *state;
    struct reports reports;
    set(&broker->properties, "topic.metadata.propagation.max.ms", "0");
    rd_kafka_mock_topic_set_error(broker->cluster, "nowhere",
                                  RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
    struct kafka_producer *producer = make_producer(&broker->properties, &reports);
    struct kafka_record record = text_record("nowhere", NULL, "v");
    struct error error = {.code = ERROR_NONE};
    /* Not taken where librdkafka is so quick as to know already. */
    bool taken = kafka_producer_send(producer, &record, 1, NULL, &error) == ERROR_NONE;
    assert_int_equal(kafka_producer_flush(producer, PATIENCE_MS), 0);
    if (taken)
        assert_int_equal(reports.delivery_of_tag[1], KAFKA_UNAVAILABLE);
    assert_int_equal(kafka_producer_send(producer, &record, 2, NULL, &error), ERROR_MISSING);
    assert_string_equal(error.path, "nowhere");
    kafka_producer_destroy(producer);
    assert_int_equal(reports.total, taken);
}

static void fatal_error_is_known_and_nothing_is_taken_after_it(void **state)
{
    struct broker *broker = *state;
    struct reports reports;
    set(&broker->properties, "enable.gapless.guarantee", "true");
    struct kafka_producer *producer = make_producer(&broker->properties, &reports);
    rd_kafka_mock_push_request_errors(broker->cluster, REQUEST_PRODUCE, 1,
                                      RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER);
    for (uint64_t tag = 0; tag < 10; tag++)
        send_text(producer, "t", NULL, "v", tag);
    assert_int_equal(kafka_producer_flush(producer, PATIENCE_MS), 0);
    struct error error = {.code = ERROR_NONE};
    assert_true(kafka_producer_is_fatal(producer, &error));
    assert_non_null(strstr(error.text, "fatal"));
    struct kafka_record record = text_record("t", NULL, "v");
    assert_int_equal(kafka_producer_send(producer, &record, 10, NULL, &error), ERROR_IO);
    kafka_producer_destroy(producer);
    assert_int_equal(reports.total, 10);
    assert_int_equal(reports.of_delivery[KAFKA_REFUSED], 0);
    assert_true(reports.of_delivery[KAFKA_NOT_DELIVERED] > 0);
    assert_int_equal(count_lines(KAFKA_LOG_ERROR, "fatal error"), 1);
}

static void what_is_left_at_destroy_is_reported_not_delivered(void **state)
{
    struct broker *broker = *state;
    struct reports reports;
    rd_kafka_mock_broker_set_down(broker->cluster, 1);
    struct kafka_producer *producer = make_producer(&broker->properties, &reports);
    for (uint64_t tag = 0; tag < 100; tag++)
        send_text(producer, "t", NULL, "v", tag);
    assert_int_equal(kafka_producer_flush(producer, 50), 100);
    kafka_producer_destroy(producer);
    assert_int_equal(reports.of_delivery[KAFKA_NOT_DELIVERED], 100);
    for (uint64_t tag = 0; tag < 100; tag++)
        assert_int_equal(reports.of_tag[tag], 1);
}

static bool all_are_reported(void *argument)
{
    const struct reports *reports = argument;
    return reports->total == 100;
}

static void what_is_taken_back_goes_no_more(void **state)
{
    struct broker *broker = *state;
    struct reports reports;
    rd_kafka_mock_broker_set_down(broker->cluster, 1);
    struct kafka_producer *producer = make_producer(&broker->properties, &reports);
    for (uint64_t tag = 0; tag < 100; tag++)
        send_text(producer, "odometry", "warty", "before", tag);
    kafka_producer_take_back(producer);
    wait_until(all_are_reported, &reports, "the reports of what was taken back");
    assert_int_equal(reports.of_delivery[KAFKA_NOT_DELIVERED], 100);
    rd_kafka_mock_broker_set_up(broker->cluster, 1);
    send_text(producer, "odometry", "warty", "after", 100);
    assert_int_equal(kafka_producer_flush(producer, PATIENCE_MS), 0);
    assert_int_equal(reports.of_delivery[KAFKA_DELIVERED], 1);
    assert_int_equal(reports.last_offset, 0);
    kafka_producer_destroy(producer);
}

static void full_queue_says_so_and_room_comes_with_reports(void **state)
{
    struct broker *broker = *state;
    struct reports reports;
    set(&broker->properties, "queue.buffering.max.messages", "10");
    rd_kafka_mock_broker_set_down(broker->cluster, 1);
    struct kafka_producer *producer = make_producer(&broker->properties, &reports);
    for (uint64_t tag = 0; tag < 10; tag++)
        send_text(producer, "t", NULL, "v", tag);
    struct kafka_record record = text_record("t", NULL, "v");
    struct error error = {.code = ERROR_NONE};
    assert_int_equal(kafka_producer_send(producer, &record, 10, NULL, &error), ERROR_FULL);
    assert_non_null(strstr(error.text, "queue.buffering.max"));
    kafka_producer_wait_for_room(producer, 30);
    assert_int_equal(kafka_producer_send(producer, &record, 10, NULL, &error), ERROR_FULL);
    rd_kafka_mock_broker_set_up(broker->cluster, 1);
    enum error_code code = ERROR_FULL;
    for (int i = 0; i < 100 && code == ERROR_FULL; i++) {
        kafka_producer_wait_for_room(producer, PATIENCE_MS);
        code = kafka_producer_send(producer, &record, 10, NULL, &error);
    }
    assert_int_equal(code, ERROR_NONE);
    assert_int_equal(kafka_producer_flush(producer, PATIENCE_MS), 0);
    kafka_producer_destroy(producer);
    assert_int_equal(reports.of_delivery[KAFKA_DELIVERED], 11);
}

static void flush_does_not_wait_for_linger(void **state)
{
    struct broker *broker = *state;
    struct reports reports;
    set(&broker->properties, "linger.ms", "60000");
    struct kafka_producer *producer = make_producer(&broker->properties, &reports);
    send_text(producer, "t", NULL, "v", 0);
    assert_int_equal(kafka_producer_flush(producer, PATIENCE_MS), 0);
    kafka_producer_destroy(producer);
    assert_int_equal(reports.of_delivery[KAFKA_DELIVERED], 1);
}

static void topic_is_created_or_there_already(void **state)
{
    struct broker *broker = *state;
    struct reports reports;
    struct kafka_producer *producer = make_producer(&broker->properties, &reports);
    struct error error = {.code = ERROR_NONE};
    for (int i = 0; i < 2; i++)
        assert_int_equal(
            kafka_producer_create_topic(producer, "made", -1, true, PATIENCE_MS, &error),
            ERROR_NONE);
    rd_kafka_mock_broker_set_down(broker->cluster, 1);
    assert_int_equal(kafka_producer_create_topic(producer, "other", -1, true, 100, &error),
                     ERROR_IO);
    assert_string_equal(error.path, "other");
    kafka_producer_destroy(producer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, start_broker, stop_broker)
        TEST(record_arrives_with_key_headers_and_timestamp),
        TEST(tombstone_and_empty_value_stay_apart),
        TEST(each_of_many_records_is_reported_once),
        TEST(record_above_the_clients_limit_is_not_taken),
        TEST(brokers_refusals_are_told_apart),
        TEST(unknown_topic_is_unavailable),
        TEST(fatal_error_is_known_and_nothing_is_taken_after_it),
        TEST(what_is_left_at_destroy_is_reported_not_delivered),
        TEST(what_is_taken_back_goes_no_more),
        TEST(full_queue_says_so_and_room_comes_with_reports),
        TEST(flush_does_not_wait_for_linger),
        TEST(topic_is_created_or_there_already),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
