/* Each record is settled once, by what its report says. */
#include "flow_support.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT 4U /* records of a batch */

/* A flow with one batch that was taken; `*batch` is in Kafka's hands. */
static struct flow *take_one(void **state, struct batch **batch)
{
    struct flow *flow = *state;
    flow_open(flow);
    flow->accounting.batch_max_bytes = 1000000;
    flow_put(flow, COUNT, 10);
    (void)flow_take(flow, 0, batch);
    return flow;
}

static void report(struct flow *flow, struct batch *batch, uint64_t tag,
                   enum kafka_delivery delivery, const char *reason)
{
    void *letter = tag & TAG_LETTER ? strdup("a letter") : NULL; /* freed with its report */
    const struct kafka_report made = {.delivery = delivery,
                                      .reason = reason,
                                      .tag = tag,
                                      .owner = batch,
                                      .topic = FLOW_TOPIC,
                                      .value = letter,
                                      .value_size = 8};
    accounting_report(&made, &flow->accounting);
}

static void refusal_is(struct flow *flow, const struct batch *batch, uint32_t index)
{
    struct refusal refusal;
    assert_true(accounting_take_refusal(&flow->accounting, &refusal));
    assert_ptr_equal(refusal.batch, batch);
    assert_int_equal(refusal.index, index);
}

static void no_refusal(struct flow *flow)
{
    struct refusal refusal;
    assert_false(accounting_take_refusal(&flow->accounting, &refusal));
}

static void delivered_counts_once(void **state)
{
    struct batch *batch;
    struct flow *flow = take_one(state, &batch);
    accounting_hold(batch);
    for (uint32_t i = 0; i < COUNT; i++) {
        report(flow, batch, i, KAFKA_DELIVERED, "");
        accounting_settle(&flow->accounting, batch, i, FATE_DROPPED); /* too late */
        assert_int_equal(flow_totals(flow).delivered, i + 1);
        assert_int_equal(flow_totals(flow).spooled, COUNT - 1 - i);
    }
    assert_int_equal(flow_spooled(flow).blocks, 1);
    accounting_release(&flow->accounting, batch);
    assert_int_equal(flow_spooled(flow).blocks, 0);
    assert_true(outbox_is_empty(flow->outbox));
    assert_true(flow->accounting.reachable);
}

static void a_refused_record_becomes_a_letter(void **state)
{
    struct batch *batch;
    char reason[128];
    struct flow *flow = take_one(state, &batch);
    no_refusal(flow);
    report(flow, batch, 2, KAFKA_REFUSED, "no such topic");
    report(flow, batch, 1, KAFKA_REFUSED, "not permitted");
    refusal_is(flow, batch, 2); /* the oldest first */
    refusal_is(flow, batch, 1);
    no_refusal(flow);
    accounting_reason(&flow->accounting, &batch->items[2], reason, sizeof reason);
    assert_string_equal(reason, "no such topic");
    accounting_reason(&flow->accounting, &batch->items[1], reason, sizeof reason);
    assert_string_equal(reason, "not permitted");
    assert_int_equal(flow_totals(flow).spooled, COUNT);
    report(flow, batch, TAG_LETTER | 2, KAFKA_DELIVERED, "");
    report(flow, batch, TAG_LETTER | 1, KAFKA_REFUSED, "not permitted either");
    struct totals totals = flow_totals(flow);
    assert_int_equal(totals.dead_lettered, 1);
    assert_int_equal(totals.dropped[DROP_REFUSED], 1);
    assert_int_equal(totals.spooled, COUNT - 2);
    assert_false(flow->accounting.replay);
}

static void a_letter_that_is_too_large_is_shortened_once(void **state)
{
    struct batch *batch;
    struct flow *flow = take_one(state, &batch);
    flow->accounting.batch_max_bytes = 1; /* each goes alone */
    report(flow, batch, 0, KAFKA_TOO_LARGE, "too large");
    refusal_is(flow, batch, 0);
    report(flow, batch, TAG_LETTER | 0, KAFKA_TOO_LARGE, "too large");
    refusal_is(flow, batch, 0);
    assert_int_equal(batch->items[0].state & (ITEM_TOO_LARGE | ITEM_SHORT),
                     ITEM_TOO_LARGE | ITEM_SHORT);
    report(flow, batch, TAG_LETTER | 0, KAFKA_TOO_LARGE, "too large");
    no_refusal(flow);
    assert_int_equal(flow_totals(flow).dropped[DROP_TOO_LARGE], 1);
}

static void a_letter_of_the_spool_counts_as_one(void **state)
{
    struct batch *batch;
    struct flow *flow = take_one(state, &batch);
    for (uint32_t i = 0; i < COUNT; i++)
        batch->items[i].kind = KIND_LETTER;
    report(flow, batch, 0, KAFKA_DELIVERED, "");
    report(flow, batch, 1, KAFKA_REFUSED, "not permitted");
    struct totals totals = flow_totals(flow);
    assert_int_equal(totals.dead_lettered, 1);
    assert_int_equal(totals.dropped[DROP_UNDECODABLE], 1);
}

static void a_batch_that_is_too_large_blames_no_record(void **state)
{
    struct batch *batch;
    char topic[NAMES_KAFKA_TOPIC_SIZE] = "";
    struct flow *flow = take_one(state, &batch);
    assert_false(accounting_wants_smaller_batches(&flow->accounting, topic));
    report(flow, batch, 0, KAFKA_TOO_LARGE, "too large");
    assert_true(flow->accounting.replay);
    assert_true(accounting_wants_smaller_batches(&flow->accounting, topic));
    assert_string_equal(topic, FLOW_TOPIC);
    no_refusal(flow);
    assert_int_equal(batch->items[0].state & ITEM_BAD, 0);
    accounting_begin_again(&flow->accounting);
    assert_false(flow->accounting.replay);
    assert_false(accounting_wants_smaller_batches(&flow->accounting, topic));
}

/* A record that no batch of this size can hold beside another one was alone in its own. */
static void a_record_knows_whether_it_was_alone(void **state)
{
    struct batch *batch;
    struct flow *flow = take_one(state, &batch);
    struct kafka_report made = {.delivery = KAFKA_TOO_LARGE,
                                .reason = "too large",
                                .owner = batch,
                                .topic = FLOW_TOPIC,
                                .value_size = 900,
                                .key_size = 100};
    flow->accounting.batch_max_bytes = 1000;
    assert_false(accounting_halts(&made, &flow->accounting));
    flow->accounting.batch_max_bytes = 2000;
    assert_true(accounting_halts(&made, &flow->accounting));
    made.delivery = KAFKA_NOT_DELIVERED;
    assert_true(accounting_halts(&made, &flow->accounting));
    made.delivery = KAFKA_REFUSED;
    assert_false(accounting_halts(&made, &flow->accounting));
    made.delivery = KAFKA_UNAVAILABLE;
    assert_true(accounting_halts(&made, &flow->accounting));
}

static void what_comes_back_is_sent_again_unless_it_is_taken_back(void **state)
{
    struct batch *batch;
    struct flow *flow = take_one(state, &batch);
    flow->accounting.purging = true;
    report(flow, batch, 0, KAFKA_NOT_DELIVERED, "purged");
    assert_false(flow->accounting.replay);
    flow->accounting.purging = false;
    report(flow, batch, 1, KAFKA_NOT_DELIVERED, "timed out");
    assert_true(flow->accounting.replay);
    assert_int_equal(flow_totals(flow).spooled, COUNT);
    assert_int_equal(batch->unsettled, COUNT);
}

static void a_replay_forgets_refusals_and_keeps_their_marks(void **state)
{
    struct batch *batch;
    struct flow *flow = take_one(state, &batch);
    report(flow, batch, 0, KAFKA_REFUSED, "no");
    report(flow, batch, 1, KAFKA_REFUSED, "no");
    accounting_begin_again(&flow->accounting);
    no_refusal(flow);
    assert_int_equal(batch->items[1].state & ITEM_BAD, ITEM_REFUSED);
    report(flow, batch, 2, KAFKA_REFUSED, "no"); /* the list is still one */
    refusal_is(flow, batch, 2);
}

static void in_transactions_the_commit_settles(void **state)
{
    struct batch *batch;
    struct flow *flow = take_one(state, &batch);
    flow->accounting.in_transactions = true;
    report(flow, batch, 0, KAFKA_DELIVERED, "");
    report(flow, batch, 1, KAFKA_NOT_DELIVERED, "aborted");
    report(flow, batch, 2, KAFKA_REFUSED, "no");
    no_refusal(flow);
    assert_false(flow->accounting.replay);
    assert_int_equal(flow->accounting.marks, 1);
    assert_int_equal(flow_totals(flow).spooled, COUNT);
    accounting_settle(&flow->accounting, batch, 2, FATE_DELIVERED);
    assert_int_equal(flow_totals(flow).dead_lettered, 1);
}

static void many_reasons_are_told_apart_up_to_a_bound(void **state)
{
    struct flow *flow = *state;
    struct batch *batch;
    char reason[128], expected[300];
    flow_open(flow);
    flow_put(flow, ACCOUNTING_REASONS + 4, 10);
    (void)flow_take(flow, 0, &batch);
    for (uint32_t i = 0; i < ACCOUNTING_REASONS + 4; i++) {
        (void)snprintf(expected, sizeof expected, "%u %0250d", i, 0); /* is cut */
        accounting_mark(&flow->accounting, batch, i, ITEM_REFUSED, expected);
        accounting_reason(&flow->accounting, &batch->items[i], reason, sizeof reason);
        assert_memory_equal(reason, expected, sizeof reason - 1);
    }
    accounting_reason(&flow->accounting, &batch->items[3], reason, sizeof reason);
    assert_memory_equal(reason, "3 0", 3);
    assert_int_equal(flow->accounting.reason_count, ACCOUNTING_REASONS);
    accounting_mark(&flow->accounting, batch, 0, ITEM_REFUSED, "3 0"); /* another one */
    accounting_reason(&flow->accounting, &batch->items[0], reason, sizeof reason);
    assert_string_equal(reason, "3 0");
}

/* Reports on one thread, the sender's holds on another: the batch goes once, when both are done. */
struct race {
    struct flow *flow;
    struct batch *batch;
};

static void *report_all(void *argument)
{
    const struct race *race = argument;
    uint32_t count = race->batch->block.count;
    for (uint32_t i = 0; i < count; i++)
        report(race->flow, race->batch, i, KAFKA_DELIVERED, "");
    return NULL;
}

static void holds_and_reports_agree(void **state)
{
    struct flow *flow = *state;
    flow->config.spool.durability = DURABILITY_NONE;
    flow_open(flow);
    for (int round = 0; round < 300; round++) {
        struct race race = {.flow = flow};
        pthread_t reporter;
        flow_put(flow, COUNT, 10);
        (void)flow_take(flow, (uint64_t)round * COUNT, &race.batch);
        accounting_hold(race.batch);
        assert_int_equal(pthread_create(&reporter, NULL, report_all, &race), 0);
        assert_int_equal(flow_number(race.batch, COUNT - 1), (uint64_t)round * COUNT + COUNT - 1);
        accounting_release(&flow->accounting, race.batch);
        assert_int_equal(pthread_join(reporter, NULL), 0);
        assert_true(outbox_is_empty(flow->outbox));
    }
    assert_int_equal(flow_totals(flow).delivered, 300 * COUNT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FLOW_TEST(delivered_counts_once),
        FLOW_TEST(a_refused_record_becomes_a_letter),
        FLOW_TEST(a_letter_that_is_too_large_is_shortened_once),
        FLOW_TEST(a_letter_of_the_spool_counts_as_one),
        FLOW_TEST(a_batch_that_is_too_large_blames_no_record),
        FLOW_TEST(a_record_knows_whether_it_was_alone),
        FLOW_TEST(what_comes_back_is_sent_again_unless_it_is_taken_back),
        FLOW_TEST(a_replay_forgets_refusals_and_keeps_their_marks),
        FLOW_TEST(in_transactions_the_commit_settles),
        FLOW_TEST(many_reasons_are_told_apart_up_to_a_bound),
        FLOW_TEST(holds_and_reports_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
