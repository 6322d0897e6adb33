/* Batches keep their order from the writer to the sender, in memory and on the disk, and each of
 * their records is accounted for. */
#include "flow_support.h"

#include <rosc/time.h>
#include <sqlite3.h>
#include <stdio.h>
#include <time.h>

#define SIZE          1000U /* of a record */
#define COUNT         10U   /* records of a batch */
#define CHARGE_MAX    (COUNT * (SIZE + 600))
#define ENOUGH_MEMORY ((size_t)1 << 30)
#define BATCH_BYTES   (COUNT * (SIZE + 36)) /* at least, on the disk */

static void it_is_over(struct flow *flow)
{
    flow->deadline = rosc_time_steady();
}

static void put_many(struct flow *flow, unsigned batches)
{
    for (unsigned i = 0; i < batches; i++)
        flow_put(flow, COUNT, SIZE);
}

static void nothing_comes(struct flow *flow)
{
    assert_null(outbox_take(flow->outbox, 0));
}

/* write_ahead */

static void batches_are_on_the_disk_before_they_are_sent(void **state)
{
    struct flow *flow = *state;
    struct batch *batch;
    flow_open(flow);
    nothing_comes(flow);
    assert_true(outbox_is_empty(flow->outbox));
    put_many(flow, 3);
    assert_int_equal(flow_spooled(flow).blocks, 3);
    assert_int_equal(flow_totals(flow).spooled, 3 * COUNT);
    uint64_t next = flow_take(flow, 0, &batch);
    flow_deliver(flow, batch);
    assert_int_equal(flow_spooled(flow).blocks, 2);
    assert_int_equal(flow_totals(flow).spooled, 2 * COUNT);
    assert_int_equal(flow_deliver_all(flow, next), 3 * COUNT);
    assert_int_equal(flow_spooled(flow).blocks, 0);
    struct totals totals = flow_totals(flow);
    assert_int_equal(totals.delivered, 3 * COUNT);
    assert_int_equal(totals.spooled + totals_pending(&totals), 0);
}

static void memory_is_bounded_and_the_rest_read_back_in_order(void **state)
{
    struct flow *flow = *state;
    struct batch *batch;
    uint64_t next = 0;
    flow->config.in_flight_max_bytes = 4 * CHARGE_MAX;
    flow_open(flow);
    put_many(flow, 30);
    assert_true(outbox_bytes(flow->outbox) <= 4 * CHARGE_MAX);
    for (int i = 0; i < 15; i++) {
        next = flow_take(flow, next, &batch);
        flow_deliver(flow, batch);
        assert_true(outbox_bytes(flow->outbox) <= 5 * CHARGE_MAX);
    }
    put_many(flow, 5);
    assert_int_equal(flow_deliver_all(flow, next), 35 * COUNT);
    assert_int_equal(outbox_bytes(flow->outbox), 0);
    assert_int_equal(flow_spooled(flow).blocks, 0);
    assert_int_equal(flow_totals(flow).delivered, 35 * COUNT);
}

static void no_more_is_read_back_than_memory_holds(void **state)
{
    struct flow *flow = *state;
    struct batch *batch;
    uint64_t next = 0;
    flow->config.in_flight_max_bytes = 3 * CHARGE_MAX;
    flow_open(flow);
    put_many(flow, 20);
    while (outbox_bytes(flow->outbox) < flow->config.in_flight_max_bytes)
        next = flow_take(flow, next, &batch);
    nothing_comes(flow);
    assert_true(outbox_bytes(flow->outbox) < flow->config.in_flight_max_bytes + CHARGE_MAX);
}

static void a_rewind_begins_with_the_oldest_that_is_not_settled(void **state)
{
    struct flow *flow = *state;
    struct batch *batches[6];
    uint64_t next = 0;
    flow->config.in_flight_max_bytes = 4 * CHARGE_MAX;
    flow_open(flow);
    put_many(flow, 10);
    for (int i = 0; i < 4; i++)
        next = flow_take(flow, next, &batches[i]);
    flow_deliver(flow, batches[0]);
    flow_deliver_some(flow, batches[1], 0, COUNT / 2);
    flow_deliver(flow, batches[2]);
    outbox_rewind(flow->outbox);
    assert_ptr_equal(outbox_take(flow->outbox, 0), batches[1]);
    assert_ptr_equal(outbox_take(flow->outbox, 0), batches[3]);
    accounting_release(&flow->accounting, batches[1]);
    accounting_release(&flow->accounting, batches[3]);
    flow_deliver_some(flow, batches[1], COUNT / 2, COUNT - COUNT / 2);
    flow_deliver(flow, batches[3]);
    assert_int_equal(flow_deliver_all(flow, next), 10 * COUNT);
    assert_int_equal(flow_totals(flow).delivered, 10 * COUNT);
}

static void batches_of_an_earlier_run_come_first(void **state)
{
    struct flow *flow = *state;
    flow_open(flow);
    put_many(flow, 4);
    flow_close(flow);
    flow_open(flow);
    assert_int_equal(flow->findings.blocks, 4);
    put_many(flow, 2);
    assert_int_equal(flow_totals(flow).spooled, 6 * COUNT);
    assert_int_equal(flow_deliver_all(flow, 0), 6 * COUNT);
    assert_int_equal(flow->restored.delivered, 4 * COUNT);
    assert_int_equal(flow->counters.delivered, 2 * COUNT);
    assert_int_equal(flow_totals(flow).spooled, 0);
}

static void a_crash_leaves_what_is_not_settled(void **state)
{
    struct flow *flow = *state;
    struct batch *batch;
    flow_open(flow);
    put_many(flow, 4);
    uint64_t next = flow_take(flow, 0, &batch);
    flow_deliver(flow, batch);
    assert_int_equal(flow_spooled(flow).blocks, 3);
    flow_crash(flow);
    flow_open(flow);
    assert_int_equal(flow->findings.records, 3 * COUNT);
    assert_int_equal(flow_deliver_all(flow, next), 4 * COUNT);
}

/* What is left of a batch takes its place: it needs no room besides. */
static void closing_a_full_spool_leaves_only_what_is_left(void **state)
{
    struct flow *flow = *state;
    struct batch *batch;
    flow->config.spool.max_bytes = 20000;
    flow_open(flow);
    flow_put(flow, 100, 150);
    assert_true(flow_spooled(flow).bytes > 15000);
    (void)flow_take(flow, 0, &batch);
    accounting_hold(batch);
    flow_deliver_some(flow, batch, 0, 10);
    flow_close(flow);
    flow_open(flow);
    assert_int_equal(flow->findings.records, 90);
    assert_int_equal(flow_take(flow, 10, &batch), 100);
}

static void closing_leaves_only_what_a_batch_has_left(void **state)
{
    struct flow *flow = *state;
    struct batch *batches[3];
    uint64_t next = 0;
    flow_open(flow);
    put_many(flow, 4);
    for (int i = 0; i < 3; i++)
        next = flow_take(flow, next, &batches[i]);
    flow_deliver_some(flow, batches[0], 0, COUNT - 2); /* two are left */
    flow_deliver(flow, batches[1]);
    flow_deliver_some(flow, batches[2], 0, COUNT - 1);
    accounting_hold(batches[2]); /* as a transaction does */
    flow_deliver_some(flow, batches[2], COUNT - 1, 1);
    flow_close(flow);
    flow_open(flow);
    assert_int_equal(flow->findings.blocks, 2);
    assert_int_equal(flow->findings.records, COUNT + 2);
    uint64_t first = flow_take(flow, COUNT - 2, &batches[0]);
    assert_int_equal(first, COUNT);
    flow_deliver(flow, batches[0]);
    assert_int_equal(flow_deliver_all(flow, next), 4 * COUNT);
    assert_int_equal(flow_totals(flow).delivered, COUNT + 2);
}

static void a_batch_without_known_origin_is_lost_and_counted(void **state)
{
    struct flow *flow = *state;
    flow_open(flow);
    struct batch *batch = flow_batch(flow, 3, SIZE);
    struct spool_record record;
    batch_record(batch, 2, &record);
    record.origin = 77;
    record.key = record.value = "";
    record.key_size = record.value_size = 0;
    assert_int_equal(batch_add(batch, flow->origin, &record), ERROR_NONE);
    counter_add(&flow->counters.received, 4);
    outbox_put(flow->outbox, batch, &flow->deadline);
    flow_close(flow);
    flow_open(flow);
    batch = outbox_take(flow->outbox, FLOW_PATIENCE_MS);
    assert_non_null(batch);
    assert_int_equal(flow_totals(flow).dropped[DROP_DAMAGED], 1);
    flow_deliver_some(flow, batch, 0, 3);
    accounting_release(&flow->accounting, batch);
    assert_true(outbox_is_empty(flow->outbox));
    assert_int_equal(flow_totals(flow).spooled, 0);
}

static void spoil(struct flow *flow, uint64_t block)
{
    sqlite3 *file = NULL;
    char sql[80];
    (void)snprintf(sql, sizeof sql, "UPDATE block SET bytes = zeroblob(9) WHERE id = %llu",
                   (unsigned long long)block);
    assert_int_equal(sqlite3_open(spool_path(flow->spool), &file), SQLITE_OK);
    assert_int_equal(sqlite3_exec(file, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_changes(file), 1);
    assert_int_equal(sqlite3_close(file), SQLITE_OK);
}

static void damaged_batches_are_counted_and_passed_over(void **state)
{
    struct flow *flow = *state;
    struct batch *batch;
    flow->config.in_flight_max_bytes = 1; /* all but the first are on the disk alone */
    flow_open(flow);
    put_many(flow, 6);
    uint64_t next = flow_take(flow, 0, &batch);
    spoil(flow, batch->block.id + 1);
    spoil(flow, batch->block.id + 2);
    flow_deliver(flow, batch);
    next = flow_take(flow, next + 2 * COUNT, &batch);
    flow_deliver(flow, batch);
    outbox_work(flow->outbox);
    struct totals totals = flow_totals(flow);
    assert_int_equal(totals.dropped[DROP_DAMAGED], 2 * COUNT);
    assert_int_equal(totals.spooled, 2 * COUNT);
    assert_int_equal(flow_deliver_all(flow, next), 6 * COUNT);
    totals = flow_totals(flow);
    assert_int_equal(totals.delivered, 4 * COUNT);
    assert_int_equal(totals.spooled + totals_pending(&totals), 0);
    assert_int_equal(flow_spooled(flow).blocks, 0);
}

/* Batches that wait for their topics, on the disk alone. */

static bool any(struct batch *batch, void *user)
{
    (void)batch, (void)user;
    return true;
}

/* Six batches with these ids on the disk alone, to be gone through again, and two in memory. */
static void park_six(struct flow *flow, uint64_t ids[6])
{
    struct batch *batch;
    uint64_t next = 0;
    flow->config.in_flight_max_bytes = 10 * CHARGE_MAX;
    flow_open(flow);
    put_many(flow, 6);
    for (int i = 0; i < 6; i++) {
        next = flow_take(flow, next, &batch);
        ids[i] = batch->block.id;
    }
    outbox_park(flow->outbox, any, NULL);
    outbox_resume(flow->outbox, ids[0]);
    put_many(flow, 2);
}

/* While those of one topic are gone through again, the oldest of another's is tried. */
static void what_was_looked_at_is_not_left_out(void **state)
{
    struct flow *flow = *state;
    struct batch *batch, *tried;
    uint64_t ids[6];
    park_six(flow, ids);
    uint64_t next = flow_take(flow, 0, &batch);
    flow_deliver(flow, batch);
    assert_int_equal(outbox_find(flow->outbox, ids[4], any, NULL, &tried), ERROR_NONE);
    assert_int_equal(tried->block.id, ids[4]);
    accounting_release(&flow->accounting, tried); /* it was not taken */
    assert_int_equal(flow_deliver_all(flow, next), 8 * COUNT);
    assert_true(outbox_is_empty(flow->outbox));
}

static bool unreadable;

enum error_code __real_spool_read(struct spool *spool, uint64_t after, struct spool_block *block,
                                  struct error *error);
enum error_code __wrap_spool_read(struct spool *spool, uint64_t after, struct spool_block *block,
                                  struct error *error);
enum error_code __wrap_spool_read(struct spool *spool, uint64_t after, struct spool_block *block,
                                  struct error *error)
{
    if (unreadable)
        return error_set(error, ERROR_IO, "", 0, "the disk does not answer");
    return __real_spool_read(spool, after, block, error);
}

static void what_cannot_be_read_is_not_passed_over(void **state)
{
    struct flow *flow = *state;
    struct batch *batch;
    uint64_t ids[6];
    park_six(flow, ids);
    unreadable = true;
    assert_null(outbox_take(flow->outbox, 0));
    assert_int_equal(outbox_find(flow->outbox, ids[0], any, NULL, &batch), ERROR_IO);
    unreadable = false;
    assert_int_equal(flow_deliver_all(flow, 0), 8 * COUNT);
}

/* The spool is full. */

static void *put_two(void *argument)
{
    put_many(argument, 2);
    return NULL;
}

static bool writer_is_done(void *argument)
{
    struct flow *flow = argument;
    return flow->counters.received == 6 * COUNT;
}

static void a_full_spool_waits_until_something_is_settled(void **state)
{
    struct flow *flow = *state;
    struct batch *batch;
    pthread_t writer;
    flow->config.spool.max_bytes = 4 * BATCH_BYTES + BATCH_BYTES / 2;
    flow_open(flow);
    put_many(flow, 4);
    assert_int_equal(pthread_create(&writer, NULL, put_two, flow), 0);
    uint64_t next = 0;
    for (int i = 0; i < 2; i++) {
        next = flow_take(flow, next, &batch);
        flow_deliver(flow, batch);
    }
    flow_wait(writer_is_done, flow, "the writer goes on");
    assert_int_equal(pthread_join(writer, NULL), 0);
    assert_int_equal(flow_deliver_all(flow, next), 6 * COUNT);
    assert_int_equal(flow_totals(flow).delivered, 6 * COUNT);
}

static void a_full_spool_is_given_up_when_the_time_is_over(void **state)
{
    struct flow *flow = *state;
    flow->config.spool.max_bytes = 4 * BATCH_BYTES + BATCH_BYTES / 2;
    flow_open(flow);
    put_many(flow, 4);
    it_is_over(flow);
    put_many(flow, 2);
    struct totals totals = flow_totals(flow);
    assert_int_equal(totals.dropped[DROP_SPOOL_FULL], 2 * COUNT);
    assert_int_equal(totals.spooled, 4 * COUNT);
    assert_int_equal(flow_deliver_all(flow, 0), 4 * COUNT);
}

static void a_full_spool_drops_the_newest(void **state)
{
    struct flow *flow = *state;
    flow->config.spool.max_bytes = 4 * BATCH_BYTES + BATCH_BYTES / 2;
    flow->config.spool.when_full = WHEN_FULL_DROP_NEWEST;
    flow_open(flow);
    put_many(flow, 7);
    assert_int_equal(flow_totals(flow).dropped[DROP_SPOOL_FULL], 3 * COUNT);
    assert_int_equal(flow_deliver_all(flow, 0), 4 * COUNT);
    assert_int_equal(flow_totals(flow).delivered, 4 * COUNT);
    struct batch *batch;
    flow_put(flow, 1, SIZE);
    flow_take(flow, 7 * COUNT, &batch);
}

static void drop_oldest(struct flow *flow, size_t memory)
{
    flow->config.spool.max_bytes = 4 * BATCH_BYTES + BATCH_BYTES / 2;
    flow->config.spool.when_full = WHEN_FULL_DROP_OLDEST;
    flow->config.in_flight_max_bytes = memory;
    flow_open(flow);
    put_many(flow, 4);
    assert_int_equal(flow_totals(flow).spooled, 4 * COUNT);
}

static void a_full_spool_drops_the_oldest(void **state)
{
    struct flow *flow = *state;
    const size_t memories[] = {1, 2 * CHARGE_MAX, ENOUGH_MEMORY};
    for (size_t i = 0; i < 3; i++) {
        drop_oldest(flow, memories[i]);
        uint64_t first = flow->sequence->next - 4 * COUNT;
        put_many(flow, 2);
        struct totals totals = flow_totals(flow);
        assert_int_equal(totals.dropped[DROP_SPOOL_FULL], 2 * COUNT);
        assert_int_equal(totals.spooled, 4 * COUNT);
        assert_int_equal(flow_deliver_all(flow, first + 2 * COUNT), first + 6 * COUNT);
        totals = flow_totals(flow);
        assert_int_equal(totals.delivered, 4 * COUNT);
        assert_int_equal(totals.spooled, 0);
        flow_close(flow);
    }
}

static bool keep_it(void *user, int64_t silent_ms)
{
    unsigned *asked = user;
    assert_true(silent_ms >= 0);
    (*asked)++;
    return false;
}

/* It is on its way to Kafka. */
static void what_was_taken_is_not_dropped(void **state)
{
    struct flow *flow = *state;
    struct batch *batch;
    unsigned asked = 0;
    drop_oldest(flow, 1);
    outbox_on_recall(flow->outbox, keep_it, &asked);
    flow_take(flow, 0, &batch);
    flow_send(batch);
    put_many(flow, 2); /* the second and the third go, after a while */
    assert_true(asked > 2);
    assert_int_equal(flow_totals(flow).dropped[DROP_SPOOL_FULL], 2 * COUNT);
    flow_deliver(flow, batch);
    assert_int_equal(flow_deliver_all(flow, 3 * COUNT), 6 * COUNT);
    assert_int_equal(flow_totals(flow).delivered, 4 * COUNT);
}

/* Its topic takes none: it waits where it is, and is as old as it is. */
static void what_waits_for_its_topic_is_dropped(void **state)
{
    struct flow *flow = *state;
    struct batch *batch;
    unsigned asked = 0;
    drop_oldest(flow, ENOUGH_MEMORY);
    outbox_on_recall(flow->outbox, keep_it, &asked);
    for (unsigned i = 0; i < 4; i++)
        flow_take(flow, i * COUNT, &batch);
    put_many(flow, 2);
    assert_int_equal(asked, 0);
    assert_int_equal(flow_totals(flow).dropped[DROP_SPOOL_FULL], 2 * COUNT);
    outbox_rewind(flow->outbox);
    assert_int_equal(flow_deliver_all(flow, 2 * COUNT), 6 * COUNT);
}

static bool give_it_back(void *user, int64_t silent_ms)
{
    struct flow *flow = user;
    if (silent_ms < 300)
        return false;
    outbox_rewind(flow->outbox);
    return true;
}

static void what_was_taken_is_given_back_first(void **state)
{
    struct flow *flow = *state;
    struct batch *batch;
    drop_oldest(flow, ENOUGH_MEMORY);
    outbox_on_recall(flow->outbox, give_it_back, flow);
    for (unsigned i = 0; i < 4; i++) {
        flow_take(flow, i * COUNT, &batch);
        flow_send(batch);
    }
    flow_deliver_some(flow, batch, 0, 3); /* it counts where it got */
    put_many(flow, 5);
    struct totals totals = flow_totals(flow);
    assert_int_equal(totals.dropped[DROP_SPOOL_FULL], 5 * COUNT - 3);
    assert_int_equal(totals.delivered, 3);
    assert_int_equal(flow_deliver_all(flow, 5 * COUNT), 9 * COUNT);
}

/* Nothing would ever make room for the whole of it. */
static void a_batch_larger_than_the_spool_is_kept_by_parts(void **state)
{
    struct flow *flow = *state;
    flow->config.spool.max_bytes = BATCH_BYTES / 2;
    flow->config.spool.when_full = WHEN_FULL_DROP_NEWEST;
    flow_open(flow);
    put_many(flow, 1);
    struct totals totals = flow_totals(flow);
    assert_int_equal(totals.spooled + totals.dropped[DROP_SPOOL_FULL], COUNT);
    assert_in_range(totals.spooled, COUNT / 2 - 1, COUNT / 2);
    assert_int_equal(flow_deliver_all(flow, 0), totals.spooled);
}

/* A record that no spool of this size can keep does not hold up those behind it. */
static void a_record_larger_than_the_spool_is_dropped(void **state)
{
    struct flow *flow = *state;
    static const enum when_full policies[] = {WHEN_FULL_BLOCK, WHEN_FULL_DROP_OLDEST};
    for (size_t i = 0; i < 2; i++) {
        flow->config.spool.max_bytes = BATCH_BYTES;
        flow->config.spool.when_full = policies[i];
        flow_open(flow);
        uint64_t first = flow->sequence->next;
        flow_put(flow, 1, 2 * BATCH_BYTES);
        flow_put(flow, 3, SIZE);
        assert_int_equal(flow_totals(flow).dropped[DROP_SPOOL_FULL], 1);
        assert_int_equal(flow_deliver_all(flow, first + 1), first + 4);
        flow_close(flow);
    }
}

/* spill */

static void stay_stuck(struct flow *flow)
{
    /* More than the second that Kafka is given. */
    (void)nanosleep(&(struct timespec){.tv_sec = 1, .tv_nsec = 100000000}, NULL);
    (void)flow;
}

static void spill_stays_in_memory_while_kafka_takes_it(void **state)
{
    struct flow *flow = *state;
    flow->config.spool.durability = DURABILITY_SPILL;
    flow_open(flow);
    uint64_t next = 0;
    for (int i = 0; i < 20; i++) {
        put_many(flow, 1);
        outbox_work(flow->outbox);
        next = flow_deliver_all(flow, next);
    }
    assert_int_equal(flow->counters.accepted, 0);
    assert_int_equal(flow_totals(flow).delivered, 20 * COUNT);
}

static void spill_goes_to_the_disk_while_kafka_takes_none(void **state)
{
    struct flow *flow = *state;
    struct batch *batch;
    flow->config.spool.durability = DURABILITY_SPILL;
    flow_open(flow);
    put_many(flow, 3);
    uint64_t next = flow_take(flow, 0, &batch);
    outbox_work(flow->outbox);
    assert_int_equal(flow_totals(flow).spooled, 0);
    stay_stuck(flow);
    flow_deliver_some(flow, batch, 0, 3);
    outbox_work(flow->outbox);
    assert_int_equal(flow_spooled(flow).blocks, 3);
    assert_int_equal(flow_totals(flow).spooled, 3 * COUNT - 3);
    put_many(flow, 1); /* it too, as Kafka still takes none */
    assert_int_equal(flow_totals(flow).spooled, 4 * COUNT - 3);
    flow_deliver_some(flow, batch, 3, COUNT - 3);
    assert_int_equal(flow_deliver_all(flow, next), 4 * COUNT);
    assert_int_equal(flow_spooled(flow).blocks, 0);
    struct totals totals = flow_totals(flow);
    assert_int_equal(totals.delivered, 4 * COUNT);
    assert_int_equal(totals.spooled + totals_pending(&totals), 0);
}

static void spill_goes_to_the_disk_where_memory_is_full(void **state)
{
    struct flow *flow = *state;
    flow->config.spool.durability = DURABILITY_SPILL;
    flow->config.in_flight_max_bytes = 4 * CHARGE_MAX;
    flow_open(flow);
    put_many(flow, 12);
    assert_true(outbox_bytes(flow->outbox) <= 4 * CHARGE_MAX);
    assert_int_equal(flow_spooled(flow).blocks, 12);
    assert_int_equal(flow_deliver_all(flow, 0), 12 * COUNT);
    put_many(flow, 2); /* and is in memory alone again */
    assert_int_equal(flow_totals(flow).spooled, 0);
    assert_int_equal(flow_deliver_all(flow, 12 * COUNT), 14 * COUNT);
}

/* Also where the spool is smaller than the memory. */
static void spill_fills_the_disk_and_then_memory(void **state)
{
    struct flow *flow = *state;
    flow->config.spool.durability = DURABILITY_SPILL;
    flow->config.spool.when_full = WHEN_FULL_DROP_NEWEST;
    flow->config.spool.max_bytes = 3 * BATCH_BYTES + BATCH_BYTES / 2;
    flow->config.in_flight_max_bytes = 6 * CHARGE_MAX;
    flow_open(flow);
    put_many(flow, 5);
    stay_stuck(flow);
    outbox_work(flow->outbox);
    assert_int_equal(flow_totals(flow).spooled, 3 * COUNT);
    put_many(flow, 1);
    assert_int_equal(flow_totals(flow).dropped[DROP_SPOOL_FULL], 0);
    put_many(flow, 10);
    assert_true(flow_totals(flow).dropped[DROP_SPOOL_FULL] > 0);
    uint64_t kept = 16 * COUNT - flow_totals(flow).dropped[DROP_SPOOL_FULL];
    assert_int_equal(flow_deliver_all(flow, 0), kept);
    assert_int_equal(flow_totals(flow).delivered, kept);
}

static void spill_is_kept_at_the_close(void **state)
{
    struct flow *flow = *state;
    struct batch *batch;
    flow->config.spool.durability = DURABILITY_SPILL;
    flow_open(flow);
    put_many(flow, 3);
    flow_take(flow, 0, &batch);
    flow_deliver_some(flow, batch, 0, 4);
    outbox_close(flow->outbox);
    struct totals totals = flow_totals(flow);
    assert_int_equal(totals.spooled, 3 * COUNT - 4);
    assert_int_equal(totals_pending(&totals), 0);
    flow_close(flow);
    flow_open(flow);
    assert_int_equal(flow->findings.records, 3 * COUNT - 4);
    assert_int_equal(flow_deliver_all(flow, 4), 3 * COUNT);
}

/* none */

static bool is_waiting(void *argument)
{
    const struct flow *flow = argument;
    return flow->counters.received > 4 * COUNT;
}

static void none_waits_where_memory_is_full(void **state)
{
    struct flow *flow = *state;
    struct batch *batch;
    pthread_t writer;
    flow->config.spool.durability = DURABILITY_NONE;
    flow->config.in_flight_max_bytes = 4 * CHARGE_MAX;
    flow_open(flow);
    put_many(flow, 4);
    assert_int_equal(pthread_create(&writer, NULL, put_two, flow), 0);
    flow_wait(is_waiting, flow, "the writer puts");
    assert_true(outbox_bytes(flow->outbox) <= 4 * CHARGE_MAX);
    uint64_t next = flow_take(flow, 0, &batch);
    flow_deliver(flow, batch);
    next = flow_take(flow, next, &batch);
    flow_deliver(flow, batch);
    assert_int_equal(pthread_join(writer, NULL), 0);
    assert_int_equal(flow_deliver_all(flow, next), 6 * COUNT);
    assert_int_equal(flow_spooled(flow).blocks, 0);
    assert_int_equal(flow->counters.accepted, 0);
}

static void none_counts_what_is_not_delivered_at_the_close(void **state)
{
    struct flow *flow = *state;
    struct batch *batch;
    flow->config.spool.durability = DURABILITY_NONE;
    flow->config.in_flight_max_bytes = 4 * CHARGE_MAX;
    flow_open(flow);
    put_many(flow, 4);
    flow_take(flow, 0, &batch);
    flow_deliver_some(flow, batch, 0, 4);
    it_is_over(flow);
    put_many(flow, 1); /* finds no room */
    outbox_close(flow->outbox);
    struct totals totals = flow_totals(flow);
    assert_int_equal(totals.delivered, 4);
    assert_int_equal(totals.dropped[DROP_NOT_DELIVERED], 5 * COUNT - 4);
    assert_int_equal(totals_pending(&totals), 0);
}

static void none_leaves_what_an_earlier_run_kept(void **state)
{
    struct flow *flow = *state;
    struct batch *batch;
    flow_open(flow);
    put_many(flow, 3);
    flow_close(flow);
    flow->config.spool.durability = DURABILITY_NONE;
    flow_open(flow);
    flow_take(flow, 0, &batch);
    flow_close(flow);
    flow_open(flow);
    assert_int_equal(flow->findings.records, 3 * COUNT);
    uint64_t next = flow_deliver_all(flow, 0);
    put_many(flow, 2);
    assert_int_equal(flow_deliver_all(flow, next), 5 * COUNT);
    assert_int_equal(flow->restored.delivered, 3 * COUNT);
    assert_int_equal(flow_spooled(flow).blocks, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FLOW_TEST(batches_are_on_the_disk_before_they_are_sent),
        FLOW_TEST(memory_is_bounded_and_the_rest_read_back_in_order),
        FLOW_TEST(no_more_is_read_back_than_memory_holds),
        FLOW_TEST(a_rewind_begins_with_the_oldest_that_is_not_settled),
        FLOW_TEST(batches_of_an_earlier_run_come_first),
        FLOW_TEST(a_crash_leaves_what_is_not_settled),
        FLOW_TEST(closing_a_full_spool_leaves_only_what_is_left),
        FLOW_TEST(closing_leaves_only_what_a_batch_has_left),
        FLOW_TEST(a_batch_without_known_origin_is_lost_and_counted),
        FLOW_TEST(damaged_batches_are_counted_and_passed_over),
        FLOW_TEST(what_was_looked_at_is_not_left_out),
        FLOW_TEST(what_cannot_be_read_is_not_passed_over),
        FLOW_TEST(a_full_spool_waits_until_something_is_settled),
        FLOW_TEST(a_full_spool_is_given_up_when_the_time_is_over),
        FLOW_TEST(a_full_spool_drops_the_newest),
        FLOW_TEST(a_full_spool_drops_the_oldest),
        FLOW_TEST(what_was_taken_is_not_dropped),
        FLOW_TEST(what_was_taken_is_given_back_first),
        FLOW_TEST(what_waits_for_its_topic_is_dropped),
        FLOW_TEST(a_batch_larger_than_the_spool_is_kept_by_parts),
        FLOW_TEST(a_record_larger_than_the_spool_is_dropped),
        FLOW_TEST(spill_stays_in_memory_while_kafka_takes_it),
        FLOW_TEST(spill_goes_to_the_disk_while_kafka_takes_none),
        FLOW_TEST(spill_goes_to_the_disk_where_memory_is_full),
        FLOW_TEST(spill_fills_the_disk_and_then_memory),
        FLOW_TEST(spill_is_kept_at_the_close),
        FLOW_TEST(none_waits_where_memory_is_full),
        FLOW_TEST(none_counts_what_is_not_delivered_at_the_close),
        FLOW_TEST(none_leaves_what_an_earlier_run_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
