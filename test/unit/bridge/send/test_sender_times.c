/* Which time a record gets where Kafka does not take its own, or would soon delete it. The mock
 * cluster does not say what its topics take, nor what time it is. */
#include "flow_broker.h"

#include <rosc/time.h>
#include <stdlib.h>
#include <string.h>

#define SIZE   100U
#define COUNT  60U
#define HOUR   INT64_C(3600000)
#define MINUTE INT64_C(60000)

struct seen {
    size_t count;
    size_t restamped;
    int64_t own;              /* the header of the last that has one */
    int64_t earliest, latest; /* times */
};

static void look(const struct kafka_record *record, void *user)
{
    struct seen *seen = user;
    char text[24] = "";
    const struct kafka_header *header = kafka_record_header(record, "ros_timestamp");
    if (seen->count++ == 0)
        seen->earliest = seen->latest = record->timestamp;
    seen->earliest = record->timestamp < seen->earliest ? record->timestamp : seen->earliest;
    seen->latest = record->timestamp > seen->latest ? record->timestamp : seen->latest;
    if (!header)
        return;
    seen->restamped++;
    assert_in_range(header->size, 1, sizeof text - 1);
    memcpy(text, header->value, header->size);
    seen->own = strtoll(text, NULL, 10);
}

static struct seen look_at(struct flow_broker *broker, const char *topic)
{
    struct seen seen = {0};
    flow_broker_visit(broker, topic, look, &seen);
    return seen;
}

static int64_t now(void)
{
    return rosc_time_wall() / 1000000;
}

static void check_account(struct flow_broker *broker, unsigned delivered, unsigned restamped)
{
    struct totals totals = flow_totals(broker->flow);
    assert_int_equal(totals.delivered, delivered);
    assert_int_equal(totals.dead_lettered + totals_dropped(&totals), 0);
    assert_int_equal(totals.restamped, restamped);
    assert_int_equal(flow_spooled(broker->flow).blocks, 0);
}

static void what_is_of_now_keeps_its_time(void **state)
{
    struct flow_broker *broker = *state;
    flow_broker_start(broker);
    flow_put(broker->flow, COUNT, SIZE);
    flow_broker_settle(broker);
    check_account(broker, COUNT, 0);
    struct seen seen = look_at(broker, FLOW_TOPIC);
    assert_int_equal(seen.count, COUNT);
    assert_int_equal(seen.restamped, 0);
    assert_int_equal(seen.earliest, broker->flow->timestamp);
}

static void a_stamp_of_long_ago_gives_way_to_the_receipt(void **state)
{
    struct flow_broker *broker = *state;
    flow_broker_start(broker);
    int64_t begun = now();
    broker->flow->timestamp = 1500;
    flow_put(broker->flow, COUNT, SIZE);
    flow_broker_settle(broker);
    check_account(broker, COUNT, COUNT);
    struct seen seen = look_at(broker, FLOW_TOPIC);
    assert_int_equal(seen.restamped, COUNT);
    assert_int_equal(seen.own, 1500);
    assert_in_range(seen.earliest, begun - MINUTE,
                    now()); /* of two clocks, read one after the other */
}

static void a_stamp_from_the_future_gives_way_to_the_receipt(void **state)
{
    struct flow_broker *broker = *state;
    flow_broker_start(broker);
    int64_t stamps[] = {now() + 2 * HOUR, now() + HOUR / 4, now() - 12 * HOUR};
    for (size_t i = 0; i < 3; i++) {
        broker->flow->timestamp = stamps[i];
        flow_put(broker->flow, 1, SIZE);
    }
    flow_broker_settle(broker);
    check_account(broker, 3, 1);
    struct seen seen = look_at(broker, FLOW_TOPIC);
    assert_int_equal(seen.own, stamps[0]);
    assert_int_equal(seen.latest, stamps[1]);
    assert_int_equal(seen.earliest, stamps[2]);
}

/* A broker refuses whole batches: its neighbours keep their time. */
static void one_refused_stamp_among_many(void **state)
{
    struct flow_broker *broker = *state;
    flow_broker_set(broker, "linger.ms", "4000"); /* all in one request: longer than it is asked
                                                     what the topic takes */
    flow_broker_start(broker);
    flow_broker_answer(broker, 1, RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP);
    int64_t fresh = broker->flow->timestamp;
    flow_put(broker->flow, COUNT / 2, SIZE);
    broker->flow->timestamp = fresh - 2 * HOUR;
    flow_put(broker->flow, 1, SIZE);
    broker->flow->timestamp = fresh;
    flow_put(broker->flow, COUNT / 2, SIZE);
    flow_broker_settle(broker);
    check_account(broker, COUNT + 1, 1);
    assert_int_equal(flow_broker_check(broker, FLOW_TOPIC, 0, COUNT + 1), 0);
    struct seen seen = look_at(broker, FLOW_TOPIC);
    assert_int_equal(seen.restamped, 1);
    assert_int_equal(seen.own, fresh - 2 * HOUR);
    assert_int_equal(seen.earliest, fresh);
}

/* Then this robot's clock is wrong. */
static void a_refused_time_of_now_is_sent_again_with_an_earlier_one(void **state)
{
    struct flow_broker *broker = *state;
    flow_broker_start(broker);
    flow_broker_answer(broker, 2, RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP);
    flow_put(broker->flow, COUNT, SIZE);
    flow_broker_settle(broker);
    check_account(broker, COUNT, COUNT);
    assert_int_equal(flow_broker_check(broker, FLOW_TOPIC, 0, COUNT), 0);
    struct seen seen = look_at(broker, FLOW_TOPIC);
    assert_int_equal(seen.own, broker->flow->timestamp);
    assert_in_range(now() - seen.latest, HOUR, 3 * HOUR);
}

static void what_takes_no_time_becomes_a_letter(void **state)
{
    struct flow_broker *broker = *state;
    flow_broker_set(broker, "linger.ms", "200");
    flow_broker_start(broker);
    flow_broker_answer(broker, 10, RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP);
    flow_put(broker->flow, 1, SIZE);
    flow_broker_settle(broker);
    struct totals totals = flow_totals(broker->flow);
    assert_int_equal(totals.dead_lettered, 1);
    assert_int_equal(look_at(broker, FLOW_LETTERS).count, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BROKER_TEST(what_is_of_now_keeps_its_time),
        BROKER_TEST(a_stamp_of_long_ago_gives_way_to_the_receipt),
        BROKER_TEST(a_stamp_from_the_future_gives_way_to_the_receipt),
        BROKER_TEST(one_refused_stamp_among_many),
        BROKER_TEST(a_refused_time_of_now_is_sent_again_with_an_earlier_one),
        BROKER_TEST(what_takes_no_time_becomes_a_letter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
