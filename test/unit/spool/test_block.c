/* Records go into a block and come out as they were; what is no block is not walked past its end.
 */
#include "spool/block.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdlib.h>

static const struct spool_record odometry = {
    .origin = 3,
    .kind = 0x80000001,
    .sequence = UINT64_MAX - 1,
    .timestamp = INT64_MIN,
    .key = "warty",
    .key_size = 5,
    .value = "{\"x\":1.5}",
    .value_size = 9,
};

static void expect_odometry(const struct spool_record *record)
{
    assert_int_equal(record->origin, odometry.origin);
    assert_int_equal(record->kind, odometry.kind);
    assert_true(record->sequence == odometry.sequence);
    assert_true(record->timestamp == odometry.timestamp);
    assert_int_equal(record->key_size, 5);
    assert_memory_equal(record->key, "warty", 5);
    assert_int_equal(record->value_size, 9);
    assert_memory_equal(record->value, "{\"x\":1.5}", 9);
}

static void records_come_out_as_they_were(void **state)
{
    (void)state;
    struct spool_block block;
    spool_block_init(&block, 17, 4096);
    const struct spool_record empty = {.sequence = 1};
    assert_int_equal(spool_block_add(&block, &odometry), ERROR_NONE);
    assert_int_equal(spool_block_add(&block, &empty), ERROR_NONE);
    assert_int_equal(spool_block_add(&block, &odometry), ERROR_NONE);
    assert_int_equal(block.count, 3);
    assert_int_equal(block.bytes.length, 2 * spool_record_bytes(5, 9) + spool_record_bytes(0, 0));
    assert_true(spool_block_is_sound(&block));
    struct spool_record record;
    size_t position = 0;
    assert_true(spool_block_next(&block, &position, &record));
    expect_odometry(&record);
    assert_true(spool_block_next(&block, &position, &record));
    assert_int_equal(record.sequence, 1);
    assert_int_equal(record.key_size + record.value_size, 0);
    assert_true(spool_block_next(&block, &position, &record));
    expect_odometry(&record);
    assert_false(spool_block_next(&block, &position, &record));
    assert_int_equal(position, block.bytes.length);
    spool_block_fini(&block);
}

/* The layout is what stands in block.h, on any machine. */
static void the_layout_is_little_endian(void **state)
{
    (void)state;
    static const unsigned char bytes[] = {
        3,   0,   0,   0,   1,   0,   0,   0x80, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0,   0,   0,   0,   0,   0,   0,   0x80, 5,    0,    0,    0,    9,    0,    0,    0,
        'w', 'a', 'r', 't', 'y', '{', '"', 'x',  '"',  ':',  '1',  '.',  '5',  '}',
    };
    struct spool_block block;
    spool_block_init(&block, 1, 4096);
    assert_int_equal(spool_block_add(&block, &odometry), ERROR_NONE);
    assert_int_equal(block.bytes.length, sizeof bytes);
    assert_memory_equal(block.bytes.data, bytes, sizeof bytes);
    spool_block_fini(&block);
}

static void a_full_block_stays_as_it_was(void **state)
{
    (void)state;
    struct spool_block block;
    spool_block_init(&block, 1, spool_record_bytes(5, 9) + 10);
    assert_int_equal(spool_block_add(&block, &odometry), ERROR_NONE);
    assert_int_equal(spool_block_add(&block, &odometry), ERROR_LIMIT);
    assert_int_equal(block.count, 1);
    assert_true(spool_block_is_sound(&block));
    spool_block_fini(&block);
}

static void what_is_cut_off_is_not_sound(void **state)
{
    (void)state;
    struct spool_block block;
    spool_block_init(&block, 1, 4096);
    assert_true(spool_block_is_sound(&block));
    assert_int_equal(spool_block_add(&block, &odometry), ERROR_NONE);
    assert_int_equal(spool_block_add(&block, &odometry), ERROR_NONE);
    size_t length = block.bytes.length;
    struct spool_record record;
    for (size_t cut = 0; cut < length; cut++) {
        /* A piece of memory of its own, for ASan to see a step beyond it. */
        char *bytes = malloc(cut + 1);
        assert_non_null(bytes);
        memcpy(bytes, block.bytes.data, cut);
        struct spool_block part = {.count = 2, .bytes = {.data = bytes, .length = cut}};
        assert_false(spool_block_is_sound(&part));
        size_t position = 0;
        while (spool_block_next(&part, &position, &record))
            assert_true(position <= cut);
        free(bytes);
    }
    block.count = 1;
    assert_false(spool_block_is_sound(&block));
    block.count = 3;
    assert_false(spool_block_is_sound(&block));
    spool_block_fini(&block);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_come_out_as_they_were),
        cmocka_unit_test(the_layout_is_little_endian),
        cmocka_unit_test(a_full_block_stays_as_it_was),
        cmocka_unit_test(what_is_cut_off_is_not_sound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
