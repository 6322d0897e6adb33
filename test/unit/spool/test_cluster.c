/* Which Kafka cluster a spool is for outlasts what its records outlast. */
#include "support.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct spool_cluster cluster = {.id = "5L6g3nShT-eMCtK--X86sw",
                                             .servers = "kafka-1:9092,kafka-2:9092"};

static void expect(struct spool *spool, const char *id, const char *servers)
{
    struct spool_cluster found;
    spool_cluster(spool, &found);
    assert_string_equal(found.id, id);
    assert_string_equal(found.servers, servers);
}

/* Nothing was settled or appended: the trim commits it all the same. */
static void set(struct spool_test *test, const struct spool_cluster *to)
{
    struct error error = {0};
    struct spool *file;
    spool_set_cluster(test->spool, to);
    if (spool_trim(test->spool, &error) != ERROR_NONE)
        fail_msg("%s", error.text);
    assert_int_equal(spool_open_read_only(test->path, &file, NULL), ERROR_NONE);
    expect(file, to->id, to->servers);
    spool_close(file);
}

static void it_is_kept(void **state)
{
    struct spool_test *test = *state;
    expect(test->spool, "", "");
    set(test, &cluster);
    spool_test_close(test);
    spool_test_open(test);
    expect(test->spool, cluster.id, cluster.servers);
    const struct spool_cluster other = {.id = "other"};
    set(test, &other);
    spool_test_close(test);
    struct spool *spool;
    assert_int_equal(spool_open_read_only(test->path, &spool, NULL), ERROR_NONE);
    expect(spool, "other", "");
    spool_close(spool);
    spool_test_open(test);
}

static void run(const char *path, const char *sql)
{
    sqlite3 *database;
    assert_int_equal(sqlite3_open(path, &database), SQLITE_OK);
    assert_int_equal(sqlite3_exec(database, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(database), SQLITE_OK);
}

static void a_file_from_before_has_none_yet(void **state)
{
    struct spool_test *test = *state;
    uint64_t ids[2];
    (void)spool_test_append(test->spool, 5, 10);
    spool_test_close(test);
    run(test->path, "DROP TABLE cluster");
    struct spool *spool;
    assert_int_equal(spool_open_read_only(test->path, &spool, NULL), ERROR_NONE);
    expect(spool, "", "");
    spool_close(spool);
    spool_test_open(test);
    assert_string_equal(test->findings.damage, "");
    expect(test->spool, "", "");
    set(test, &cluster);
    spool_test_close(test);
    spool_test_open(test);
    expect(test->spool, cluster.id, cluster.servers);
    assert_int_equal(spool_test_read_all(test->spool, 0, ids, 2), 1);
}

/* The root of the tables' list is lost, and with it the way to all rows. */
static void damage(const char *path)
{
    char page[100];
    memset(page, 0x55, sizeof page);
    int file = open(path, O_RDWR | O_CLOEXEC);
    assert_true(file >= 0);
    assert_int_equal(pwrite(file, page, sizeof page, 100), sizeof page);
    (void)close(file);
}

static void a_repair_finds_it(void **state)
{
    struct spool_test *test = *state;
    const struct spool_cluster first = {.id = "first", .servers = "one:9092"};
    (void)spool_test_append(test->spool, 5, 10);
    set(test, &first);
    set(test, &cluster);
    spool_test_close(test);
    damage(test->path);
    spool_test_open(test);
    assert_true(test->findings.set_aside[0] != '\0');
    assert_int_equal(test->findings.records, 5);
    expect(test->spool, cluster.id, cluster.servers);
    spool_test_close(test);
    spool_test_open(test);
    expect(test->spool, cluster.id, cluster.servers);
}

static void a_repair_under_way_keeps_it(void **state)
{
    struct spool_test *test = *state;
    (void)spool_test_append(test->spool, 5, 10);
    set(test, &cluster);
    spool_test_close(test);
    spool_test_open(test);
    /* So that nothing comes from SQLite's memory. */
    damage(test->path);
    for (int i = 0; i < 2000; i++)
        (void)spool_test_append(test->spool, 1, 3000);
    expect(test->spool, cluster.id, cluster.servers);
    spool_test_close(test);
    spool_test_open(test);
    expect(test->spool, cluster.id, cluster.servers);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SPOOL_TEST(it_is_kept),
        SPOOL_TEST(a_file_from_before_has_none_yet),
        SPOOL_TEST(a_repair_finds_it),
        SPOOL_TEST(a_repair_under_way_keeps_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
