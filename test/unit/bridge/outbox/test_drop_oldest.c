/* A full spool with when_full: drop_oldest keeps the newest: what is kept ends with the last record
 * and has no gap, wherever the records were when Kafka went away. */
#include "flow_broker.h"

#include "bridge/outbox/outbox_private.h"

#include <rosc/time.h>
#include <stdlib.h>
#include <time.h>

#define MAX_BYTES (64U << 10)
#define RECORD    2000U /* bytes, at most */
#define PUTS      300U
#define PACE      10U /* puts at once of what Kafka is to take meanwhile */
#define OTHER     "others"

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

/* The topic holds the first `delivered` numbers, perhaps more, and then the last without a gap;
 * between them at most `spared`. Returns how many it holds from `delivered` on. */
static uint64_t check_kept(struct flow_broker *broker, uint64_t delivered, uint64_t spared)
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
    uint64_t kept = end - first;
    for (uint64_t i = delivered; i < first; i++) {
        kept += there[i];
        if (kept > end - first + spared)
            fail_msg("%lu of %lu is kept, and not %lu behind it", (unsigned long)i,
                     (unsigned long)end, (unsigned long)first - 1);
    }
    return kept;
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
    uint64_t last = check_kept(broker, delivered, 0);
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
    assert_int_equal(check_kept(broker, 0, 0), totals.spooled);
    flow_broker_stop(broker, FLOW_PATIENCE_MS);
}

/* One topic takes none, so that what is for it waits on the disk alone, and the other goes on. */

static void topic_is(struct flow_broker *broker, rd_kafka_resp_err_t error)
{
    rd_kafka_mock_topic_set_error(broker->cluster, FLOW_TOPIC, error);
}

static void add_random(struct flow *flow, struct batch *batch, const char *topic, unsigned *seed)
{
    flow_turn_to(flow, topic);
    flow_add(flow, batch, 20 + next_random(seed) % (RECORD - 20));
    counter_add(&flow->counters.received, 1);
}

static bool others_are_delivered(void *argument)
{
    struct flow_broker *broker = argument;
    return flow_totals(broker->flow).delivered >= spool_sequence(broker->flow->spool, OTHER)->next;
}

static bool is_held_up(void *argument)
{
    const struct flow_broker *broker = argument;
    return sender_is_held_up(broker->sender);
}

/* Batches for the one topic, for the other, and for both. */
static void put_both(struct flow_broker *broker, unsigned *seed, unsigned puts)
{
    struct flow *flow = broker->flow;
    for (unsigned i = 0; i < puts; i++) {
        struct batch *batch = flow_batch(flow, 0, RECORD);
        unsigned what = next_random(seed) % 3;
        if (what != 1)
            add_random(flow, batch, OTHER, seed);
        if (what != 0)
            add_random(flow, batch, FLOW_TOPIC, seed);
        if (what == 2)
            add_random(flow, batch, OTHER, seed);
        /* Where the oldest are not dropped this one is in the end, and that is found. */
        flow->deadline = rosc_time_steady() + FLOW_PATIENCE_MS * INT64_C(1000000);
        outbox_put(flow->outbox, batch, &flow->deadline);
        outbox_work(flow->outbox);
        if (i % PACE == 0)
            flow_wait(others_are_delivered, broker, "the other topic goes on");
    }
    flow_turn_to(flow, FLOW_TOPIC);
    flow_wait(is_held_up, broker, "the rest waits");
}

struct parked {
    uint64_t batches, parts;
};

static struct parked parked_in(struct outbox *outbox)
{
    (void)pthread_mutex_lock(&outbox->mutex);
    const struct parked found = {outbox->parked, outbox->part_count};
    (void)pthread_mutex_unlock(&outbox->mutex);
    return found;
}

/* The spool is filled over and over with what waits. The one that is tried meanwhile may stay. */
static void run_closed(struct flow_broker *broker, unsigned seed, bool restart)
{
    struct flow *flow = broker->flow;
    uint64_t others = 0, restored = 0;
    flow->config.spool.max_bytes = MAX_BYTES;
    flow->config.spool.when_full = WHEN_FULL_DROP_OLDEST;
    flow->config.in_flight_max_bytes = 20000;
    assert_int_equal(rd_kafka_mock_topic_create(broker->cluster, OTHER, 1, 1),
                     RD_KAFKA_RESP_ERR_NO_ERROR);
    topic_is(broker, RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
    flow_broker_start(broker);
    put_both(broker, &seed, PUTS);
    struct spool_statistics kept = flow_spooled(flow);
    assert_in_range(kept.bytes, MAX_BYTES / 2, MAX_BYTES);
    const struct parked parked = parked_in(flow->outbox);
    assert_in_range(parked.parts, 0, parked.batches);
    assert_true(parked.batches > 0);
    if (restart) {
        others = flow_totals(flow).delivered;
        restored = flow_totals(flow).spooled;
        flow_broker_stop(broker, FLOW_PATIENCE_MS);
        flow_broker_start(broker);
        assert_int_equal(flow->findings.records, restored);
    }
    topic_is(broker, RD_KAFKA_RESP_ERR_NO_ERROR);
    flow_broker_settle(broker);
    uint64_t last = check_kept(broker, 0, 1);
    assert_in_range(last, 20, PUTS);
    struct totals totals = flow_totals(flow);
    uint64_t all = spool_sequence(flow->spool, OTHER)->next;
    size_t again = flow_broker_check(broker, OTHER, 0, all);
    if (!flow->config.exactly_once) /* this broker's topics hold what was aborted, too */
        assert_int_equal(again, 0);
    assert_int_equal(totals.delivered, all + last - others);
    assert_int_equal(totals.dropped[DROP_SPOOL_FULL],
                     totals.received + restored - totals.delivered);
    assert_int_equal(totals.spooled + totals_pending(&totals), 0);
    const struct parked left = parked_in(flow->outbox);
    assert_int_equal(left.batches + left.parts, 0);
    flow_broker_stop(broker, FLOW_PATIENCE_MS);
}

static void what_waits_for_its_topic(void **state)
{
    run_closed(*state, 7, false);
}

static void what_waits_in_transactions(void **state)
{
    struct flow_broker *broker = *state;
    broker->flow->config.exactly_once = true;
    run_closed(broker, 8, false);
}

static void what_waits_over_a_restart(void **state)
{
    run_closed(*state, 9, true);
}

static void what_waits_when_it_spills(void **state)
{
    struct flow_broker *broker = *state;
    broker->flow->config.spool.durability = DURABILITY_SPILL;
    run_closed(broker, 10, false);
}

/* The spool holds the last numbers, and at most one that is older than those that were dropped. */
static void check_spool(struct flow *flow)
{
    struct spool_block block;
    struct spool_record record;
    struct error error;
    uint64_t next = 0, gaps = 0;
    spool_block_init(&block, 0, UINT32_MAX);
    for (uint64_t after = 0; spool_read(flow->spool, after, &block, &error) == ERROR_NONE;) {
        size_t position = 0;
        after = block.id;
        while (spool_block_next(&block, &position, &record)) {
            gaps += record.sequence > next ? 1 : 0;
            next = record.sequence + 1;
        }
    }
    spool_block_fini(&block);
    assert_int_equal(next, flow->sequence->next);
    assert_in_range(gaps, 1, 2);
}

static void letters_that_wait(void **state)
{
    struct flow_broker *broker = *state;
    struct flow *flow = broker->flow;
    const unsigned puts = 100;
    flow->config.spool.max_bytes = MAX_BYTES;
    flow->config.spool.when_full = WHEN_FULL_DROP_OLDEST;
    flow->config.in_flight_max_bytes = 40000;
    flow_broker_set(broker, "message.max.bytes", "3000");
    flow_broker_set(broker, "batch.size", "3000");
    rd_kafka_mock_topic_set_error(broker->cluster, FLOW_LETTERS,
                                  RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
    flow_broker_start(broker);
    for (unsigned i = 0; i < puts; i++) {
        flow_put(flow, 1, 5000);
        if (i == 4 || i == puts - 1)
            flow_wait(is_held_up, broker, "the letters wait");
    }
    check_spool(flow);
    uint64_t kept = flow_totals(flow).spooled;
    rd_kafka_mock_topic_set_error(broker->cluster, FLOW_LETTERS, RD_KAFKA_RESP_ERR_NO_ERROR);
    flow_broker_settle(broker);
    struct totals totals = flow_totals(flow);
    assert_int_equal(totals.dead_lettered, kept);
    assert_int_equal(totals.dropped[DROP_SPOOL_FULL], puts - kept);
    flow_broker_stop(broker, FLOW_PATIENCE_MS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BROKER_TEST(with_memory_for_all),
        BROKER_TEST(with_memory_for_a_part),
        BROKER_TEST(with_memory_for_one),
        BROKER_TEST(in_transactions),
        BROKER_TEST(what_spills),
        BROKER_TEST(over_a_restart),
        BROKER_TEST(what_waits_for_its_topic),
        BROKER_TEST(what_waits_in_transactions),
        BROKER_TEST(what_waits_over_a_restart),
        BROKER_TEST(what_waits_when_it_spills),
        BROKER_TEST(letters_that_wait),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
