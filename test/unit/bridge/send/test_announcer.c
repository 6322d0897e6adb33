/* Definitions: each once, those that were refused again later, and none forgotten. */
#include "test_support.h"

#include "bridge/send/announcer.h"

static const struct spool_origin one = {.ros_type = "a/One",
                                        .ros_md5sum = "11111111111111111111111111111111",
                                        .definition = "int32 x\n"};
static const struct spool_origin two = {.ros_type = "a/Two",
                                        .ros_md5sum = "22222222222222222222222222222222",
                                        .definition = "int32 y\n"};
static const struct spool_origin unknown = {
    .ros_type = "a/Three", .ros_md5sum = "33333333333333333333333333333333", .definition = ""};

static int setup(void **state)
{
    struct announcer *announcer = NULL;
    if (announcer_create("definitions", &announcer) != ERROR_NONE)
        return -1;
    *state = announcer;
    return 0;
}

static int teardown(void **state)
{
    announcer_destroy(*state);
    return 0;
}

static void add(struct announcer *announcer, const struct spool_origin *facts)
{
    struct origin origin = {.facts = facts};
    announcer_add(announcer, &origin);
    assert_true(origin.announced);
}

static void report(struct announcer *announcer, uint64_t tag, enum kafka_delivery delivery)
{
    const struct kafka_report made = {.delivery = delivery, .tag = tag, .reason = "for a test"};
    announcer_report(announcer, &made);
}

static void each_is_sent_once(void **state)
{
    struct announcer *announcer = *state;
    assert_false(announcer_is_waiting(announcer));
    add(announcer, &unknown);
    assert_false(announcer_is_waiting(announcer));
    add(announcer, &one);
    assert_true(announcer_is_waiting(announcer));
    report(announcer, 0, KAFKA_DELIVERED);
    assert_false(announcer_is_waiting(announcer));
    add(announcer, &one);
    assert_false(announcer_is_waiting(announcer));
}

static void without_a_topic_none_is_sent(void **state)
{
    struct announcer *announcer = NULL;
    (void)state;
    assert_int_equal(announcer_create("", &announcer), ERROR_NONE);
    add(announcer, &one);
    assert_false(announcer_is_waiting(announcer));
    announcer_destroy(announcer);
}

static void what_came_back_is_sent_again(void **state)
{
    struct announcer *announcer = *state;
    add(announcer, &one);
    report(announcer, 0, KAFKA_NOT_DELIVERED);
    assert_true(announcer_is_waiting(announcer));
}

/* A refused one waits for a while, and the others do not wait with it. */
static void what_is_refused_waits_alone(void **state)
{
    struct announcer *announcer = *state;
    add(announcer, &one);
    report(announcer, 0, KAFKA_REFUSED);
    assert_false(announcer_is_waiting(announcer));
    add(announcer, &two);
    assert_true(announcer_is_waiting(announcer));
    report(announcer, 1, KAFKA_DELIVERED);
    assert_false(announcer_is_waiting(announcer));
}

static void a_transaction_that_came_to_nothing_is_sent_again(void **state)
{
    struct announcer *announcer = *state;
    add(announcer, &one);
    report(announcer, 0, KAFKA_DELIVERED);
    announcer_abort(announcer);
    assert_true(announcer_is_waiting(announcer));
    report(announcer, 0, KAFKA_DELIVERED);
    announcer_commit(announcer);
    announcer_abort(announcer); /* of another one */
    assert_false(announcer_is_waiting(announcer));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_is_sent_once),
        TEST(without_a_topic_none_is_sent),
        TEST(what_came_back_is_sent_again),
        TEST(what_is_refused_waits_alone),
        TEST(a_transaction_that_came_to_nothing_is_sent_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
