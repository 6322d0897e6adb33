/* Exactly once: a reader of committed records sees each once and in order, whatever becomes of
 * transactions, producers, and the process. */
#include "committed.h"
#include "flow_broker.h"

#include <rosc/time.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SIZE  100U
#define COUNT 50U /* records of a batch */

static int setup(void **state)
{
    committed_reset();
    return flow_broker_setup(state);
}

static void start(struct flow_broker *broker)
{
    broker->flow->config.exactly_once = true;
    flow_broker_start(broker);
}

static void put_many(struct flow_broker *broker, unsigned batches)
{
    for (unsigned i = 0; i < batches; i++)
        flow_put(broker->flow, COUNT, SIZE);
}

/* The topic holds the numbers from 0 up to before `end`, each once and in order. */
static void holds(const char *topic, uint64_t end)
{
    static uint64_t numbers[20000];
    size_t count = committed_read(topic, numbers, 20000);
    for (size_t i = 0; i < count && i < end; i++)
        assert_int_equal(numbers[i], i);
    assert_int_equal(count, end);
}

static void nothing_is_left(struct flow *flow)
{
    struct totals totals = flow_totals(flow);
    assert_int_equal(totals.spooled + totals_pending(&totals), 0);
    assert_int_equal(flow_spooled(flow).blocks, 0);
}

static void a_commit_says_how_far_it_has_come(void **state)
{
    struct flow_broker *broker = *state;
    start(broker);
    put_many(broker, 10);
    flow_broker_settle(broker);
    holds(FLOW_TOPIC, 10 * COUNT);
    assert_int_equal(committed_position(FLOW_TOPIC), 10 * COUNT);
    assert_int_equal(flow_totals(broker->flow).delivered, 10 * COUNT);
    nothing_is_left(broker->flow);
    flow_broker_stop(broker, FLOW_PATIENCE_MS);
}

static bool some_commits(void *argument)
{
    const unsigned *commits = argument;
    return committed_commits() >= *commits;
}

static void nothing_comes_twice_after_crashes(void **state)
{
    struct flow_broker *broker = *state;
    uint64_t sent = 0;
    unsigned commits = 0;
    for (unsigned round = 0; round < 6; round++) {
        start(broker);
        put_many(broker, 8);
        commits = committed_commits() + 1;
        flow_wait(some_commits, &commits, "a commit");
        put_many(broker, round); /* some of which may be under way */
        sent += (8 + round) * COUNT;
        flow_broker_crash(broker);
    }
    start(broker);
    flow_broker_settle(broker);
    holds(FLOW_TOPIC, sent);
    nothing_is_left(broker->flow);
}

/* The process ends between the commit and what the spool hears of it. */
static void what_is_in_kafka_is_not_sent_again(void **state)
{
    struct flow_broker *broker = *state;
    unsigned commits = 1;
    start(broker);
    committed_fail(0, COMMITTED_IN_DOUBT_DONE);
    put_many(broker, 1);
    flow_wait(some_commits, &commits, "the commit");
    flow_broker_crash(broker);
    start(broker);
    assert_int_equal(broker->flow->findings.records, COUNT);
    flow_broker_settle(broker);
    holds(FLOW_TOPIC, COUNT);
    assert_int_equal(broker->flow->restored.delivered, COUNT);
    nothing_is_left(broker->flow);
}

/* A fault of a commit among others. */
static void once_with(struct flow_broker *broker, enum committed_fault fault, bool twice)
{
    start(broker);
    uint64_t first = broker->flow->sequence->next;
    put_many(broker, 2);
    flow_broker_settle(broker);
    committed_fail(0, fault);
    if (twice)
        committed_fail(1, fault);
    put_many(broker, 10);
    flow_broker_settle(broker);
    holds(FLOW_TOPIC, first + 12 * COUNT);
    assert_int_equal(flow_totals(broker->flow).delivered, 12 * COUNT);
    nothing_is_left(broker->flow);
    flow_broker_stop(broker, FLOW_PATIENCE_MS);
}

static void an_aborted_transaction_begins_again(void **state)
{
    once_with(*state, COMMITTED_ABORTED, true);
}

static void a_commit_in_doubt_is_asked_for(void **state)
{
    once_with(*state, COMMITTED_IN_DOUBT_DONE, false);
    once_with(*state, COMMITTED_IN_DOUBT_LOST, false);
}

static void a_commit_that_takes_long_is_waited_for(void **state)
{
    once_with(*state, COMMITTED_LATE, true);
}

/* Refusals. */

static void refused_records_become_letters_and_the_others_arrive(void **state)
{
    struct flow_broker *broker = *state;
    flow_broker_set(broker, "message.max.bytes", "3000");
    flow_broker_set(broker, "batch.size", "3000");
    start(broker);
    flow_put(broker->flow, 3, SIZE);
    flow_put(broker->flow, 1, 5000);
    flow_put(broker->flow, 2, SIZE);
    flow_broker_settle(broker);
    uint64_t numbers[8];
    assert_int_equal(committed_read(FLOW_TOPIC, numbers, 8), 5);
    assert_int_equal(numbers[4], 5);
    assert_int_equal(committed_read(FLOW_LETTERS, numbers, 8), 1);
    assert_int_equal(committed_position(FLOW_TOPIC), 6);
    struct totals totals = flow_totals(broker->flow);
    assert_int_equal(totals.delivered, 5);
    assert_int_equal(totals.dead_lettered, 1);
    nothing_is_left(broker->flow);
}

static void an_invalid_record_becomes_a_letter_alone(void **state)
{
    struct flow_broker *broker = *state;
    flow_broker_set(broker, "max.in.flight", "1");
    start(broker);
    flow_broker_answer(broker, 2, (rd_kafka_resp_err_t)87);
    flow_put(broker->flow, 50, SIZE);
    flow_broker_settle(broker);
    uint64_t numbers[60];
    assert_int_equal(committed_read(FLOW_TOPIC, numbers, 60), 49);
    for (uint64_t i = 0; i < 49; i++)
        assert_int_equal(numbers[i], i + 1);
    assert_int_equal(committed_read(FLOW_LETTERS, numbers, 60), 1);
    struct totals totals = flow_totals(broker->flow);
    assert_int_equal(totals.delivered, 49);
    assert_int_equal(totals.dead_lettered, 1);
    nothing_is_left(broker->flow);
}

/* Where a topic takes nothing its position goes with its letters. */
static void letters_do_not_come_twice_either(void **state)
{
    struct flow_broker *broker = *state;
    unsigned commits = 1;
    flow_broker_set(broker, "message.max.bytes", "3000");
    flow_broker_set(broker, "batch.size", "3000");
    start(broker);
    committed_fail(0, COMMITTED_IN_DOUBT_DONE);
    flow_put(broker->flow, 3, 5000);
    flow_wait(some_commits, &commits, "the commit");
    flow_broker_crash(broker);
    assert_int_equal(committed_position(FLOW_TOPIC), -1);
    assert_int_equal(committed_position(FLOW_LETTERS COMMITTED_OF_LETTERS), 3);
    start(broker);
    flow_broker_settle(broker);
    uint64_t numbers[8];
    assert_int_equal(committed_read(FLOW_LETTERS, numbers, 8), 3);
    nothing_is_left(broker->flow);
}

static bool is_held_up(void *argument)
{
    const struct flow_broker *broker = argument;
    return sender_is_held_up(broker->sender);
}

/* What is for a topic that is not there waits, over a crash too, and counts as nothing else. */
static void a_missing_topic_waits(void **state)
{
    struct flow_broker *broker = *state;
    rd_kafka_mock_topic_set_error(broker->cluster, FLOW_TOPIC,
                                  RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
    start(broker);
    put_many(broker, 3);
    flow_wait(is_held_up, broker, "all waits");
    assert_int_equal(flow_totals(broker->flow).delivered, 0);
    flow_broker_crash(broker);
    start(broker);
    assert_int_equal(broker->flow->findings.records, 3 * COUNT);
    put_many(broker, 2);
    flow_wait(is_held_up, broker, "all waits");
    rd_kafka_mock_topic_set_error(broker->cluster, FLOW_TOPIC, RD_KAFKA_RESP_ERR_NO_ERROR);
    flow_broker_settle(broker);
    holds(FLOW_TOPIC, 5 * COUNT);
    assert_int_equal(flow_totals(broker->flow).delivered, 5 * COUNT);
    nothing_is_left(broker->flow);
}

/* Where a letter waits, what is behind its record does too: their commit would say that both are
 * in Kafka. */
static void nothing_overtakes_a_letter_that_waits(void **state)
{
    struct flow_broker *broker = *state;
    flow_broker_set(broker, "message.max.bytes", "3000");
    flow_broker_set(broker, "batch.size", "3000");
    rd_kafka_mock_topic_set_error(broker->cluster, FLOW_LETTERS,
                                  RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
    start(broker);
    flow_put(broker->flow, 1, 5000);
    flow_put(broker->flow, 3, SIZE);
    flow_wait(is_held_up, broker, "all waits");
    flow_broker_crash(broker);
    rd_kafka_mock_topic_set_error(broker->cluster, FLOW_LETTERS, RD_KAFKA_RESP_ERR_NO_ERROR);
    start(broker);
    flow_broker_settle(broker);
    uint64_t numbers[8];
    assert_int_equal(committed_read(FLOW_LETTERS, numbers, 8), 1);
    assert_int_equal(committed_read(FLOW_TOPIC, numbers, 8), 3);
    nothing_is_left(broker->flow);
}

/* A route may write where another one's letters go: what is committed of the one says nothing of
 * the other. */
static void a_topic_of_letters_that_is_another_routes(void **state)
{
    struct flow_broker *broker = *state;
    struct flow *flow = broker->flow;
    struct error error;
    start(broker);
    struct origin *origin = flow->origin;
    struct spool_sequence *sequence = flow->sequence;
    struct spool_origin facts = *origin->facts;
    facts.kafka_topic = FLOW_LETTERS;
    assert_int_equal(origins_add(flow->origins, &facts, &flow->counters, &flow->origin, &error),
                     ERROR_NONE);
    flow->sequence = spool_sequence(flow->spool, FLOW_LETTERS);
    put_many(broker, 4);
    flow_broker_settle(broker);
    holds(FLOW_LETTERS, 4 * COUNT);
    flow->origin = origin;
    flow->sequence = sequence;
    rd_kafka_mock_topic_set_error(broker->cluster, FLOW_TOPIC,
                                  RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
    put_many(broker, 1);
    flow_wait(is_held_up, broker, "all waits");
    assert_int_equal(flow_totals(flow).delivered, 4 * COUNT);
    rd_kafka_mock_topic_set_error(broker->cluster, FLOW_TOPIC, RD_KAFKA_RESP_ERR_NO_ERROR);
    flow_broker_settle(broker);
    holds(FLOW_TOPIC, COUNT);
    assert_int_equal(committed_position(FLOW_LETTERS), 4 * COUNT);
    nothing_is_left(flow);
}

/* A broker that refuses a whole batch. */
static void batches_that_are_too_large_are_made_smaller(void **state)
{
    struct flow_broker *broker = *state;
    start(broker);
    put_many(broker, 1);
    flow_broker_settle(broker);
    flow_broker_answer(broker, 1, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE);
    put_many(broker, 5);
    flow_broker_settle(broker);
    holds(FLOW_TOPIC, 6 * COUNT);
    uint64_t numbers[1];
    assert_int_equal(committed_read(FLOW_LETTERS, numbers, 1), 0);
    nothing_is_left(broker->flow);
}

/* Rests. */

static void pause_a_moment(void)
{
    (void)nanosleep(&(struct timespec){.tv_sec = 2}, NULL);
}

static void what_is_aborted_each_time_is_not_asked_for_without_a_rest(void **state)
{
    struct flow_broker *broker = *state;
    start(broker);
    for (unsigned i = 0; i < 60; i++)
        committed_fail(i, COMMITTED_ABORTED);
    put_many(broker, 1);
    pause_a_moment();
    assert_in_range(committed_begun(), 1, 8);
}

static void positions_are_not_asked_for_without_a_rest(void **state)
{
    struct flow_broker *broker = *state;
    start(broker);
    committed_hide_positions(true);
    put_many(broker, 1);
    pause_a_moment();
    assert_in_range(committed_asked(), 1, 8);
    committed_hide_positions(false);
    flow_broker_settle(broker);
    holds(FLOW_TOPIC, COUNT);
}

/* Definitions. */

static size_t count_definitions(void)
{
    uint64_t numbers[1];
    return committed_read("definitions", numbers, 1);
}

static bool is_announced(void *argument)
{
    (void)argument;
    return count_definitions() > 0;
}

static void definitions_are_announced_though_their_commit_is_lost(void **state)
{
    struct flow_broker *broker = *state;
    broker->flow->config.definitions_topic = "definitions";
    start(broker);
    committed_fail(1, COMMITTED_ABORTED);       /* of the definitions, after the records */
    committed_fail(2, COMMITTED_IN_DOUBT_LOST); /* and again */
    put_many(broker, 1);
    flow_wait(is_announced, NULL, "the definition");
    flow_broker_stop(broker, FLOW_PATIENCE_MS);
    assert_int_equal(count_definitions(), 1);
    holds(FLOW_TOPIC, COUNT);
}

static void refused_definitions_cost_no_transactions(void **state)
{
    struct flow_broker *broker = *state;
    broker->flow->config.definitions_topic = "definitions";
    rd_kafka_mock_topic_set_error(broker->cluster, "definitions",
                                  RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
    start(broker);
    put_many(broker, 1);
    flow_broker_settle(broker);
    pause_a_moment();
    assert_in_range(committed_begun(), 1, 4);
    put_many(broker, 1);
    flow_broker_settle(broker);
    holds(FLOW_TOPIC, 2 * COUNT);
}

/* The end. */

static void the_end_does_not_wait_for_a_broker_that_is_away(void **state)
{
    struct flow_broker *broker = *state;
    start(broker);
    put_many(broker, 2);
    flow_broker_settle(broker);
    rd_kafka_mock_broker_set_down(broker->cluster, 1);
    put_many(broker, 2);
    int64_t begun = rosc_time_steady();
    flow_broker_stop(broker, 500);
    assert_true(rosc_time_steady() - begun < FLOW_PATIENCE_MS * INT64_C(1000000));
    rd_kafka_mock_broker_set_up(broker->cluster, 1);
    start(broker);
    assert_int_equal(broker->flow->findings.records, 2 * COUNT);
    flow_broker_settle(broker);
    holds(FLOW_TOPIC, 4 * COUNT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, flow_broker_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_commit_says_how_far_it_has_come),
        TEST(nothing_comes_twice_after_crashes),
        TEST(what_is_in_kafka_is_not_sent_again),
        TEST(an_aborted_transaction_begins_again),
        TEST(a_commit_in_doubt_is_asked_for),
        TEST(a_commit_that_takes_long_is_waited_for),
        TEST(refused_records_become_letters_and_the_others_arrive),
        TEST(an_invalid_record_becomes_a_letter_alone),
        TEST(letters_do_not_come_twice_either),
        TEST(a_missing_topic_waits),
        TEST(a_topic_of_letters_that_is_another_routes),
        TEST(nothing_overtakes_a_letter_that_waits),
        TEST(batches_that_are_too_large_are_made_smaller),
        TEST(what_is_aborted_each_time_is_not_asked_for_without_a_rest),
        TEST(positions_are_not_asked_for_without_a_rest),
        TEST(definitions_are_announced_though_their_commit_is_lost),
        TEST(refused_definitions_cost_no_transactions),
        TEST(the_end_does_not_wait_for_a_broker_that_is_away),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
