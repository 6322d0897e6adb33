/* A disk that is full costs nothing: what is kept stays, what is settled goes, and it goes on by
 * itself when there is room. On a small tmpfs, where one can be mounted. */
#include "support.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#define MOST 4096

/* Puts the spool on a disk of 8 MiB. False where that cannot be. */
static bool move_to_small_disk(struct spool_test *test)
{
    spool_test_close(test);
    if (mount("tmpfs", test->directory, "tmpfs", 0, "size=8m") != 0)
        return false;
    spool_test_open(test);
    return true;
}

static int setup(void **state)
{
    int result = spool_test_setup(state);
    struct spool_test *test = *state;
    if (result == 0 && !move_to_small_disk(test))
        spool_test_close(test);
    return result;
}

static int teardown(void **state)
{
    struct spool_test *test = *state;
    spool_test_close(test);
    (void)umount(test->directory);
    return spool_test_teardown(state);
}

static void skip_without_disk(const struct spool_test *test)
{
    if (!test->spool) {
        print_message("no tmpfs can be mounted here\n");
        skip();
    }
}

static struct spool_statistics statistics_of(struct spool *spool)
{
    struct spool_statistics statistics;
    spool_statistics(spool, &statistics);
    return statistics;
}

/* Appends until there is no room; returns how many blocks are kept. */
static size_t append_until_full(struct spool *spool, uint64_t *ids)
{
    size_t count = 0;
    for (; count < MOST; count++) {
        ids[count] = spool_test_append(spool, 10, 1000);
        if (ids[count] == 0)
            break;
    }
    assert_true(count < MOST);
    return count;
}

/* Takes all that is left of the disk for another file. */
static void fill_disk(const struct spool_test *test)
{
    char path[256];
    (void)snprintf(path, sizeof path, "%s/other", test->directory);
    int file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    assert_true(file >= 0);
    static const char bytes[4096];
    while (write(file, bytes, sizeof bytes) > 0)
        continue;
    (void)close(file);
}

static void free_disk(const struct spool_test *test)
{
    char path[256];
    (void)snprintf(path, sizeof path, "%s/other", test->directory);
    assert_int_equal(unlink(path), 0);
}

static void expect_full(struct spool *spool)
{
    struct spool_block block;
    spool_block_init(&block, spool_next_id(spool), 1 << 20);
    static const char value[100000];
    const struct spool_record record = {.value = value, .value_size = sizeof value};
    assert_int_equal(spool_block_add(&block, &record), ERROR_NONE);
    const struct spool_block *const blocks[] = {&block};
    struct error error;
    assert_int_equal(spool_append(spool, blocks, 1, &error), ERROR_FULL);
    assert_non_null(strstr(error.text, "no room on the disk"));
    assert_non_null(strstr(error.text, "bytes free"));
    spool_block_fini(&block);
}

static void a_spool_that_fills_the_disk_is_drained(void **state)
{
    struct spool_test *test = *state;
    skip_without_disk(test);
    static uint64_t ids[MOST];
    static uint64_t read[MOST];
    for (int round = 0; round < 3; round++) {
        size_t count = append_until_full(test->spool, ids);
        assert_true(count > 300);
        expect_full(test->spool);
        assert_int_equal(statistics_of(test->spool).blocks, count);
        assert_int_equal(spool_test_read_all(test->spool, 0, read, MOST), count);
        assert_memory_equal(read, ids, count * sizeof *ids);
        for (size_t i = 0; i < count / 2; i++) {
            spool_settle(test->spool, ids[i]);
            struct error error;
            if (spool_trim(test->spool, &error) != ERROR_NONE)
                fail_msg("trim: %s", error.text);
        }
        assert_int_equal(statistics_of(test->spool).blocks, count - count / 2);
        /* The room of what went is there for others. */
        for (size_t i = 0; i < count / 4; i++) {
            uint64_t id = spool_test_append(test->spool, 10, 1000);
            assert_true(id > 0);
            spool_settle(test->spool, id);
        }
        for (size_t i = count / 2; i < count; i++)
            spool_settle(test->spool, ids[i]);
        assert_int_equal(spool_trim(test->spool, NULL), ERROR_NONE);
        assert_int_equal(statistics_of(test->spool).blocks, 0);
    }
    spool_test_close(test);
    spool_test_open(test);
    assert_string_equal(test->findings.damage, "");
    assert_int_equal(test->findings.records, 0);
}

static void others_fill_the_disk_and_free_it(void **state)
{
    struct spool_test *test = *state;
    skip_without_disk(test);
    uint64_t ids[100];
    uint64_t read[200];
    for (int i = 0; i < 100; i++)
        ids[i] = spool_test_append(test->spool, 10, 1000);
    fill_disk(test);
    size_t more = 0;
    while (spool_test_append(test->spool, 10, 1000) > 0)
        more++;
    expect_full(test->spool);
    fill_disk(test); /* the ballast's room too */
    expect_full(test->spool);
    assert_int_equal(spool_test_read_all(test->spool, 0, read, 200), 100 + more);
    for (int i = 0; i < 50; i++)
        spool_settle(test->spool, ids[i]);
    struct error error;
    if (spool_trim(test->spool, &error) != ERROR_NONE)
        fail_msg("trim: %s", error.text);
    assert_int_equal(statistics_of(test->spool).blocks, 50 + more);
    assert_true(spool_test_append(test->spool, 10, 1000) > 0);
    free_disk(test);
    for (int i = 0; i < 100; i++)
        assert_true(spool_test_append(test->spool, 10, 1000) > 0);
    assert_int_equal(statistics_of(test->spool).blocks, 151 + more);
    spool_test_close(test);
    spool_test_open(test);
    assert_string_equal(test->findings.damage, "");
    assert_int_equal(test->findings.blocks, 151 + more);
}

static void a_spool_on_a_full_disk_opens(void **state)
{
    struct spool_test *test = *state;
    skip_without_disk(test);
    uint64_t id = 0;
    for (int i = 0; i < 100; i++)
        id = spool_test_append(test->spool, 10, 1000);
    spool_test_close(test);
    fill_disk(test);
    spool_test_open(test);
    assert_int_equal(test->findings.blocks, 100);
    uint64_t read[100];
    assert_int_equal(spool_test_read_all(test->spool, 0, read, 100), 100);
    for (int i = 0; i < 50; i++)
        spool_settle(test->spool, read[i]);
    struct error error;
    if (spool_trim(test->spool, &error) != ERROR_NONE)
        fail_msg("trim: %s", error.text);
    assert_int_equal(statistics_of(test->spool).blocks, 50);
    spool_test_close(test);
    spool_test_open(test);
    assert_int_equal(test->findings.blocks, 50);
    assert_true(spool_next_id(test->spool) > id);
    assert_int_equal(spool_sequence(test->spool, "odometry")->next, 1000);
}

static void a_new_spool_on_a_full_disk_is_refused(void **state)
{
    struct spool_test *test = *state;
    skip_without_disk(test);
    fill_disk(test);
    struct spool_options options = test->options;
    options.robot = "husky";
    struct spool *spool;
    struct spool_findings findings;
    struct error error;
    assert_int_equal(spool_open(&options, &spool, &findings, &error), ERROR_FULL);
    assert_non_null(strstr(error.text, "no room on the disk"));
    free_disk(test);
    assert_int_equal(spool_open(&options, &spool, &findings, &error), ERROR_NONE);
    assert_string_equal(findings.damage, "");
    spool_close(spool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_spool_that_fills_the_disk_is_drained, setup, teardown),
        cmocka_unit_test_setup_teardown(others_fill_the_disk_and_free_it, setup, teardown),
        cmocka_unit_test_setup_teardown(a_spool_on_a_full_disk_opens, setup, teardown),
        cmocka_unit_test_setup_teardown(a_new_spool_on_a_full_disk_is_refused, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
