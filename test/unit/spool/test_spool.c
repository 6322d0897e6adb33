/* What is kept is read back as it was, in order, until it is settled; sequences, origins and notes
 * go on after a restart. */
#include "support.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct spool_statistics statistics_of(struct spool *spool)
{
    struct spool_statistics statistics;
    spool_statistics(spool, &statistics);
    return statistics;
}

static void blocks_come_back_in_order(void **state)
{
    struct spool_test *test = *state;
    uint64_t ids[4] = {0};
    uint64_t first = spool_test_append(test->spool, 3, 700);
    uint64_t second = spool_test_append(test->spool, 1, 0);
    uint64_t third = spool_test_append(test->spool, 100, 5000);
    assert_int_equal(spool_test_read_all(test->spool, 0, ids, 4), 3);
    assert_int_equal(ids[0], first);
    assert_int_equal(ids[1], second);
    assert_int_equal(ids[2], third);
    assert_int_equal(spool_test_read_all(test->spool, first, ids, 4), 2);
}

static void what_is_settled_goes(void **state)
{
    struct spool_test *test = *state;
    uint64_t ids[8] = {0};
    uint64_t made[5];
    for (int i = 0; i < 5; i++)
        made[i] = spool_test_append(test->spool, 10, 100);
    spool_settle(test->spool, made[0]);
    spool_settle(test->spool, made[3]);
    spool_settle(test->spool, made[1]);
    spool_settle(test->spool, spool_next_id(test->spool)); /* never appended */
    /* Settled is not read any more, even before it is trimmed. */
    assert_int_equal(spool_test_read_all(test->spool, 0, ids, 8), 2);
    assert_int_equal(ids[0], made[2]);
    assert_int_equal(ids[1], made[4]);
    assert_int_equal(statistics_of(test->spool).blocks, 5);
    assert_int_equal(spool_trim(test->spool, NULL), ERROR_NONE);
    struct spool_statistics statistics = statistics_of(test->spool);
    assert_int_equal(statistics.blocks, 2);
    assert_int_equal(statistics.records, 20);
    assert_int_equal(statistics.bytes, 20 * spool_record_bytes(8, 100));
    assert_true(statistics.file_bytes > statistics.bytes);
    spool_test_close(test);
    spool_test_open(test);
    assert_int_equal(test->findings.blocks, 2);
    assert_int_equal(test->findings.records, 20);
    assert_int_equal(test->findings.bytes, 20 * spool_record_bytes(8, 100));
    assert_int_equal(spool_test_read_all(test->spool, 0, ids, 8), 2);
    assert_int_equal(ids[0], made[2]);
}

static void settled_goes_with_close(void **state)
{
    struct spool_test *test = *state;
    spool_settle(test->spool, spool_test_append(test->spool, 10, 100));
    spool_test_close(test);
    spool_test_open(test);
    assert_int_equal(test->findings.blocks, 0);
}

static void a_block_takes_the_place_of_one(void **state)
{
    struct spool_test *test = *state;
    uint64_t ids[4] = {0};
    (void)spool_test_append(test->spool, 2, 10);
    uint64_t id = spool_test_append(test->spool, 10, 100);
    (void)spool_test_append(test->spool, 2, 10);
    spool_test_append_as(test->spool, id, 4, 50);
    struct spool_statistics statistics = statistics_of(test->spool);
    assert_int_equal(statistics.blocks, 3);
    assert_int_equal(statistics.records, 8);
    assert_int_equal(statistics.bytes,
                     4 * spool_record_bytes(8, 10) + 4 * spool_record_bytes(8, 50));
    assert_int_equal(spool_test_read_all(test->spool, 0, ids, 4), 3);
    assert_int_equal(ids[1], id);
    spool_test_append_as(test->spool, id, 20, 50);
    assert_int_equal(statistics_of(test->spool).records, 24);
    spool_test_close(test);
    spool_test_open(test);
    assert_int_equal(test->findings.records, 24);
    assert_int_equal(test->findings.lost_records, 0);
}

static void a_block_may_come_late(void **state)
{
    struct spool_test *test = *state;
    uint64_t ids[4] = {0};
    uint64_t late = spool_next_id(test->spool);
    uint64_t early = spool_test_append(test->spool, 2, 10);
    spool_test_append_as(test->spool, late, 3, 10);
    assert_int_equal(spool_test_read_all(test->spool, 0, ids, 4), 2);
    assert_int_equal(ids[0], late);
    assert_int_equal(ids[1], early);
    assert_int_equal(statistics_of(test->spool).records, 5);
}

static void sequences_go_on(void **state)
{
    struct spool_test *test = *state;
    (void)spool_test_append(test->spool, 5, 10);
    uint64_t id = spool_test_append(test->spool, 5, 10);
    spool_test_close(test);
    spool_test_open(test);
    assert_int_equal(spool_sequence(test->spool, "odometry")->next, 10);
    assert_int_equal(spool_sequence(test->spool, "scan")->next, 0);
    assert_ptr_equal(spool_sequence(test->spool, "scan"), spool_sequence(test->spool, "scan"));
    assert_true(spool_next_id(test->spool) > id);
    assert_string_equal(test->findings.damage, "");
    assert_int_equal(test->findings.lost_records, 0);
}

static void what_was_reserved_and_not_used_is_given_back(void **state)
{
    struct spool_test *test = *state;
    struct spool_sequence *sequence = spool_sequence(test->spool, "odometry");
    assert_int_equal(spool_reserve(test->spool, sequence, 1000, NULL), ERROR_NONE);
    assert_int_equal(sequence->reserved, 1000);
    sequence->next = 10;
    spool_test_close(test);
    spool_test_open(test);
    sequence = spool_sequence(test->spool, "odometry");
    assert_int_equal(sequence->next, 10);
    assert_int_equal(sequence->reserved, 10);
}

static void notes_are_found_again(void **state)
{
    struct spool_test *test = *state;
    struct spool_note *note = spool_note(test->spool, "/warty/odom /robot");
    assert_false(note->known);
    note->value = 41;
    note->changed = true;
    (void)spool_test_append(test->spool, 1, 1);
    assert_false(note->changed);
    note->value = 42;
    note->changed = true;
    (void)spool_test_append(test->spool, 1, 1);
    assert_ptr_equal(spool_note(test->spool, "/warty/odom /robot"), note);
    spool_test_close(test);
    spool_test_open(test);
    note = spool_note(test->spool, "/warty/odom /robot");
    assert_true(note->known);
    assert_int_equal(note->found, 42);
    assert_int_equal(note->value, 42);
    assert_false(spool_note(test->spool, "another")->known);
}

static void old_notes_are_forgotten(void **state)
{
    struct spool_test *test = *state;
    char name[32];
    for (int i = 0; i < SPOOL_NOTES_LIMIT + 100; i++) {
        (void)snprintf(name, sizeof name, "note %d", i);
        struct spool_note *note = spool_note(test->spool, name);
        note->value = (uint64_t)i;
        note->changed = true;
        if (i % 50 == 49)
            (void)spool_test_append(test->spool, 1, 1);
    }
    for (int turn = 0; turn < 2; turn++) {
        spool_test_close(test);
        spool_test_open(test);
        assert_false(spool_note(test->spool, "note 99")->known);
        assert_int_equal(spool_note(test->spool, "note 100")->found, 100);
        assert_int_equal(spool_note(test->spool, "note 1099")->found, 1099);
    }
}

static void origins_are_found_again(void **state)
{
    struct spool_test *test = *state;
    uint32_t id = spool_test_origin(test->spool);
    assert_int_equal(spool_test_origin(test->spool), id);
    struct spool_origin other = *spool_origin_get(test->spool, id);
    other.latched = true;
    other.publisher = "";
    uint32_t other_id = 0;
    assert_int_equal(spool_origin_add(test->spool, &other, &other_id, NULL), ERROR_NONE);
    assert_true(other_id != id);
    (void)spool_test_append(test->spool, 1, 1);
    char *identity = strdup(spool_identity(test->spool));
    assert_int_equal(strlen(identity), 32);
    spool_test_close(test);
    spool_test_open(test);
    assert_string_equal(spool_identity(test->spool), identity);
    free(identity);
    const struct spool_origin *found = spool_origin_get(test->spool, id);
    assert_non_null(found);
    assert_string_equal(found->robot, "warty");
    assert_string_equal(found->ros_topic, "/warty/odom");
    assert_string_equal(found->ros_type, "nav_msgs/Odometry");
    assert_string_equal(found->definition, "Header header\n");
    assert_string_equal(found->kafka_topic, "odometry");
    assert_string_equal(found->publisher, "/driver");
    assert_false(found->latched);
    assert_true(found->headers);
    assert_true(spool_origin_get(test->spool, other_id)->latched);
    assert_string_equal(spool_origin_get(test->spool, other_id)->publisher, "");
    assert_string_equal(spool_origin_get(test->spool, other_id)->ros_topic, "/warty/odom");
    assert_null(spool_origin_get(test->spool, 0));
    assert_null(spool_origin_get(test->spool, 3));
    assert_int_equal(spool_test_origin(test->spool), id);
}

/* The origin `i` of many: in turn another topic, another publisher of it, and both latched. */
static uint32_t nth_origin(struct spool *spool, int i)
{
    char topic[32], publisher[32];
    uint32_t id = 0;
    (void)snprintf(topic, sizeof topic, "topic%d", i / 4);
    (void)snprintf(publisher, sizeof publisher, "/node%d", i / 2 % 2);
    struct spool_origin origin = {.robot = "warty",
                                  .ros_topic = "/topic",
                                  .ros_type = "std_msgs/Empty",
                                  .ros_md5sum = "d41d8cd98f00b204e9800998ecf8427e",
                                  .definition = "",
                                  .kafka_topic = topic,
                                  .publisher = publisher,
                                  .latched = i % 2 != 0};
    assert_int_equal(spool_origin_add(spool, &origin, &id, NULL), ERROR_NONE);
    return id;
}

static void ten_thousand_origins_are_found_again(void **state)
{
    enum { COUNT = 10000 };
    struct spool_test *test = *state;
    uint32_t before = spool_test_origin(test->spool);
    for (int turn = 0; turn < 3; turn++) {
        for (int i = COUNT; i-- > 0;)
            assert_int_equal(nth_origin(test->spool, i), before + (uint32_t)(COUNT - i));
        if (turn > 0)
            continue;
        (void)spool_test_append(test->spool, 1, 1);
        spool_test_close(test);
        spool_test_open(test);
    }
    const struct spool_origin *last = spool_origin_get(test->spool, before + COUNT);
    assert_string_equal(last->kafka_topic, "topic0");
    assert_string_equal(last->publisher, "/node0");
    assert_false(last->latched);
    assert_null(spool_origin_get(test->spool, before + COUNT + 1));
}

static void what_is_over_max_bytes_is_refused(void **state)
{
    struct spool_test *test = *state;
    spool_test_close(test);
    test->options.max_bytes = 10000;
    spool_test_open(test);
    uint64_t first = spool_test_append(test->spool, 1, 4000);
    uint64_t second = spool_test_append(test->spool, 1, 4000);
    struct spool_block block;
    spool_block_init(&block, spool_next_id(test->spool), 10000);
    static const char value[4000];
    const struct spool_record record = {.value = value, .value_size = sizeof value};
    assert_int_equal(spool_block_add(&block, &record), ERROR_NONE);
    const struct spool_block *const blocks[] = {&block};
    struct error error;
    assert_int_equal(spool_append(test->spool, blocks, 1, &error), ERROR_FULL);
    assert_non_null(strstr(error.text, "max_bytes (10000)"));
    assert_int_equal(statistics_of(test->spool).blocks, 2);
    spool_settle(test->spool, first);
    assert_int_equal(spool_append(test->spool, blocks, 1, &error), ERROR_NONE);
    assert_int_equal(statistics_of(test->spool).blocks, 2);
    /* What was settled goes even where there is no room for more. */
    block.id = spool_next_id(test->spool);
    assert_int_equal(spool_append(test->spool, blocks, 1, &error), ERROR_FULL);
    spool_settle(test->spool, second);
    static const char large[9000];
    buffer_clear(&block.bytes);
    block.count = 0;
    const struct spool_record large_record = {.value = large, .value_size = sizeof large};
    assert_int_equal(spool_block_add(&block, &large_record), ERROR_NONE);
    assert_int_equal(spool_append(test->spool, blocks, 1, &error), ERROR_FULL);
    assert_int_equal(statistics_of(test->spool).blocks, 1);
    spool_block_fini(&block);
}

static void an_empty_spool_gives_the_disk_back(void **state)
{
    struct spool_test *test = *state;
    uint64_t last = 0;
    spool_test_close(test);
    test->options.max_bytes = 1 << 30;
    spool_test_open(test);
    for (int i = 0; i < 80; i++)
        last = spool_test_append(test->spool, 1, 1 << 20);
    assert_true(statistics_of(test->spool).file_bytes > 80 << 20);
    for (uint64_t id = 1; id <= last; id++)
        spool_settle(test->spool, id);
    assert_int_equal(spool_trim(test->spool, NULL), ERROR_NONE);
    struct spool_statistics statistics = statistics_of(test->spool);
    assert_int_equal(statistics.blocks, 0);
    assert_true(statistics.file_bytes < 20 << 20);
    (void)spool_test_append(test->spool, 1, 100);
    assert_int_equal(statistics_of(test->spool).records, 1);
}

static void a_tool_looks_while_a_node_writes(void **state)
{
    struct spool_test *test = *state;
    (void)spool_test_append(test->spool, 10, 100);
    struct spool *look;
    struct error error;
    assert_int_equal(spool_open_read_only(test->path, &look, &error), ERROR_NONE);
    uint64_t ids[4];
    assert_int_equal(spool_test_read_all(look, 0, ids, 4), 1);
    assert_int_equal(statistics_of(look).records, 10);
    assert_string_equal(spool_origin_get(look, 1)->kafka_topic, "odometry");
    (void)spool_test_append(test->spool, 10, 100);
    assert_int_equal(spool_test_read_all(look, 0, ids, 4), 2);
    spool_close(look);
    spool_test_close(test);
    assert_int_equal(spool_open_read_only(test->path, &look, &error), ERROR_NONE);
    assert_int_equal(spool_test_read_all(look, 0, ids, 4), 2);
    spool_close(look);
    assert_int_equal(spool_open_read_only("/nowhere/warty.db", &look, &error), ERROR_MISSING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SPOOL_TEST(blocks_come_back_in_order),
        SPOOL_TEST(what_is_settled_goes),
        SPOOL_TEST(settled_goes_with_close),
        SPOOL_TEST(a_block_takes_the_place_of_one),
        SPOOL_TEST(a_block_may_come_late),
        SPOOL_TEST(sequences_go_on),
        SPOOL_TEST(what_was_reserved_and_not_used_is_given_back),
        SPOOL_TEST(notes_are_found_again),
        SPOOL_TEST(old_notes_are_forgotten),
        SPOOL_TEST(origins_are_found_again),
        SPOOL_TEST(ten_thousand_origins_are_found_again),
        SPOOL_TEST(what_is_over_max_bytes_is_refused),
        SPOOL_TEST(an_empty_spool_gives_the_disk_back),
        SPOOL_TEST(a_tool_looks_while_a_node_writes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
