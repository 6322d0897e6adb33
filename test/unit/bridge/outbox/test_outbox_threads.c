/* A writer, a sender and a reporter on one outbox that is short of room everywhere: each record is
 * delivered once or counted as dropped, in order, also where a producer begins again. */
#include "flow_support.h"

#include <pthread.h>
#include <rosc/time.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define RECORDS     40000U
#define SIZE        100U
#define BATCH       4U /* records, at most */
#define BATCH_BYTES (BATCH * (SIZE + 40))
#define CHARGE      (BATCH * (SIZE + 40 + 512))
#define PIPE        64U /* batches that wait for their reports */
#define AGAIN       37U /* after so many batches the sender begins again, */
#define RESUME      5U  /* or goes through what was sent */

struct pipe {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    struct batch *batches[PIPE];
    unsigned count;
    bool busy; /* a report is under way */
    bool over;
};

struct run {
    struct flow *flow;
    struct pipe pipe;
    atomic_bool written;
    unsigned char delivered[RECORDS];
    uint64_t out_of_order;
};

static unsigned next_random(unsigned *seed)
{
    *seed = *seed * 1664525U + 1013904223U;
    return *seed >> 16;
}

static void *write_all(void *argument)
{
    struct run *run = argument;
    unsigned seed = 1;
    while (run->flow->sequence->next < RECORDS) {
        uint64_t left = RECORDS - run->flow->sequence->next;
        unsigned count = 1 + next_random(&seed) % BATCH;
        flow_put(run->flow, count < left ? count : (unsigned)left, SIZE);
        outbox_work(run->flow->outbox);
    }
    run->written = true;
    outbox_wake(run->flow->outbox);
    return NULL;
}

static void count_delivered(struct run *run, struct batch *batch)
{
    for (uint32_t i = 0; i < batch->block.count; i++)
        if (!(atomic_load(&batch->items[i].state) & ITEM_SETTLED))
            run->delivered[flow_number(batch, i)]++;
}

static void *report_all(void *argument)
{
    struct run *run = argument;
    struct pipe *pipe = &run->pipe;
    (void)pthread_mutex_lock(&pipe->mutex);
    for (;;) {
        while (pipe->count == 0 && !pipe->over)
            (void)pthread_cond_wait(&pipe->changed, &pipe->mutex);
        if (pipe->count == 0)
            break;
        struct batch *batch = pipe->batches[0];
        pipe->count--;
        memmove(pipe->batches, pipe->batches + 1, pipe->count * sizeof *pipe->batches);
        pipe->busy = true;
        (void)pthread_mutex_unlock(&pipe->mutex);
        count_delivered(run, batch);
        flow_deliver(run->flow, batch);
        (void)pthread_mutex_lock(&pipe->mutex);
        pipe->busy = false;
        (void)pthread_cond_broadcast(&pipe->changed);
    }
    (void)pthread_mutex_unlock(&pipe->mutex);
    return NULL;
}

static void hand_over(struct pipe *pipe, struct batch *batch)
{
    (void)pthread_mutex_lock(&pipe->mutex);
    while (pipe->count == PIPE)
        (void)pthread_cond_wait(&pipe->changed, &pipe->mutex);
    pipe->batches[pipe->count++] = batch;
    (void)pthread_cond_broadcast(&pipe->changed);
    (void)pthread_mutex_unlock(&pipe->mutex);
}

/* What is not yet reported comes back, as from a producer that is destroyed. */
static void begin_again(struct run *run)
{
    struct pipe *pipe = &run->pipe;
    (void)pthread_mutex_lock(&pipe->mutex);
    pipe->count = 0;
    while (pipe->busy)
        (void)pthread_cond_wait(&pipe->changed, &pipe->mutex);
    (void)pthread_mutex_unlock(&pipe->mutex);
    outbox_rewind(run->flow->outbox);
}

static void send_all(struct run *run)
{
    struct flow *flow = run->flow;
    uint64_t last = 0;
    bool any = false;
    for (unsigned turn = 1; !run->written || !outbox_is_empty(flow->outbox); turn++) {
        struct batch *batch = outbox_take(flow->outbox, 20);
        if (!batch)
            continue;
        if (atomic_load(&batch->items[0].state) & (ITEM_SENT | ITEM_SETTLED)) {
            accounting_release(&flow->accounting, batch); /* of those that were sent */
            continue;
        }
        flow_send(batch);
        accounting_release(&flow->accounting, batch);
        uint64_t number = flow_number(batch, 0);
        run->out_of_order += any && number <= last ? 1 : 0;
        last = flow_number(batch, batch->block.count - 1);
        any = true;
        hand_over(&run->pipe, batch);
        if (turn % RESUME == 0)
            outbox_resume(flow->outbox, 0);
        if (turn % AGAIN != 0)
            continue;
        begin_again(run);
        any = false;
    }
}

static void run_flow(struct flow *flow, enum durability durability, enum when_full when_full)
{
    struct run *run = calloc(1, sizeof *run);
    pthread_t writer, reporter;
    assert_non_null(run);
    run->flow = flow;
    (void)pthread_mutex_init(&run->pipe.mutex, NULL);
    (void)pthread_cond_init(&run->pipe.changed, NULL);
    flow->config.spool.durability = durability;
    flow->config.spool.when_full = when_full;
    flow->config.spool.max_bytes = 6 * BATCH_BYTES;
    flow->config.in_flight_max_bytes = 3 * CHARGE;
    flow_open(flow);
    assert_int_equal(pthread_create(&reporter, NULL, report_all, run), 0);
    assert_int_equal(pthread_create(&writer, NULL, write_all, run), 0);
    send_all(run);
    assert_int_equal(pthread_join(writer, NULL), 0);
    (void)pthread_mutex_lock(&run->pipe.mutex);
    run->pipe.over = true;
    (void)pthread_cond_broadcast(&run->pipe.changed);
    (void)pthread_mutex_unlock(&run->pipe.mutex);
    assert_int_equal(pthread_join(reporter, NULL), 0);

    struct totals totals = flow_totals(flow);
    uint64_t delivered = 0;
    for (size_t i = 0; i < RECORDS; i++) {
        assert_true(run->delivered[i] <= 1);
        delivered += run->delivered[i];
    }
    assert_int_equal(run->out_of_order, 0);
    assert_int_equal(totals.received, RECORDS);
    assert_int_equal(totals.delivered, delivered);
    assert_int_equal(totals.delivered + totals.dropped[DROP_SPOOL_FULL], RECORDS);
    assert_int_equal(totals.spooled + totals_pending(&totals), 0);
    assert_int_equal(flow_spooled(flow).blocks, 0);
    if (when_full == WHEN_FULL_BLOCK)
        assert_int_equal(totals_dropped(&totals), 0);
    free(run);
}

static void write_ahead_blocks(void **state)
{
    run_flow(*state, DURABILITY_WRITE_AHEAD, WHEN_FULL_BLOCK);
}

static void write_ahead_drops_the_oldest(void **state)
{
    run_flow(*state, DURABILITY_WRITE_AHEAD, WHEN_FULL_DROP_OLDEST);
}

static void write_ahead_drops_the_newest(void **state)
{
    run_flow(*state, DURABILITY_WRITE_AHEAD, WHEN_FULL_DROP_NEWEST);
}

static void spill_blocks(void **state)
{
    run_flow(*state, DURABILITY_SPILL, WHEN_FULL_BLOCK);
}

static void spill_drops_the_oldest(void **state)
{
    run_flow(*state, DURABILITY_SPILL, WHEN_FULL_DROP_OLDEST);
}

static void none_blocks(void **state)
{
    run_flow(*state, DURABILITY_NONE, WHEN_FULL_BLOCK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FLOW_TEST(write_ahead_blocks),           FLOW_TEST(write_ahead_drops_the_oldest),
        FLOW_TEST(write_ahead_drops_the_newest), FLOW_TEST(spill_blocks),
        FLOW_TEST(spill_drops_the_oldest),       FLOW_TEST(none_blocks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
