/* A full spool with when_full: drop_oldest keeps the newest: what is kept ends with the last record
 * and has no gap, wherever the records were when Kafka went away. */
#include "flow_broker.h"

#include <rosc/time.h>
#include <stdlib.h>
#include <time.h>

#define MAX_BYTES (64U << 10)
#define RECORD    2000U /* bytes, at most */
#define PUTS      300U

static unsigned next_random(unsigned *seed)
{
    *seed = *seed * 1664525U + 1013904223U;
    return *seed >> 16;
}

static void put_random(struct flow *flow, unsigned *seed, unsigned puts)
{
    for (unsigned i = 0; i < puts; i++) {
        unsigned count = 1 + next_random(seed) % 3;
        flow_put(flow, count, 20 + next_random(seed) % (RECORD - 20));
        outbox_work(flow->outbox);
    }
}

/* The topic holds the first `delivered` numbers, perhaps more, and then the last without a gap. */
static uint64_t check_kept(struct flow_broker *broker, uint64_t delivered)
{
    size_t count = flow_broker_read(broker, FLOW_TOPIC);
    uint64_t end = broker->flow->sequence->next, first = end;
    static unsigned char there[sizeof broker->numbers / sizeof broker->numbers[0]];
    assert_in_range(end, 1, sizeof there);
    for (size_t i = 0; i < end; i++)
        there[i] = 0;
    for (size_t i = 0; i < count; i++)
        there[broker->numbers[i]] = 1;
    while (first > 0 && there[first - 1])
        first--;
    for (uint64_t i = 0; i < delivered; i++)
        assert_true(there[i]);
    for (uint64_t i = delivered; i < first; i++)
        if (there[i])
            fail_msg("%lu of %lu is kept, and not %lu behind it", (unsigned long)i,
                     (unsigned long)end, (unsigned long)first - 1);
    return end - first;
}

/* An outage in which the spool is filled over and over, with so much memory. */
static void run_outage(struct flow_broker *broker, size_t memory, unsigned seed)
{
    struct flow *flow = broker->flow;
    flow->config.spool.max_bytes = MAX_BYTES;
    flow->config.spool.when_full = WHEN_FULL_DROP_OLDEST;
    flow->config.in_flight_max_bytes = memory;
    flow_broker_start(broker);
    put_random(flow, &seed, 5);
    flow_broker_settle(broker);
    uint64_t delivered = flow->sequence->next;
    rd_kafka_mock_broker_set_down(broker->cluster, 1);
    put_random(flow, &seed, PUTS);
    struct spool_statistics kept = flow_spooled(flow);
    assert_in_range(kept.bytes, MAX_BYTES - 4 * (RECORD + 100), MAX_BYTES);
    rd_kafka_mock_broker_set_up(broker->cluster, 1);
    flow_broker_settle(broker);
    uint64_t last = check_kept(broker, delivered);
    assert_in_range(last, 20, delivered + PUTS * 3);
    struct totals totals = flow_totals(flow);
    assert_int_equal(totals.received, flow->sequence->next);
    assert_int_equal(totals.delivered, delivered + last);
    assert_int_equal(totals.dropped[DROP_SPOOL_FULL], totals.received - totals.delivered);
    assert_int_equal(totals.spooled + totals_pending(&totals), 0);
    flow_broker_stop(broker, FLOW_PATIENCE_MS);
}

static void with_memory_for_all(void **state)
{
    run_outage(*state, (size_t)1 << 30, 1);
}

static void with_memory_for_a_part(void **state)
{
    run_outage(*state, 20000, 2);
}

static void with_memory_for_one(void **state)
{
    run_outage(*state, 1, 3);
}

static void in_transactions(void **state)
{
    struct flow_broker *broker = *state;
    broker->flow->config.exactly_once = true;
    run_outage(broker, 20000, 4);
}

static void what_spills(void **state)
{
    struct flow_broker *broker = *state;
    broker->flow->config.spool.durability = DURABILITY_SPILL;
    run_outage(broker, 20000, 5);
}

/* Nothing answers from the start on, and another run sends what is kept. */
static void over_a_restart(void **state)
{
    struct flow_broker *broker = *state;
    struct flow *flow = broker->flow;
    const char *address = rd_kafka_mock_cluster_bootstraps(broker->cluster);
    unsigned seed = 6;
    flow->config.spool.max_bytes = MAX_BYTES;
    flow->config.spool.when_full = WHEN_FULL_DROP_OLDEST;
    flow_broker_set(broker, "bootstrap.servers", "127.0.0.1:1");
    flow_broker_start(broker);
    put_random(flow, &seed, PUTS);
    uint64_t end = flow->sequence->next;
    struct totals totals = flow_totals(flow);
    assert_int_equal(totals.spooled + totals.dropped[DROP_SPOOL_FULL], end);
    flow_broker_stop(broker, 0);
    flow_broker_set(broker, "bootstrap.servers", address);
    flow_broker_start(broker);
    flow_broker_settle(broker);
    assert_int_equal(check_kept(broker, 0), totals.spooled);
    flow_broker_stop(broker, FLOW_PATIENCE_MS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BROKER_TEST(with_memory_for_all), BROKER_TEST(with_memory_for_a_part),
        BROKER_TEST(with_memory_for_one), BROKER_TEST(in_transactions),
        BROKER_TEST(what_spills),         BROKER_TEST(over_a_restart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
