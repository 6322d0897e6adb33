/* The accounts: every message once, whatever moves on while they are read. */
#include "test_support.h"

#include "bridge/flow/counters.h"
#include "bridge/to_ros/ros_accounts.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#define MESSAGES 300000

static void assert_adds_up(const struct totals *totals)
{
    assert_int_equal(totals->received + totals->restored,
                     totals->delivered + totals->dead_lettered + totals_dropped(totals) +
                         totals->spooled + totals_pending(totals));
}

/* One of six ways of a record, in the order in which the flow counts: what it accepted it releases
 * before its fate is told. */
static void pass(struct counters *counters, int way)
{
    static const enum drop_reason reasons[] = {DROP_QUEUE_FULL, DROP_SPOOL_FULL};
    if (way == 0) {
        counter_add(&counters->dropped[reasons[0]], 1);
        return;
    }
    counter_add(&counters->accepted, 1);
    if (way == 5)
        return;
    counter_add(&counters->released, 1);
    if (way == 1)
        counter_add(&counters->dropped[reasons[1]], 1);
    else if (way == 2)
        counter_add(&counters->dead_lettered, 1);
    else
        counter_add(&counters->delivered, 1);
}

/* By turns one message that is taken apart into six records, and six messages. */
static void *pass_many(void *user)
{
    struct counters *counters = user;
    for (int i = 0; i < MESSAGES; i++) {
        int turn = i % 12;
        if (turn == 0 || turn > 5)
            counter_add(&counters->received, 1);
        if (turn == 0)
            counter_add(&counters->received, 5);
        pass(counters, i % 6);
    }
    return NULL;
}

static void they_add_up_at_every_moment(void **state)
{
    (void)state;
    static struct counters counters; /* outlives a failed assertion, as the threads do */
    struct totals totals = {0};
    pthread_t threads[2];
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, pass_many, &counters), 0);
    while (totals.received < 2 * MESSAGES) {
        totals = (struct totals){0};
        totals_add(&totals, &counters);
        assert_adds_up(&totals);
        assert_true(totals.spooled <= totals.received);
    }
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    totals = (struct totals){0};
    totals_add(&totals, &counters);
    assert_int_equal(totals.spooled, 2 * MESSAGES / 6);
    assert_int_equal(totals_pending(&totals), 0);
}

/* A reader that comes between the two counts of one message. */
static void a_fate_that_is_told_before_its_release_is_counted_once(void **state)
{
    (void)state;
    struct counters counters = {0};
    struct totals totals = {0};
    counter_add(&counters.received, 2);
    counter_add(&counters.accepted, 2);
    counter_add(&counters.delivered, 2);
    counter_add(&counters.released, 1);
    totals_add(&totals, &counters);
    assert_int_equal(totals.spooled, 0);
    assert_adds_up(&totals);
}

struct seen {
    size_t count;
    uint64_t received;
    const char *last;
};

/* What was received is never taken back, as a counter that falls is a restart to who reads it. */
static void what_was_given_back_is_not_received_any_more(void **state)
{
    struct counters counters = {0};
    struct totals totals = {0};
    (void)state;
    counter_add(&counters.received, 3);
    counter_add(&counters.delivered, 1);
    counter_add(&counters.given_back, 2);
    totals_add(&totals, &counters);
    assert_adds_up(&totals);
    assert_int_equal(totals.received, 1);
    assert_int_equal(totals.given_back, 2);
    assert_int_equal(totals_pending(&totals), 0);
}

static void look(const struct account *account, void *user)
{
    struct seen *seen = user;
    seen->count++;
    seen->received += account->totals.received;
    seen->last = account->kafka_topic;
}

static void a_ledger_has_one_account_for_each_pair_of_topics(void **state)
{
    (void)state;
    struct ros_accounts ros_accounts;
    struct seen seen = {0};
    struct totals totals = {0};
    ros_accounts_init(&ros_accounts);
    struct counters *first = ros_accounts_open(&ros_accounts, "kafka_to_ros[0]", "a", "");
    assert_ptr_equal(ros_accounts_open(&ros_accounts, "kafka_to_ros[0]", "a", ""), first);
    assert_ptr_not_equal(ros_accounts_open(&ros_accounts, "kafka_to_ros[1]", "a", ""), first);
    assert_ptr_not_equal(ros_accounts_open(&ros_accounts, "kafka_to_ros[0]", "b", ""), first);
    counter_add(&first->received, 3);
    ros_accounts_visit(&ros_accounts, look, &seen);
    assert_int_equal(seen.count, 3);
    assert_string_equal(seen.last, "b");
    ros_accounts_totals(&ros_accounts, &totals);
    assert_int_equal(totals.received, 3);
    ros_accounts_fini(&ros_accounts);
}

/* "topic0", "topic1", ... in this order. */
static void look_in_order(const struct account *account, void *user)
{
    struct seen *seen = user;
    char topic[32];
    (void)snprintf(topic, sizeof topic, "topic%d", (int)seen->count);
    assert_string_equal(account->kafka_topic, topic);
    assert_int_equal(account->totals.received, 1 + 2 * (seen->count % 2));
    seen->count++;
}

static void a_ledger_of_ten_thousand_topics_has_each_one_once_in_order(void **state)
{
    enum { COUNT = 10000 };
    struct ros_accounts ros_accounts;
    struct seen seen = {0};
    char topic[32];
    (void)state;
    ros_accounts_init(&ros_accounts);
    for (int i = 0; i < COUNT; i++) {
        (void)snprintf(topic, sizeof topic, "topic%d", i);
        counter_add(&ros_accounts_open(&ros_accounts, "kafka_to_ros[0]", topic, "")->received, 1);
    }
    for (int i = 1; i < COUNT; i += 2) {
        (void)snprintf(topic, sizeof topic, "topic%d", i);
        struct counters *counters = ros_accounts_of_kafka(&ros_accounts, "kafka_to_ros[1]", topic);
        assert_ptr_equal(ros_accounts_open(&ros_accounts, "kafka_to_ros[0]", topic, ""), counters);
        counter_add(&counters->received, 2);
    }
    ros_accounts_visit(&ros_accounts, look_in_order, &seen);
    assert_int_equal(seen.count, COUNT);
    ros_accounts_fini(&ros_accounts);
}

/* Texts that are equal when they are put together are not equal one by one. */
static void a_ledger_tells_texts_by_where_they_end(void **state)
{
    struct ros_accounts ros_accounts;
    (void)state;
    ros_accounts_init(&ros_accounts);
    struct counters *one = ros_accounts_open(&ros_accounts, "b[0]", "a", "");
    struct counters *other = ros_accounts_open(&ros_accounts, "[0]", "ab", "");
    assert_ptr_not_equal(one, other);
    assert_ptr_equal(ros_accounts_of_kafka(&ros_accounts, "c", "a"), one);
    assert_ptr_equal(ros_accounts_of_kafka(&ros_accounts, "c", "ab"), other);
    ros_accounts_fini(&ros_accounts);
}

static void a_ledger_is_bounded(void **state)
{
    (void)state;
    struct ros_accounts ros_accounts;
    struct seen seen = {0};
    struct totals totals = {0};
    char topic[32];
    ros_accounts_init(&ros_accounts);
    for (int i = 0; i < LEDGER_ACCOUNTS + 5; i++) {
        (void)snprintf(topic, sizeof topic, "topic%d", i);
        counter_add(&ros_accounts_open(&ros_accounts, "kafka_to_ros[0]", topic, "")->received, 1);
    }
    ros_accounts_visit(&ros_accounts, look, &seen);
    assert_int_equal(seen.count, LEDGER_ACCOUNTS + 1);
    assert_int_equal(seen.received, LEDGER_ACCOUNTS + 5);
    assert_string_equal(seen.last, "");
    ros_accounts_totals(&ros_accounts, &totals);
    assert_int_equal(totals.received, LEDGER_ACCOUNTS + 5);
    ros_accounts_fini(&ros_accounts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(they_add_up_at_every_moment),
        cmocka_unit_test(a_fate_that_is_told_before_its_release_is_counted_once),
        cmocka_unit_test(what_was_given_back_is_not_received_any_more),
        cmocka_unit_test(a_ledger_has_one_account_for_each_pair_of_topics),
        cmocka_unit_test(a_ledger_of_ten_thousand_topics_has_each_one_once_in_order),
        cmocka_unit_test(a_ledger_tells_texts_by_where_they_end),
        cmocka_unit_test(a_ledger_is_bounded),
    };
    return cmocka_run_group_tests_name("counters", tests, NULL, NULL);
}
