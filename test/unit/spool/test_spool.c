#include "support.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* Reads all blocks from `after` on; returns how many, and in `ids` the first of their ids. */
static size_t read_all(struct spool *spool, uint64_t after, uint64_t *ids, size_t size)
{
    struct spool_block block;
    spool_block_init(&block, 0, 0);
    size_t count = 0;
    enum error_code code;
    while ((code = spool_read(spool, after, &block, NULL)) == ERROR_NONE) {
        spool_test_check(&block);
        assert_true(block.id > after);
        after = block.id;
        if (count < size)
            ids[count] = block.id;
        count++;
    }
    assert_int_equal(code, ERROR_MISSING);
    spool_block_fini(&block);
    return count;
}

static void blocks_come_back_in_order(void **state)
{
    struct spool_test *test = *state;
    uint64_t ids[4] = {0};
    uint64_t first = spool_test_append(test->spool, 3, 700);
    uint64_t second = spool_test_append(test->spool, 1, 0);
    uint64_t third = spool_test_append(test->spool, 100, 5000);
    assert_int_equal(read_all(test->spool, 0, ids, 4), 3);
    assert_int_equal(ids[0], first);
    assert_int_equal(ids[1], second);
    assert_int_equal(ids[2], third);
    assert_int_equal(read_all(test->spool, first, ids, 4), 2);
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
    /* Settled is not read any more, even before it is trimmed. */
    assert_int_equal(read_all(test->spool, 0, ids, 8), 2);
    assert_int_equal(ids[0], made[2]);
    assert_int_equal(ids[1], made[4]);
    struct spool_statistics statistics;
    spool_statistics(test->spool, &statistics);
    assert_int_equal(statistics.blocks, 5);
    assert_int_equal(spool_trim(test->spool, NULL), ERROR_NONE);
    spool_statistics(test->spool, &statistics);
    assert_int_equal(statistics.blocks, 2);
    assert_int_equal(statistics.records, 20);
    assert_int_equal(statistics.bytes, 20 * spool_record_bytes(8, 100));
    spool_test_close(test);
    spool_test_open(test);
    assert_int_equal(test->findings.blocks, 2);
    assert_int_equal(test->findings.records, 20);
    assert_int_equal(test->findings.bytes, 20 * spool_record_bytes(8, 100));
    assert_int_equal(read_all(test->spool, 0, ids, 8), 2);
    assert_int_equal(ids[0], made[2]);
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
    assert_true(spool_next_id(test->spool) > id);
    assert_string_equal(test->findings.damage, "");
    assert_int_equal(test->findings.lost_records, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(blocks_come_back_in_order, spool_test_setup,
                                        spool_test_teardown),
        cmocka_unit_test_setup_teardown(what_is_settled_goes, spool_test_setup,
                                        spool_test_teardown),
        cmocka_unit_test_setup_teardown(sequences_go_on, spool_test_setup, spool_test_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
