/* Wherever memory runs out, in this room or in SQLite, an error comes back, and what was kept
 * before is there afterwards. */
#include "../message/allocations.h"
#include "support.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define UNLIMITED (-1)

static int left = UNLIMITED; /* allocations of SQLite's that succeed */
static sqlite3_mem_methods real;

static bool may_allocate(void)
{
    if (left > 0)
        left--;
    return left != 0;
}

static void *limited_malloc(int size)
{
    return may_allocate() ? real.xMalloc(size) : NULL;
}

static void *limited_realloc(void *old, int size)
{
    return may_allocate() ? real.xRealloc(old, size) : NULL;
}

static int limit_sqlite(void **state)
{
    (void)state;
    if (sqlite3_config(SQLITE_CONFIG_GETMALLOC, &real) != SQLITE_OK)
        return -1;
    sqlite3_mem_methods limited = real;
    limited.xMalloc = limited_malloc;
    limited.xRealloc = limited_realloc;
    return sqlite3_config(SQLITE_CONFIG_MALLOC, &limited) == SQLITE_OK ? 0 : -1;
}

static bool is_expected(enum error_code code)
{
    return code == ERROR_NONE || code == ERROR_MEMORY;
}

/* Some of all that a spool does; ends at the first error. Counts the blocks that are kept. */
static void use(const struct spool_test *test, struct spool **spool, size_t *kept)
{
    struct error error;
    struct spool_findings findings;
    enum error_code code = spool_open(&test->options, spool, &findings, &error);
    if (!is_expected(code))
        fail_msg("open: %s", error.text);
    if (code != ERROR_NONE)
        return;
    assert_string_equal(findings.damage, "");
    const struct spool_origin origin = {.robot = "warty",
                                        .ros_topic = "/odom",
                                        .ros_type = "nav_msgs/Odometry",
                                        .ros_md5sum = "cd5e",
                                        .definition = "Header header",
                                        .kafka_topic = "odometry"};
    uint32_t id = 0;
    struct spool_sequence *sequence = spool_sequence(*spool, "odometry");
    struct spool_note *note = spool_note(*spool, "seen");
    if (!sequence || !note || spool_origin_add(*spool, &origin, &id, &error) != ERROR_NONE)
        return;
    struct spool_block block;
    spool_block_init(&block, 0, 1 << 20);
    const struct spool_record record = {.origin = id, .value = "{}", .value_size = 2};
    const struct spool_block *const blocks[] = {&block};
    for (int i = 0; i < 3 && code == ERROR_NONE; i++) {
        block.id = spool_next_id(*spool);
        code = spool_block_add(&block, &record);
        note->changed = sequence->changed = true;
        sequence->next++;
        if (code == ERROR_NONE)
            code = spool_append(*spool, blocks, 1, &error);
        *kept += code == ERROR_NONE ? 1 : 0;
    }
    uint64_t after = 0;
    while (code == ERROR_NONE) {
        code = spool_read(*spool, after, &block, &error);
        after = block.id;
    }
    if (code == ERROR_MISSING)
        code = spool_trim(*spool, &error);
    if (code == ERROR_NONE)
        code = spool_reserve(*spool, sequence, sequence->next + 10, &error);
    if (!is_expected(code))
        fail_msg("%s: %s", error_code_name(code), error.text);
    spool_block_fini(&block);
}

/* Fails from the n-th allocation on, for many n (KAFKA_BRIDGE_LONG: each), until all goes well. */
static void fail_each(struct spool_test *test, void (*limit)(int count))
{
    size_t kept = 0;
    uint64_t next = 0;
    spool_test_close(test);
    bool each = getenv("KAFKA_BRIDGE_LONG") != NULL;
    for (int n = 0;; n += each ? 1 : 1 + n / 8) {
        struct spool *spool = NULL;
        size_t before = kept;
        limit(n);
        use(test, &spool, &kept);
        spool_close(spool);
        limit(UNLIMITED);
        spool_test_open(test);
        if (test->findings.damage[0] != '\0')
            fail_msg("after %d allocations: %s", n, test->findings.damage);
        assert_true(test->findings.blocks >= kept);
        kept = test->findings.blocks;
        uint64_t next_now = spool_sequence(test->spool, "odometry")->next;
        assert_true(next_now >= next + (kept - before));
        next = next_now;
        spool_test_close(test);
        if (kept == before + 3 && spool)
            break;
        assert_true(n < 100000);
    }
}

static void limit_ours(int count)
{
    if (count == UNLIMITED)
        allocations_allow();
    else
        allocations_limit(count);
}

static void limit_theirs(int count)
{
    left = count;
}

static void our_allocations_may_fail(void **state)
{
    fail_each(*state, limit_ours);
}

static void those_of_sqlite_may_fail(void **state)
{
    fail_each(*state, limit_theirs);
}

/* A trim that failed is made up for by the next one. */
static void what_was_settled_is_not_forgotten(void **state)
{
    struct spool_test *test = *state;
    struct error error;
    enum error_code code;
    int n = 0;
    do {
        for (int i = 0; i < 3; i++)
            spool_settle(test->spool, spool_test_append(test->spool, 1, 5000));
        limit_theirs(n++);
        code = spool_trim(test->spool, &error);
        limit_theirs(UNLIMITED);
        assert_true(is_expected(code));
        if (spool_trim(test->spool, &error) != ERROR_NONE)
            fail_msg("%s", error.text);
        struct spool_statistics statistics;
        spool_statistics(test->spool, &statistics);
        assert_int_equal(statistics.blocks, 0);
    } while (code != ERROR_NONE);
    assert_true(n > 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SPOOL_TEST(our_allocations_may_fail),
        SPOOL_TEST(those_of_sqlite_may_fail),
        SPOOL_TEST(what_was_settled_is_not_forgotten),
    };
    return cmocka_run_group_tests(tests, limit_sqlite, NULL);
}
