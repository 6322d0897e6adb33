/* When the producer loses its place every record comes back as not delivered, and it says so. */
#include "support.h"

#include "kafka/producer/producer_client.h"

#include <string.h>

#define RECORDS 200

static struct kafka_producer *make_busy(struct broker *broker, struct reports *reports)
{
    struct kafka_producer *producer = make_producer_of(
        (struct kafka_producer_options){.properties = &broker->properties, .batch_max_bytes = 1},
        reports);
    struct error error;
    if (kafka_producer_check(producer, PATIENCE_MS, &error) != ERROR_NONE)
        fail_msg("%s", error.text);
    return producer;
}

static void no_record_is_blamed(const struct reports *reports)
{
    assert_int_equal(reports->of_delivery[KAFKA_TOO_LARGE], 0);
    assert_int_equal(reports->of_delivery[KAFKA_REFUSED], 0);
    for (uint64_t tag = 0; tag < RECORDS; tag++)
        assert_in_range(reports->of_tag[tag], 0, 1);
}

static void fatal_error_gives_every_record_back(void **state)
{
    struct broker *broker = *state;
    struct reports reports;
    struct kafka_producer *producer = make_busy(broker, &reports);
    rd_kafka_mock_broker_set_down(broker->cluster, 1);
    for (uint64_t tag = 0; tag < RECORDS; tag++)
        send_text(producer, "t", "k", "v", tag);
    assert_false(kafka_producer_is_fatal(producer, NULL));
    (void)rd_kafka_test_fatal_error(kafka_producer_client(producer),
                                    RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER, "for a test");
    struct error error = {.code = ERROR_NONE};
    assert_true(kafka_producer_is_fatal(producer, &error));
    assert_non_null(strstr(error.text, "OUT_OF_ORDER_SEQUENCE_NUMBER"));
    struct kafka_record record = text_record("t", "k", "v");
    assert_int_equal(kafka_producer_send(producer, &record, RECORDS, NULL, &error), ERROR_IO);
    kafka_producer_destroy(producer);
    assert_int_equal(reports.of_delivery[KAFKA_NOT_DELIVERED], RECORDS);
    no_record_is_blamed(&reports);
}

/* Sends under way, the broker answers one with `answer`. */
static void after(struct broker *broker, rd_kafka_resp_err_t answer)
{
    struct reports reports;
    struct kafka_producer *producer = make_busy(broker, &reports);
    rd_kafka_mock_push_request_errors(broker->cluster, REQUEST_PRODUCE, 3,
                                      RD_KAFKA_RESP_ERR_NO_ERROR, RD_KAFKA_RESP_ERR_NO_ERROR,
                                      answer);
    struct error error;
    struct kafka_record record = text_record("t", "k", "v");
    uint64_t sent = 0;
    while (sent < RECORDS &&
           kafka_producer_send(producer, &record, sent, NULL, &error) == ERROR_NONE)
        sent++;
    (void)kafka_producer_flush(producer, PATIENCE_MS);
    bool fatal = kafka_producer_is_fatal(producer, NULL);
    assert_true(fatal || sent == RECORDS);
    kafka_producer_destroy(producer);
    assert_int_equal(reports.total, sent);
    no_record_is_blamed(&reports);
    /* Either librdkafka finds its place again by itself, or everything that is left comes back. */
    assert_true(fatal || reports.of_delivery[KAFKA_DELIVERED] == RECORDS);
    rd_kafka_mock_clear_request_errors(broker->cluster, REQUEST_PRODUCE);
}

static void lost_place_is_found_or_fatal(void **state)
{
    after(*state, RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER);
    after(*state, RD_KAFKA_RESP_ERR_UNKNOWN_PRODUCER_ID);
    after(*state, RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION);
    after(*state, RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND);
    after(*state, RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR);
    after(*state, RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT);
    after(*state, RD_KAFKA_RESP_ERR__TRANSPORT);
}

static void no_permission_for_the_cluster_is_fatal(void **state)
{
    struct broker *broker = *state;
    struct reports reports;
    rd_kafka_mock_push_request_errors(broker->cluster, 22 /* InitProducerId */, 1,
                                      RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED);
    struct kafka_producer *producer = make_producer_of(
        (struct kafka_producer_options){.properties = &broker->properties}, &reports);
    struct error error = {.code = ERROR_NONE};
    struct kafka_record record = text_record("t", "k", "v");
    uint64_t sent = 0;
    while (sent < RECORDS &&
           kafka_producer_send(producer, &record, sent, NULL, &error) == ERROR_NONE)
        sent++;
    (void)kafka_producer_flush(producer, PATIENCE_MS);
    assert_true(kafka_producer_is_fatal(producer, &error));
    assert_non_null(strstr(error.text, "CLUSTER_AUTHORIZATION_FAILED"));
    kafka_producer_destroy(producer);
    assert_int_equal(reports.of_delivery[KAFKA_NOT_DELIVERED], sent);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, start_broker, stop_broker)
        TEST(fatal_error_gives_every_record_back),
        TEST(lost_place_is_found_or_fatal),
        TEST(no_permission_for_the_cluster_is_fatal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
