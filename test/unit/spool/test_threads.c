/* A writer, a reader and who settles work on one spool at once; and a file that is damaged under
 * them is repaired in place. */
#include "support.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCKS  400
#define RECORDS 5

struct flow {
    struct spool_test *test;
    atomic_bool done; /* all was appended */
    atomic_ullong read;
    atomic_bool wrong;
};

/* Reads each block once and settles it, as the sender and the reports do. */
static void *read_and_settle(void *argument)
{
    struct flow *flow = argument;
    struct spool *spool = flow->test->spool;
    struct spool_block block;
    spool_block_init(&block, 0, 0);
    uint64_t after = 0;
    for (;;) {
        bool done = atomic_load(&flow->done);
        enum error_code code = spool_read(spool, after, &block, NULL);
        if (code == ERROR_NONE) {
            if (!spool_test_is_right(&block) || block.id <= after || !spool_origin_get(spool, 1))
                atomic_store(&flow->wrong, true);
            after = block.id;
            atomic_fetch_add(&flow->read, block.count);
            spool_settle(spool, block.id);
        } else if (code != ERROR_MISSING) {
            atomic_store(&flow->wrong, true);
            break;
        } else if (done) {
            break;
        } else {
            (void)sched_yield();
        }
    }
    spool_block_fini(&block);
    return NULL;
}

static void *look_on(void *argument)
{
    struct flow *flow = argument;
    while (!atomic_load(&flow->done)) {
        struct spool_statistics statistics;
        spool_statistics(flow->test->spool, &statistics);
        (void)spool_next_id(flow->test->spool);
        (void)spool_note(flow->test->spool, "seen");
        if (statistics.records != statistics.blocks * RECORDS)
            atomic_store(&flow->wrong, true);
        (void)sched_yield();
    }
    return NULL;
}

static void threads_share_a_spool(void **state)
{
    struct spool_test *test = *state;
    struct flow flow = {.test = test};
    pthread_t reader;
    pthread_t onlooker;
    assert_int_equal(pthread_create(&reader, NULL, read_and_settle, &flow), 0);
    assert_int_equal(pthread_create(&onlooker, NULL, look_on, &flow), 0);
    for (int i = 0; i < BLOCKS; i++)
        assert_true(spool_test_append(test->spool, RECORDS, 3000) > 0);
    atomic_store(&flow.done, true);
    assert_int_equal(pthread_join(reader, NULL), 0);
    assert_int_equal(pthread_join(onlooker, NULL), 0);
    assert_false(atomic_load(&flow.wrong));
    assert_int_equal(atomic_load(&flow.read), BLOCKS * RECORDS);
    assert_int_equal(spool_trim(test->spool, NULL), ERROR_NONE);
    struct spool_statistics statistics;
    spool_statistics(test->spool, &statistics);
    assert_int_equal(statistics.blocks, 0);
}

static void count_reports(void *user, const char *text)
{
    int *reports = user;
    if (strstr(text, "set aside"))
        ++*reports;
}

/* Writes over the file from page `first` on, and over the same pages in the log. */
static void spoil(const struct spool_test *test, off_t first, off_t pages)
{
    static const char nothing[4096] = {0x55};
    int file = open(test->path, O_RDWR | O_CLOEXEC);
    assert_true(file >= 0);
    for (off_t page = first; page < first + pages; page++)
        assert_int_equal(pwrite(file, nothing, sizeof nothing, page * 4096), sizeof nothing);
    /* Not closed: this process's locks on the file are SQLite's. */
    (void)fcntl(file, F_SETFD, FD_CLOEXEC);
}

static void reopen_with_reports(struct spool_test *test, int *reports)
{
    spool_test_close(test);
    test->options.report = count_reports;
    test->options.user = reports;
    spool_test_open(test);
}

static void a_file_that_is_spoilt_is_repaired_by_the_reader(void **state)
{
    struct spool_test *test = *state;
    int reports = 0;
    for (int i = 0; i < 400; i++)
        (void)spool_test_append(test->spool, 1, 700);
    reopen_with_reports(test, &reports);
    struct stat status;
    assert_int_equal(stat(test->path, &status), 0);
    spoil(test, 10, 20);
    struct spool_block block;
    spool_block_init(&block, 0, 0);
    uint64_t after = 0;
    uint64_t found = 0;
    uint64_t refused = 0;
    enum error_code code;
    while ((code = spool_read(test->spool, after, &block, NULL)) != ERROR_MISSING) {
        assert_true(code == ERROR_NONE || code == ERROR_SYNTAX);
        assert_true(block.id > after);
        after = block.id;
        *(code == ERROR_NONE ? &found : &refused) += block.count;
        if (code == ERROR_NONE)
            spool_test_check(&block);
    }
    spool_block_fini(&block);
    struct spool_statistics statistics;
    spool_statistics(test->spool, &statistics);
    assert_true(found > 250);
    assert_int_equal(found + statistics.lost_records, 400);
    assert_int_equal(statistics.lost_records - refused > 0, 1);
    assert_int_equal(reports, 1);
    /* And what is in memory goes on. */
    assert_true(spool_test_append(test->spool, 1, 700) > after);
    spool_test_close(test);
    spool_test_open(test);
    assert_string_equal(test->findings.damage, "");
    assert_int_equal(test->findings.records, found + 1);
    assert_int_equal(spool_sequence(test->spool, "odometry")->next, 401);
    assert_string_equal(spool_origin_get(test->spool, 1)->kafka_topic, "odometry");
}

static void a_file_that_is_spoilt_is_repaired_by_the_writer(void **state)
{
    struct spool_test *test = *state;
    int reports = 0;
    for (int i = 0; i < 400; i++)
        (void)spool_test_append(test->spool, 1, 700);
    reopen_with_reports(test, &reports);
    spoil(test, 1, 200);
    for (int i = 0; i < 400; i++)
        assert_true(spool_test_append(test->spool, 1, 700) > 0);
    assert_int_equal(reports, 1);
    struct spool_statistics statistics;
    spool_statistics(test->spool, &statistics);
    assert_int_equal(statistics.lost_records + statistics.records, 800);
    spool_test_close(test);
    spool_test_open(test);
    assert_string_equal(test->findings.damage, "");
    assert_int_equal(test->findings.records, 800 - statistics.lost_records);
    assert_int_equal(spool_sequence(test->spool, "odometry")->next, 800);
}

static void a_block_that_is_damaged_is_set_aside(void **state)
{
    struct spool_test *test = *state;
    (void)spool_test_append(test->spool, 2, 100);
    uint64_t bad = spool_test_append(test->spool, 3, 50000);
    (void)spool_test_append(test->spool, 2, 100);
    spool_test_close(test);
    /* Somewhere in its overflow pages, found by what they hold: no page but its own is so full. */
    int file = open(test->path, O_RDWR | O_CLOEXEC);
    char page[4096];
    off_t at = 0;
    for (off_t next = 0; pread(file, page, sizeof page, next) == (ssize_t)sizeof page;
         next += 4096) {
        if (page[0] == 0 && page[1] == 0 && page[2000] != page[2001] && page[4000] != page[4001])
            at = next;
    }
    assert_true(at > 0);
    assert_int_equal(pread(file, page, 1, at + 2000), 1);
    page[0] = (char)(page[0] ^ 4);
    assert_int_equal(pwrite(file, page, 1, at + 2000), 1);
    (void)close(file);
    spool_test_open(test);
    assert_int_equal(test->findings.blocks, 3);
    struct spool_block block;
    spool_block_init(&block, 0, 0);
    struct error error;
    assert_int_equal(spool_read(test->spool, 0, &block, &error), ERROR_NONE);
    assert_int_equal(spool_read(test->spool, block.id, &block, &error), ERROR_SYNTAX);
    assert_int_equal(block.id, bad);
    assert_int_equal(block.count, 3);
    assert_non_null(strstr(error.text, "3 records are lost"));
    assert_int_equal(spool_read(test->spool, block.id, &block, &error), ERROR_NONE);
    assert_int_equal(spool_read(test->spool, block.id, &block, &error), ERROR_MISSING);
    struct spool_statistics statistics;
    spool_statistics(test->spool, &statistics);
    assert_int_equal(statistics.lost_records, 3);
    assert_int_equal(spool_trim(test->spool, NULL), ERROR_NONE);
    spool_statistics(test->spool, &statistics);
    assert_int_equal(statistics.blocks, 2);
    spool_block_fini(&block);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SPOOL_TEST(threads_share_a_spool),
        SPOOL_TEST(a_file_that_is_spoilt_is_repaired_by_the_reader),
        SPOOL_TEST(a_file_that_is_spoilt_is_repaired_by_the_writer),
        SPOOL_TEST(a_block_that_is_damaged_is_set_aside),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
