/* What is looked up by a name is found again where there are ten thousand of them, and nothing else
 * is. */
#include "test_support.h"

#include "bridge/publish/in_flight.h"
#include "bridge/publish/latches.h"
#include "bridge/send/gates.h"
#include "bridge/send/record_times.h"
#include "bridge/send/topic_progress.h"
#include "bridge/to_kafka/target.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT 10000

static const struct to_kafka_route route = {.path = "ros_to_kafka[0]"};

static const char *name_of(const char *start, int i)
{
    static char name[NAMES_KAFKA_TOPIC_SIZE];
    (void)snprintf(name, sizeof name, "%s%d", start, i);
    return name;
}

static enum error_code get_target(struct targets *targets, const char *ros_topic,
                                  struct target **target)
{
    struct error error;
    return targets_get(targets, &route, ros_topic, "std_msgs/String", target, &error);
}

static void targets_are_found_and_rivals_refused(void **state)
{
    static struct target *found[COUNT];
    struct config config = {.robot = "warty", .definitions_topic = "definitions"};
    struct targets *targets = NULL;
    struct target *target = NULL;
    struct error error;
    (void)state;
    assert_int_equal(targets_create(&config, &targets, &error), ERROR_NONE);
    for (int turn = 0; turn < 2; turn++)
        for (int i = 0; i < COUNT; i++) {
            assert_int_equal(get_target(targets, name_of("/camera/", i), &target), ERROR_NONE);
            assert_string_equal(target->kafka_topic, name_of("camera.", i));
            if (turn > 0)
                assert_ptr_equal(target, found[i]);
            found[i] = target;
        }
    for (int i = 0; i < COUNT; i += 1111) {
        char letters[64];
        assert_int_equal(get_target(targets, name_of("/camera_", i), &target), ERROR_RANGE);
        (void)snprintf(letters, sizeof letters, "/camera/%d_dead_letter", i);
        assert_int_equal(get_target(targets, letters, &target), ERROR_RANGE);
    }
    assert_int_equal(get_target(targets, "/a/dead_letter", &target), ERROR_NONE);
    assert_int_equal(get_target(targets, "/a", &target), ERROR_NONE); /* its own letters */
    assert_int_equal(get_target(targets, "/b_dead_letter", &target), ERROR_NONE);
    assert_int_equal(get_target(targets, "/b", &target), ERROR_RANGE);
    targets_destroy(targets);
}

/* Origins of the topics "t0", "t1", ..., and one more of each. */
struct many {
    struct spool_origin facts[2 * COUNT];
    struct origin origins[2 * COUNT];
    char topics[COUNT][16];
};

static int make_many(void **state)
{
    struct many *many = calloc(1, sizeof *many);
    if (!many)
        return -1;
    for (int i = 0; i < 2 * COUNT; i++) {
        char *topic = many->topics[i % COUNT];
        (void)snprintf(topic, sizeof many->topics[0], "t%d", i % COUNT);
        many->facts[i].kafka_topic = topic;
        many->origins[i].facts = &many->facts[i];
    }
    *state = many;
    return 0;
}

static int free_many(void **state)
{
    free(*state);
    return 0;
}

static void origins_of_one_topic_share_its_gate(void **state)
{
    struct many *many = *state;
    struct gates gates;
    gates_init(&gates, true);
    for (int i = 0; i < 2 * COUNT; i++)
        assert_string_equal(gates_of(&gates, &many->origins[i], false)->topic,
                            many->facts[i].kafka_topic);
    for (int i = 0; i < COUNT; i++)
        assert_ptr_equal(many->origins[i].gate, many->origins[COUNT + i].gate);
    (void)gate_close(&gates, many->origins[COUNT / 2].gate, 7, "t5000", "it is missing");
    for (int i = 0; i < 2 * COUNT; i++)
        assert_int_equal(gate_is_open(many->origins[i].gate), i % COUNT != COUNT / 2);
    gates_fini(&gates);
}

static void origins_of_one_topic_share_its_times(void **state)
{
    static struct time_limits *found[COUNT];
    struct many *many = *state;
    struct config config = {.robot = "warty"};
    struct record_times *times = NULL;
    assert_int_equal(record_times_create(&config, &times), ERROR_NONE);
    for (int i = 0; i < 2 * COUNT; i++) {
        struct time_limits *got =
            record_times_topic(times, many->facts[i].kafka_topic, &many->facts[i]);
        assert_non_null(got);
        if (i < COUNT)
            found[i] = got;
        else
            assert_ptr_equal(got, found[i - COUNT]);
        if (i > 0)
            assert_ptr_not_equal(got, found[(i - 1) % COUNT]);
    }
    record_times_destroy(times);
}

static void each_topic_has_its_progress_in_a_transaction(void **state)
{
    struct many *many = *state;
    struct topics_progress topics = {0};
    for (int turn = 0; turn < 3; turn++) {
        topics_progress_begin(&topics);
        assert_null(topics_progress_find(&topics, &many->origins[0]));
        for (int i = 0; i < 2 * COUNT; i++) {
            struct topic_progress *topic = topics_progress_get(&topics, &many->origins[i]);
            assert_int_equal(topic->index, i % COUNT);
            assert_int_equal(topic->next, i < COUNT ? 0 : i - COUNT + 1);
            topic->next = (uint64_t)i + 1;
        }
        assert_int_equal(topics.count, COUNT);
        assert_ptr_equal(topics.list[COUNT - 1],
                         topics_progress_find(&topics, &many->origins[COUNT - 1]));
    }
    topics_progress_begin(&topics);
    assert_int_equal(topics_progress_get(&topics, &many->origins[5])->index, 0);
    assert_null(topics_progress_find(&topics, &many->origins[0]));
    assert_int_equal(topics.count, 1);
    topics_progress_fini(&topics);
}

static bool is_written(const struct publication *publication, uint64_t number)
{
    (void)publication;
    return number % 2 == 0;
}

static void count_store(const char *topic, int32_t partition, int64_t offset, void *user)
{
    assert_string_equal(topic, name_of("t", (int)offset / 2));
    assert_int_equal(partition, offset % 2);
    ++*(int *)user;
}

/* Two partitions each: the record of partition 0 is written, that of 1 is not. */
static void partitions_in_flight_are_told_from_each_other(void **state)
{
    struct in_flight in_flight;
    int stores = 0;
    (void)state;
    in_flight_init(&in_flight, SIZE_MAX, is_written);
    for (int i = 0; i < 2 * COUNT; i++) {
        const char *topic = name_of("t", i / 2);
        assert_int_equal(in_flight_reserve(&in_flight, topic, i % 2, 1), ERROR_NONE);
        in_flight_add(&in_flight, topic, i % 2, i, (const struct publication *)&stores, (uint64_t)i,
                      1);
    }
    in_flight_settle(&in_flight, count_store, &stores);
    assert_int_equal(stores, COUNT);
    for (int i = 0; i < 2 * COUNT; i++) {
        assert_int_equal(in_flight_is_settled(&in_flight, name_of("t", i / 2), i % 2), i % 2 == 0);
        in_flight_forget(&in_flight, name_of("t", i / 2), i % 2);
        assert_true(in_flight_is_settled(&in_flight, name_of("t", i / 2), i % 2));
    }
    assert_true(in_flight_is_empty(&in_flight));
    in_flight_fini(&in_flight);
}

static void latches_are_those_of_their_partition(void **state)
{
    struct latches latches = {0};
    char text[64], expected[64];
    (void)state;
    for (int i = 0; i < COUNT; i++) {
        (void)snprintf(text, sizeof text, "latched:%d", i);
        latches_begin(&latches, name_of("t", i / 2), i % 2, text);
    }
    for (int i = 0; i < COUNT; i++) {
        (void)snprintf(expected, sizeof expected, "latched:%d", i);
        assert_true(latches_text(&latches, name_of("t", i / 2), i % 2, text, sizeof text));
        assert_string_equal(text, expected);
        if (i % 3 == 0)
            latches_forget(&latches, name_of("t", i / 2), i % 2);
    }
    for (int i = 0; i < COUNT; i++)
        assert_int_equal(latches_next(&latches, name_of("t", i / 2), i % 2, -1),
                         i % 3 == 0 ? -1 : i);
    latches_fini(&latches);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(targets_are_found_and_rivals_refused),
        cmocka_unit_test_setup_teardown(origins_of_one_topic_share_its_gate, make_many, free_many),
        cmocka_unit_test_setup_teardown(origins_of_one_topic_share_its_times, make_many, free_many),
        cmocka_unit_test_setup_teardown(each_topic_has_its_progress_in_a_transaction, make_many,
                                        free_many),
        cmocka_unit_test(partitions_in_flight_are_told_from_each_other),
        cmocka_unit_test(latches_are_those_of_their_partition),
    };
    return cmocka_run_group_tests_name("many names", tests, NULL, NULL);
}
