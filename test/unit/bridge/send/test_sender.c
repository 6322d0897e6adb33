/* Records reach Kafka in order, whatever happens to the producer on the way. */
#include "flow_broker.h"

#include <rosc/time.h>
#include <stdio.h>
#include <string.h>

#define SIZE  100U
#define COUNT 50U /* records of a batch */

static void put_many(struct flow_broker *broker, unsigned batches)
{
    for (unsigned i = 0; i < batches; i++)
        flow_put(broker->flow, COUNT, SIZE);
}

static void nothing_is_left(struct flow *flow)
{
    struct totals totals = flow_totals(flow);
    assert_int_equal(totals.spooled + totals_pending(&totals), 0);
    assert_int_equal(flow_spooled(flow).blocks, 0);
}

static void records_arrive_in_order(void **state)
{
    struct flow_broker *broker = *state;
    flow_broker_start(broker);
    put_many(broker, 40);
    flow_broker_settle(broker);
    assert_int_equal(flow_broker_check(broker, FLOW_TOPIC, 0, 40 * COUNT), 0);
    assert_int_equal(flow_totals(broker->flow).delivered, 40 * COUNT);
    nothing_is_left(broker->flow);
    flow_broker_stop(broker, FLOW_PATIENCE_MS);
}

static void check_headers(const struct kafka_record *record, void *user)
{
    unsigned *seen = user;
    char id[64];
    (void)snprintf(id, sizeof id, "warty/" FLOW_TOPIC "/%u", *seen);
    assert_int_equal(record->header_count, 4);
    assert_string_equal(record->headers[3].name, KAFKA_HEADER_ID);
    assert_memory_equal(record->headers[3].value, id, strlen(id));
    assert_memory_equal(record->headers[0].value, "/warty/numbers", 14);
    assert_memory_equal(record->key, "key", 3);
    assert_in_range(record->timestamp, 1600000000000, (uint64_t)rosc_time_wall() / 1000000);
    ++*seen;
}

static void records_carry_their_ids(void **state)
{
    struct flow_broker *broker = *state;
    unsigned seen = 0;
    flow_broker_start(broker);
    put_many(broker, 1);
    flow_broker_settle(broker);
    flow_broker_visit(broker, FLOW_TOPIC, check_headers, &seen);
    assert_int_equal(seen, COUNT);
}

static bool some_are_delivered(void *argument)
{
    struct flow_broker *broker = argument;
    return broker->flow->counters.delivered >= 5 * COUNT;
}

static void an_outage_is_waited_out(void **state)
{
    struct flow_broker *broker = *state;
    broker->flow->config.in_flight_max_bytes = 10 * COUNT * (SIZE + 600);
    flow_broker_start(broker);
    put_many(broker, 5);
    flow_wait(some_are_delivered, broker, "Kafka has some");
    rd_kafka_mock_broker_set_down(broker->cluster, 1);
    put_many(broker, 60);
    /* One may be read back past the bound. */
    assert_true(outbox_bytes(broker->flow->outbox) <
                broker->flow->config.in_flight_max_bytes + COUNT * (SIZE + 600));
    assert_true(flow_totals(broker->flow).spooled > 0);
    rd_kafka_mock_broker_set_up(broker->cluster, 1);
    flow_broker_settle(broker);
    assert_int_equal(flow_broker_check(broker, FLOW_TOPIC, 0, 65 * COUNT), 0);
    nothing_is_left(broker->flow);
}

static void what_is_not_sent_at_the_end_stays_in_the_spool(void **state)
{
    struct flow_broker *broker = *state;
    flow_broker_start(broker);
    put_many(broker, 5);
    flow_broker_settle(broker);
    rd_kafka_mock_broker_set_down(broker->cluster, 1);
    put_many(broker, 5);
    int64_t begun = rosc_time_steady();
    flow_broker_stop(broker, 300);
    assert_true(rosc_time_steady() - begun < FLOW_PATIENCE_MS * INT64_C(1000000));
    rd_kafka_mock_broker_set_up(broker->cluster, 1);
    flow_broker_start(broker);
    assert_int_equal(broker->flow->findings.records, 5 * COUNT);
    flow_broker_settle(broker);
    assert_int_equal(broker->flow->restored.delivered, 5 * COUNT);
    (void)flow_broker_check(broker, FLOW_TOPIC, 0, 10 * COUNT);
    nothing_is_left(broker->flow);
}

static void a_crash_loses_nothing(void **state)
{
    struct flow_broker *broker = *state;
    for (unsigned round = 0; round < 4; round++) {
        flow_broker_start(broker);
        put_many(broker, 20);
        flow_broker_crash(broker);
    }
    flow_broker_start(broker);
    flow_broker_settle(broker);
    (void)flow_broker_check(broker, FLOW_TOPIC, 0, 80 * COUNT);
    nothing_is_left(broker->flow);
}

/* What goes wrong at the producer: every record arrives all the same, and in order. */
static void arrives_after(struct flow_broker *broker, size_t count, rd_kafka_resp_err_t answer)
{
    flow_broker_start(broker);
    uint64_t first = broker->flow->sequence->next;
    put_many(broker, 2);
    flow_broker_settle(broker);
    flow_broker_answer(broker, count, answer);
    put_many(broker, 30);
    flow_broker_settle(broker);
    (void)flow_broker_check(broker, FLOW_TOPIC, 0, first + 32 * COUNT);
    assert_int_equal(flow_totals(broker->flow).delivered, 32 * COUNT);
    nothing_is_left(broker->flow);
    rd_kafka_mock_clear_request_errors(broker->cluster, REQUEST_PRODUCE);
    flow_broker_stop(broker, FLOW_PATIENCE_MS);
}

static void a_fatal_error_begins_again(void **state)
{
    struct flow_broker *broker = *state;
    flow_broker_set(broker, "enable.gapless.guarantee", "true");
    flow_broker_set(broker, "batch.size", "2000");
    arrives_after(broker, 1, RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER);
}

static void records_that_come_back_are_sent_again(void **state)
{
    struct flow_broker *broker = *state;
    flow_broker_set(broker, "batch.size", "2000");
    /* Unlike Kafka, the mock cluster would take the requests behind the one that failed. */
    flow_broker_set(broker, "max.in.flight", "1");
    arrives_after(broker, 1, RD_KAFKA_RESP_ERR_UNKNOWN);
    arrives_after(broker, 3, RD_KAFKA_RESP_ERR_INVALID_REQUIRED_ACKS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BROKER_TEST(records_arrive_in_order),
        BROKER_TEST(records_carry_their_ids),
        BROKER_TEST(an_outage_is_waited_out),
        BROKER_TEST(what_is_not_sent_at_the_end_stays_in_the_spool),
        BROKER_TEST(a_crash_loses_nothing),
        BROKER_TEST(a_fatal_error_begins_again),
        BROKER_TEST(records_that_come_back_are_sent_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
