/* Batches that were sent are gone through again, since a topic takes records again that others of
 * them wait for, while their reports come. */
#include "flow_support.h"

#include <rosc/time.h>

#define SIZE  1000U /* of a record */
#define COUNT 10U   /* records of a batch */

/* So many batches are under way, and gone through again. */
static void send_again(struct flow *flow, struct batch **batches, unsigned count)
{
    uint64_t next = 0;
    flow_open(flow);
    for (unsigned i = 0; i < count; i++)
        flow_put(flow, COUNT, SIZE);
    for (unsigned i = 0; i < count; i++) {
        next = flow_take(flow, next, &batches[i]);
        flow_send(batches[i]);
    }
    outbox_resume(flow->outbox, 0);
}

static void all_is_accounted_for(struct flow *flow, uint64_t delivered)
{
    struct totals totals = flow_totals(flow);
    assert_true(outbox_is_empty(flow->outbox));
    assert_int_equal(totals.delivered, delivered);
    assert_int_equal(totals.spooled + totals_pending(&totals), 0);
    assert_int_equal(outbox_bytes(flow->outbox), 0);
    assert_int_equal(flow_spooled(flow).blocks, 0);
}

/* The last report comes between the batch's turn and the first look at it. */
static void a_batch_stays_while_the_sender_has_it(void **state)
{
    struct flow *flow = *state;
    struct batch *batch;
    send_again(flow, &batch, 1);
    assert_ptr_equal(outbox_take(flow->outbox, 0), batch);
    flow_deliver_some(flow, batch, 0, COUNT);
    assert_false(outbox_is_empty(flow->outbox));
    accounting_release(&flow->accounting, batch);
    all_is_accounted_for(flow, COUNT);
}

static bool any(struct batch *batch, void *user)
{
    (void)batch, (void)user;
    return true;
}

/* The report's thread has settled all of the first, and waits for the outbox. */
static void a_batch_that_is_about_to_go_is_passed_over(void **state)
{
    struct flow *flow = *state;
    struct batch *batches[2], *found;
    send_again(flow, batches, 2);
    accounting_hold(batches[0]);
    flow_deliver_some(flow, batches[0], 0, COUNT);
    atomic_store(&batches[0]->unsettled, 0);
    assert_int_equal(outbox_find(flow->outbox, 0, any, NULL, &found), ERROR_NONE);
    assert_ptr_equal(found, batches[1]);
    accounting_release(&flow->accounting, found);
    assert_ptr_equal(outbox_take(flow->outbox, 0), batches[1]);
    outbox_settle(flow->outbox, batches[0]);
    flow_deliver_some(flow, batches[1], 0, COUNT);
    accounting_release(&flow->accounting, batches[1]);
    all_is_accounted_for(flow, 2 * COUNT);
}

static bool keep_it(void *user, int64_t silent_ms)
{
    (void)user, (void)silent_ms;
    return false;
}

/* librdkafka borrows its bytes, though its turn comes again. */
static void what_is_under_way_is_not_dropped(void **state)
{
    struct flow *flow = *state;
    struct batch *batches[4];
    flow->config.spool.max_bytes = 4 * COUNT * (SIZE + 36) + COUNT * SIZE / 2;
    flow->config.spool.when_full = WHEN_FULL_DROP_OLDEST;
    send_again(flow, batches, 4);
    outbox_on_recall(flow->outbox, keep_it, NULL);
    flow->deadline = rosc_time_steady();
    flow_put(flow, COUNT, SIZE); /* finds no room */
    assert_int_equal(flow_totals(flow).dropped[DROP_SPOOL_FULL], COUNT);
    assert_int_equal(flow_totals(flow).spooled, 4 * COUNT);
    for (unsigned i = 0; i < 4; i++)
        flow_deliver(flow, batches[i]);
    all_is_accounted_for(flow, 4 * COUNT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FLOW_TEST(a_batch_stays_while_the_sender_has_it),
        FLOW_TEST(a_batch_that_is_about_to_go_is_passed_over),
        FLOW_TEST(what_is_under_way_is_not_dropped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
