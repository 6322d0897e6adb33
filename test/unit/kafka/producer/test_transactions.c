/* A transaction ends as committed, as aborted or in doubt, whatever the broker answers. */
#include "support.h"

#include "kafka/producer/transactions.h"

#include <stdio.h>
#include <string.h>

#define REQUEST_INIT_PRODUCER_ID      22
#define REQUEST_ADD_PARTITIONS_TO_TXN 24
#define REQUEST_ADD_OFFSETS_TO_TXN    25
#define REQUEST_END_TXN               26
#define REQUEST_TXN_OFFSET_COMMIT     28

#define GROUP "the bridge's own group"

static struct kafka_producer *make_transactional(struct broker *broker, struct reports *reports)
{
    return make_producer_of((struct kafka_producer_options){.properties = &broker->properties,
                                                            .batch_max_bytes = 1,
                                                            .transactional_id = "robot"},
                            reports);
}

static struct kafka_producer *make_ready(struct broker *broker, struct reports *reports)
{
    struct kafka_producer *producer = make_transactional(broker, reports);
    struct error error;
    if (kafka_transactions_init(producer, PATIENCE_MS, &error) != ERROR_NONE)
        fail_msg("%s", error.text);
    return producer;
}

static void begin(struct kafka_producer *producer)
{
    struct error error;
    if (kafka_transaction_begin(producer, &error) != ERROR_NONE)
        fail_msg("%s", error.text);
}

/* Sends up to `count` records with tags from `first` in a transaction that stays open; returns how
 * many: none is taken any more once the transaction has failed. */
static uint64_t try_with(struct kafka_producer *producer, const char *topic, uint64_t first,
                         uint64_t count)
{
    begin(producer);
    const struct kafka_record record = text_record(topic, "key", "value");
    uint64_t sent = 0;
    struct error error;
    while (sent < count &&
           kafka_producer_send(producer, &record, first + sent, NULL, &error) == ERROR_NONE)
        sent++;
    return sent;
}

static void begin_with(struct kafka_producer *producer, const char *topic, uint64_t first,
                       uint64_t count)
{
    assert_int_equal(try_with(producer, topic, first, count), count);
}

static enum kafka_commit commit_in(struct kafka_producer *producer, int timeout_ms,
                                   struct error *error)
{
    static const struct kafka_committed_offset positions[] = {{"t", 0, 12345, NULL},
                                                              {"u", 0, 7, NULL}};
    error->text[0] = '\0';
    return kafka_transaction_commit(producer, GROUP, positions, 2, timeout_ms, error);
}

static void commit_is(struct kafka_producer *producer, enum kafka_commit expected)
{
    struct error error;
    enum kafka_commit found = commit_in(producer, PATIENCE_MS, &error);
    if (found != expected)
        fail_msg("commit ends as %d, not %d: %s", (int)found, (int)expected, error.text);
    assert_int_equal(error.text[0] != '\0', expected != KAFKA_COMMITTED);
}

/* Behind an abort a transaction commits, the second at the latest: librdkafka drops a request that
 * waits to be written without giving back its place in the partition's sequence, so the broker may
 * refuse the first one as out of order; the next begins a new sequence. */
static void goes_on(struct kafka_producer *producer, uint64_t first, uint64_t count)
{
    uint64_t sent = try_with(producer, "t", first, count);
    struct error error;
    if (commit_in(producer, PATIENCE_MS, &error) == KAFKA_COMMITTED) {
        assert_int_equal(sent, count);
        return;
    }
    begin_with(producer, "t", first + count, count);
    commit_is(producer, KAFKA_COMMITTED);
}

static void transactions_follow_each_other(void **state)
{
    struct reports reports;
    struct kafka_producer *producer = make_ready(*state, &reports);
    for (uint64_t round = 0; round < 3; round++) {
        begin_with(producer, "t", round * 10, 10);
        commit_is(producer, KAFKA_COMMITTED);
        assert_int_equal(reports.of_delivery[KAFKA_DELIVERED], (round + 1) * 10);
    }
    begin(producer); /* an empty one with positions alone */
    commit_is(producer, KAFKA_COMMITTED);
    begin(producer); /* and one with nothing */
    struct error error;
    assert_int_equal(kafka_transaction_commit(producer, GROUP, NULL, 0, PATIENCE_MS, &error),
                     KAFKA_COMMITTED);
    kafka_producer_destroy(producer);
}

static void calls_out_of_turn_are_refused(void **state)
{
    struct broker *broker = *state;
    struct reports reports;
    struct error error;
    struct kafka_producer *producer = make_ready(broker, &reports);
    struct kafka_record record = text_record("t", NULL, "v");
    assert_int_equal(kafka_producer_send(producer, &record, 0, NULL, &error), ERROR_IO);
    assert_non_null(strstr(error.text, "no transaction is open"));
    assert_int_equal(commit_in(producer, 0, &error), KAFKA_UNKNOWN);
    assert_int_equal(kafka_transaction_abort(producer, 0, &error), ERROR_NONE);
    begin(producer);
    assert_int_equal(kafka_transaction_begin(producer, &error), ERROR_ARGUMENT);
    commit_is(producer, KAFKA_COMMITTED);
    kafka_producer_destroy(producer);
    producer = make_producer(&broker->properties, &reports);
    assert_int_equal(kafka_transactions_init(producer, 0, &error), ERROR_ARGUMENT);
    assert_int_equal(kafka_transaction_begin(producer, &error), ERROR_ARGUMENT);
    kafka_producer_destroy(producer);
}

static void init_retries_and_goes_on_after_an_outage(void **state)
{
    struct broker *broker = *state;
    struct reports reports;
    struct error error;
    rd_kafka_mock_push_request_errors(broker->cluster, REQUEST_INIT_PRODUCER_ID, 3,
                                      RD_KAFKA_RESP_ERR_CONCURRENT_TRANSACTIONS,
                                      RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE,
                                      RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS);
    kafka_producer_destroy(make_ready(broker, &reports));
    rd_kafka_mock_broker_set_down(broker->cluster, 1);
    struct kafka_producer *producer = make_transactional(broker, &reports);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(kafka_transactions_init(producer, 300, &error), ERROR_IO);
        assert_false(kafka_producer_is_fatal(producer, NULL));
    }
    rd_kafka_mock_broker_set_up(broker->cluster, 1);
    if (kafka_transactions_init(producer, PATIENCE_MS, &error) != ERROR_NONE)
        fail_msg("%s", error.text);
    begin_with(producer, "t", 0, 1);
    commit_is(producer, KAFKA_COMMITTED);
    kafka_producer_destroy(producer);
}

static void init_that_is_not_permitted_is_fatal(void **state)
{
    struct broker *broker = *state;
    struct reports reports;
    struct error error;
    rd_kafka_mock_push_request_errors(broker->cluster, REQUEST_INIT_PRODUCER_ID, 1,
                                      RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED);
    struct kafka_producer *producer = make_transactional(broker, &reports);
    assert_int_equal(kafka_transactions_init(producer, PATIENCE_MS, &error), ERROR_IO);
    assert_true(kafka_producer_is_fatal(producer, NULL));
    assert_non_null(strstr(error.text, "Transactional Id authorization"));
    kafka_producer_destroy(producer);
}

static void what_passes_is_retried(void **state)
{
    struct broker *broker = *state;
    struct reports reports;
    struct kafka_producer *producer = make_ready(broker, &reports);
    rd_kafka_mock_push_request_errors(broker->cluster, REQUEST_ADD_PARTITIONS_TO_TXN, 2,
                                      RD_KAFKA_RESP_ERR_CONCURRENT_TRANSACTIONS,
                                      RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE);
    rd_kafka_mock_push_request_errors(broker->cluster, REQUEST_PRODUCE, 1,
                                      RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS);
    rd_kafka_mock_push_request_errors(broker->cluster, REQUEST_ADD_OFFSETS_TO_TXN, 2,
                                      RD_KAFKA_RESP_ERR_CONCURRENT_TRANSACTIONS,
                                      RD_KAFKA_RESP_ERR_NOT_COORDINATOR);
    rd_kafka_mock_push_request_errors(broker->cluster, REQUEST_TXN_OFFSET_COMMIT, 2,
                                      RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS,
                                      RD_KAFKA_RESP_ERR_NOT_COORDINATOR);
    rd_kafka_mock_push_request_errors(broker->cluster, REQUEST_END_TXN, 2,
                                      RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS,
                                      RD_KAFKA_RESP_ERR_NOT_COORDINATOR);
    begin_with(producer, "t", 0, 1);
    commit_is(producer, KAFKA_COMMITTED);
    assert_int_equal(reports.of_delivery[KAFKA_DELIVERED], 1);
    kafka_producer_destroy(producer);
}

/* The answer `failure` to a request of a transaction ends it as `expected`; after an abort the same
 * producer goes on. */
static void ends_as(struct broker *broker, int16_t request, rd_kafka_resp_err_t failure,
                    enum kafka_commit expected)
{
    struct reports reports;
    struct kafka_producer *producer = make_ready(broker, &reports);
    rd_kafka_mock_push_request_errors(broker->cluster, request, 1, failure);
    uint64_t sent = try_with(producer, "t", 0, 3);
    struct error error;
    enum kafka_commit found = commit_in(producer, PATIENCE_MS, &error);
    if (found != expected)
        fail_msg("%s to request %d ends as %d: %s", rd_kafka_err2name(failure), (int)request,
                 (int)found, error.text);
    if (expected == KAFKA_ABORTED) {
        goes_on(producer, 10, 3);
    } else {
        assert_int_equal(commit_in(producer, PATIENCE_MS, &error), KAFKA_UNKNOWN);
        assert_int_equal(kafka_transaction_begin(producer, &error), ERROR_ARGUMENT);
        assert_int_equal(kafka_transaction_abort(producer, 0, &error), ERROR_IO);
    }
    kafka_producer_destroy(producer);
    for (uint64_t tag = 0; tag < sent; tag++)
        assert_int_equal(reports.of_tag[tag], 1);
    rd_kafka_mock_clear_request_errors(broker->cluster, request);
}

static void what_the_broker_refuses_aborts(void **state)
{
    ends_as(*state, REQUEST_PRODUCE, RD_KAFKA_RESP_ERR_POLICY_VIOLATION, KAFKA_ABORTED);
    ends_as(*state, REQUEST_ADD_PARTITIONS_TO_TXN, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED,
            KAFKA_ABORTED);
    ends_as(*state, REQUEST_ADD_OFFSETS_TO_TXN, RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED,
            KAFKA_ABORTED);
    ends_as(*state, REQUEST_TXN_OFFSET_COMMIT, RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED,
            KAFKA_ABORTED);
}

static void what_is_fatal_or_in_doubt_is_unknown(void **state)
{
    ends_as(*state, REQUEST_ADD_PARTITIONS_TO_TXN, RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH,
            KAFKA_UNKNOWN);
    ends_as(*state, REQUEST_PRODUCE, RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH, KAFKA_UNKNOWN);
    ends_as(*state, REQUEST_TXN_OFFSET_COMMIT, RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH,
            KAFKA_UNKNOWN);
    ends_as(*state, REQUEST_END_TXN, RD_KAFKA_RESP_ERR_PRODUCER_FENCED, KAFKA_UNKNOWN);
    /* librdkafka would abort after these; but the broker may have committed before. */
    ends_as(*state, REQUEST_END_TXN, RD_KAFKA_RESP_ERR_UNKNOWN_PRODUCER_ID, KAFKA_UNKNOWN);
    ends_as(*state, REQUEST_END_TXN, RD_KAFKA_RESP_ERR_UNKNOWN, KAFKA_UNKNOWN);
}

static void record_too_large_is_told_from_the_others(void **state)
{
    struct broker *broker = *state;
    struct reports reports;
    struct kafka_producer *producer = make_ready(broker, &reports);
    begin_with(producer, "t", 0, 1);
    commit_is(producer, KAFKA_COMMITTED);
    rd_kafka_mock_push_request_errors(broker->cluster, REQUEST_PRODUCE, 1,
                                      RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE);
    uint64_t sent = try_with(producer, "t", 1, 1000);
    commit_is(producer, KAFKA_ABORTED);
    assert_int_equal(reports.of_delivery[KAFKA_TOO_LARGE], 1);
    assert_int_equal(reports.delivery_of_tag[1], KAFKA_TOO_LARGE);
    assert_int_equal(reports.of_delivery[KAFKA_REFUSED], 0);
    assert_int_equal(reports.total, 1 + sent);
    goes_on(producer, 2000, 10);
    kafka_producer_destroy(producer);
}

static void topic_that_is_not_permitted_is_told_from_the_others(void **state)
{
    struct broker *broker = *state;
    struct reports reports;
    assert_int_equal(rd_kafka_mock_topic_create(broker->cluster, "forbidden", 1, 1),
                     RD_KAFKA_RESP_ERR_NO_ERROR);
    struct kafka_producer *producer = make_ready(broker, &reports);
    rd_kafka_mock_push_request_errors(broker->cluster, REQUEST_ADD_PARTITIONS_TO_TXN, 1,
                                      RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
    begin(producer);
    send_text(producer, "forbidden", NULL, "v", 0);
    struct error error;
    assert_int_equal(commit_in(producer, PATIENCE_MS, &error), KAFKA_ABORTED);
    assert_int_equal(reports.delivery_of_tag[0], KAFKA_UNAVAILABLE);
    assert_non_null(strstr(reports.reason, "authorization"));
    begin_with(producer, "t", 1, 10); /* the refusal is forgotten, and was not for this topic */
    assert_int_equal(kafka_transaction_abort(producer, PATIENCE_MS, &error), ERROR_NONE);
    assert_int_equal(reports.of_delivery[KAFKA_UNAVAILABLE], 1);
    assert_int_equal(reports.total, 11);
    kafka_producer_destroy(producer);
}

static void topic_that_was_deleted_is_told_from_the_others(void **state)
{
    struct broker *broker = *state;
    struct reports reports;
    set(&broker->properties, "topic.metadata.refresh.interval.ms", "300000");
    set(&broker->properties, "topic.metadata.propagation.max.ms", "0");
    struct kafka_producer *producer = make_ready(broker, &reports);
    begin_with(producer, "deleted", 0, 1);
    commit_is(producer, KAFKA_COMMITTED);
    rd_kafka_mock_topic_set_error(broker->cluster, "deleted",
                                  RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
    begin_with(producer, "deleted", 1, 1);
    commit_is(producer, KAFKA_ABORTED);
    assert_int_equal(reports.delivery_of_tag[1], KAFKA_UNAVAILABLE);
    begin_with(producer, "t", 2, 1);
    commit_is(producer, KAFKA_COMMITTED);
    kafka_producer_destroy(producer);
}

static void abort_reports_what_was_not_sent_as_not_delivered(void **state)
{
    struct broker *broker = *state;
    struct reports reports;
    set(&broker->properties, "linger.ms", "60000");
    struct kafka_producer *producer = make_ready(broker, &reports);
    struct error error;
    begin_with(producer, "t", 0, 100);
    assert_int_equal(kafka_transaction_abort(producer, PATIENCE_MS, &error), ERROR_NONE);
    assert_int_equal(reports.total, 100);
    assert_int_equal(reports.of_delivery[KAFKA_TOO_LARGE], 0);
    assert_int_equal(reports.of_delivery[KAFKA_REFUSED], 0);
    goes_on(producer, 100, 100);
    for (uint64_t tag = 100; tag < 200; tag++)
        assert_true(reports.of_tag[tag] <= 1);
    assert_true(reports.of_delivery[KAFKA_DELIVERED] >= 100);
    kafka_producer_destroy(producer);
}

static void outage_is_waited_out_call_by_call(void **state)
{
    struct broker *broker = *state;
    struct reports reports;
    struct kafka_producer *producer = make_ready(broker, &reports);
    struct error error;
    begin_with(producer, "t", 0, 10);
    commit_is(producer, KAFKA_COMMITTED);
    rd_kafka_mock_broker_set_down(broker->cluster, 1);
    begin_with(producer, "t", 10, 10);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(commit_in(producer, 200, &error), KAFKA_IN_PROGRESS);
        assert_non_null(strstr(error.text, "10 records"));
    }
    rd_kafka_mock_broker_set_up(broker->cluster, 1);
    commit_is(producer, KAFKA_COMMITTED);
    begin_with(producer, "t", 20, 10);
    assert_int_equal(kafka_producer_flush(producer, PATIENCE_MS), 0);
    rd_kafka_mock_broker_set_down(broker->cluster, 1);
    assert_int_equal(kafka_transaction_abort(producer, 200, &error), ERROR_FULL);
    rd_kafka_mock_broker_set_up(broker->cluster, 1);
    enum error_code code = kafka_transaction_abort(producer, PATIENCE_MS, &error);
    if (code != ERROR_NONE)
        fail_msg("%s", error.text);
    assert_int_equal(reports.total, 30);
    begin_with(producer, "t", 30, 10);
    commit_is(producer, KAFKA_COMMITTED);
    kafka_producer_destroy(producer);
}

static void commit_that_was_sent_is_gone_on_with(void **state)
{
    struct broker *broker = *state;
    struct reports reports;
    struct kafka_producer *producer = make_ready(broker, &reports);
    struct error error;
    begin_with(producer, "t", 0, 10);
    rd_kafka_mock_broker_push_request_error_rtts(broker->cluster, 1, REQUEST_END_TXN, 1,
                                                 RD_KAFKA_RESP_ERR_NO_ERROR, 1500);
    enum kafka_commit found = commit_in(producer, 700, &error);
    assert_int_equal(found, KAFKA_IN_PROGRESS);
    assert_int_equal(reports.of_delivery[KAFKA_DELIVERED], 10);
    assert_int_equal(kafka_transaction_abort(producer, 0, &error), ERROR_ARGUMENT);
    commit_is(producer, KAFKA_COMMITTED);
    begin_with(producer, "t", 10, 10);
    commit_is(producer, KAFKA_COMMITTED);
    kafka_producer_destroy(producer);
}

static void properties_that_forbid_transactions_are_named(void **state)
{
    struct broker *broker = *state;
    struct kafka_producer *producer = NULL;
    struct error error;
    const struct kafka_producer_options options = {
        .properties = &broker->properties, .report = on_report, .transactional_id = "robot"};
    static const char *const pairs[][2] = {{"enable.idempotence", "false"},
                                           {"socket.timeout.ms", "300000"},
                                           {"message.timeout.ms", "300000"},
                                           {"acks", "1"}};
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        struct kafka_properties properties;
        kafka_properties_init(&properties);
        set(&properties, "bootstrap.servers", broker->address);
        set(&properties, pairs[i][0], pairs[i][1]);
        struct kafka_producer_options changed = options;
        changed.properties = &properties;
        assert_int_equal(kafka_producer_create(&changed, &producer, &error), ERROR_RANGE);
        assert_string_equal(error.path, pairs[i][0]);
        kafka_properties_fini(&properties);
    }
    set(&broker->properties, "transaction.timeout.ms", "2000");
    assert_int_equal(kafka_producer_create(&options, &producer, &error), ERROR_NONE);
    kafka_producer_destroy(producer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, start_broker, stop_broker)
        TEST(transactions_follow_each_other),
        TEST(calls_out_of_turn_are_refused),
        TEST(init_retries_and_goes_on_after_an_outage),
        TEST(init_that_is_not_permitted_is_fatal),
        TEST(what_passes_is_retried),
        TEST(what_the_broker_refuses_aborts),
        TEST(what_is_fatal_or_in_doubt_is_unknown),
        TEST(record_too_large_is_told_from_the_others),
        TEST(topic_that_is_not_permitted_is_told_from_the_others),
        TEST(topic_that_was_deleted_is_told_from_the_others),
        TEST(abort_reports_what_was_not_sent_as_not_delivered),
        TEST(outage_is_waited_out_call_by_call),
        TEST(commit_that_was_sent_is_gone_on_with),
        TEST(properties_that_forbid_transactions_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
