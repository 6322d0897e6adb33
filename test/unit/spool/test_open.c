/* A spool that cannot be opened says what is in the way and what would be right. */
#include "support.h"

#include "spool/watermark.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void expect(const struct spool_options *options, enum error_code code, const char *text)
{
    struct spool *spool = NULL;
    struct spool_findings findings;
    struct error error;
    assert_int_equal(spool_open(options, &spool, &findings, &error), code);
    assert_int_equal(error.code, code);
    if (!strstr(error.text, text))
        fail_msg("'%s' does not say '%s'", error.text, text);
}

static void run(const char *path, const char *sql)
{
    sqlite3 *database;
    assert_int_equal(sqlite3_open(path, &database), SQLITE_OK);
    assert_int_equal(sqlite3_exec(database, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(database), SQLITE_OK);
}

static void a_spool_in_use_is_refused(void **state)
{
    struct spool_test *test = *state;
    char pid[64];
    (void)snprintf(pid, sizeof pid, "is in use by process %ld;", (long)getpid());
    expect(&test->options, ERROR_DUPLICATE, pid);
    expect(&test->options, ERROR_DUPLICATE, "spool.directory");
    struct spool_options other = test->options;
    other.robot = "husky";
    struct spool *spool;
    struct spool_findings findings;
    assert_int_equal(spool_open(&other, &spool, &findings, NULL), ERROR_NONE);
    spool_close(spool);
}

static void a_child_does_not_hold_it(void **state)
{
    struct spool_test *test = *state;
    pid_t child = fork();
    if (child == 0) {
        (void)execlp("sleep", "sleep", "60", (char *)NULL);
        _exit(127);
    }
    /* Until the child is another program, which closed what it inherited. */
    char command[64];
    char name[64] = "";
    (void)snprintf(command, sizeof command, "/proc/%ld/comm", (long)child);
    for (int i = 0; i < 1000 && strncmp(name, "sleep", 5) != 0; i++) {
        int file = open(command, O_RDONLY);
        ssize_t length = read(file, name, sizeof name - 1);
        name[length > 0 ? length : 0] = '\0';
        (void)close(file);
        (void)usleep(10000);
    }
    spool_test_close(test);
    spool_test_open(test);
    (void)kill(child, SIGKILL);
    assert_int_equal(waitpid(child, NULL, 0), child);
}

static void a_newer_version_is_refused(void **state)
{
    struct spool_test *test = *state;
    (void)spool_test_append(test->spool, 1, 1);
    spool_test_close(test);
    run(test->path, "PRAGMA user_version=7; DROP TABLE state; CREATE TABLE state(other)");
    expect(&test->options, ERROR_RANGE, "has version 7");
    expect(&test->options, ERROR_RANGE, "newer");
    struct spool *spool;
    struct error error;
    assert_int_equal(spool_open_read_only(test->path, &spool, &error), ERROR_RANGE);
}

static void another_database_is_refused(void **state)
{
    struct spool_test *test = *state;
    struct spool_options options = test->options;
    char path[256];
    options.robot = "stranger";
    (void)snprintf(path, sizeof path, "%s/stranger.db", test->directory);
    run(path, "CREATE TABLE something(other)");
    expect(&options, ERROR_IO, "database of something else");
}

static void what_is_no_database_is_set_aside(void **state)
{
    struct spool_test *test = *state;
    (void)spool_test_append(test->spool, 5, 10);
    spool_test_close(test);
    FILE *file = fopen(test->path, "w");
    (void)fprintf(file, "%s", "This is a text and no database, and long enough to be looked at.");
    assert_int_equal(fclose(file), 0);
    spool_test_open(test);
    assert_int_equal(test->findings.lost_records, 5);
    assert_true(test->findings.damage[0] != '\0');
    assert_int_equal(access(test->findings.set_aside, F_OK), 0);
    assert_non_null(strstr(test->findings.set_aside, "warty.db.damaged-2"));
    assert_true(spool_sequence(test->spool, "odometry")->next >= 5);
    assert_true(spool_sequence(test->spool, "scan")->next >= 5);
}

static void a_file_that_was_removed_is_told(void **state)
{
    struct spool_test *test = *state;
    uint64_t id = spool_test_append(test->spool, 5, 10);
    spool_test_close(test);
    assert_int_equal(unlink(test->path), 0);
    spool_test_open(test);
    assert_int_equal(test->findings.lost_records, 5);
    assert_true(spool_sequence(test->spool, "odometry")->next >= 5);
    assert_true(spool_next_id(test->spool) > id);
}

static void a_watermark_that_was_removed_after_a_close_is_no_matter(void **state)
{
    struct spool_test *test = *state;
    (void)spool_test_append(test->spool, 5, 10);
    spool_test_close(test);
    char path[256];
    (void)snprintf(path, sizeof path, "%s-watermark", test->path);
    assert_int_equal(unlink(path), 0);
    spool_test_open(test);
    assert_string_equal(test->findings.damage, "");
    assert_int_equal(test->findings.records, 5);
    assert_int_equal(spool_sequence(test->spool, "odometry")->next, 5);
}

static void copy_file(const char *from, const char *to)
{
    static char bytes[1 << 20];
    FILE *in = fopen(from, "rb");
    FILE *out = fopen(to, "wb");
    assert_non_null(in);
    assert_non_null(out);
    size_t length = fread(bytes, 1, sizeof bytes, in);
    assert_true(length > 0 && length < sizeof bytes);
    assert_int_equal(fwrite(bytes, 1, length, out), length);
    assert_int_equal(fclose(in), 0);
    assert_int_equal(fclose(out), 0);
}

static void the_log_of_another_spool_is_no_matter(void **state)
{
    struct spool_test *test = *state;
    uint64_t ids[8];
    for (int i = 0; i < 5; i++)
        (void)spool_test_append(test->spool, 2, 3000);
    spool_test_close(test);
    struct spool_options options = test->options;
    options.robot = "husky";
    struct spool *other;
    struct spool_findings findings;
    assert_int_equal(spool_open(&options, &other, &findings, NULL), ERROR_NONE);
    for (int i = 0; i < 9; i++)
        (void)spool_test_append(other, 3, 3000);
    char from[256];
    char to[256];
    (void)snprintf(from, sizeof from, "%s/husky.db-wal", test->directory);
    (void)snprintf(to, sizeof to, "%s-wal", test->path);
    copy_file(from, to);
    spool_close(other);
    spool_test_open(test);
    assert_true(test->findings.damage[0] != '\0');
    assert_int_equal(test->findings.blocks, 5);
    assert_int_equal(test->findings.lost_records, 0);
    assert_int_equal(spool_test_read_all(test->spool, 0, ids, 8), 5);
    assert_int_equal(spool_sequence(test->spool, "odometry")->next, 10);
}

/* Opens a new spool in a process that is killed some microseconds later. */
static void open_and_die(const struct spool_options *options, unsigned microseconds)
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct spool *spool;
        struct spool_findings findings;
        struct error error;
        (void)!spool_open(options, &spool, &findings, &error);
        (void)pause();
    }
    (void)usleep(microseconds);
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, NULL, 0), child);
}

static void a_first_start_that_was_cut_off_is_no_damage(void **state)
{
    struct spool_test *test = *state;
    char directory[128];
    for (unsigned i = 0; i < 60; i++) {
        spool_test_close(test);
        (void)snprintf(directory, sizeof directory, "%s/new", test->directory);
        (void)snprintf(test->path, sizeof test->path, "%s/warty.db", directory);
        test->options.directory = directory;
        open_and_die(&test->options, 200 * i);
        spool_test_open(test);
        assert_string_equal(test->findings.damage, "");
        assert_string_equal(test->findings.set_aside, "");
        assert_int_equal(spool_sequence(test->spool, "odometry")->next, 0);
        spool_test_close(test);
        spool_test_remove(directory);
    }
}

static unsigned writes_left; /* of the watermark, until the process ends at one; 0: it does not */

void __real_spool_watermark_write(struct spool_watermark *watermark, const struct spool_mark *mark,
                                  bool durable);
void __wrap_spool_watermark_write(struct spool_watermark *watermark, const struct spool_mark *mark,
                                  bool durable);
void __wrap_spool_watermark_write(struct spool_watermark *watermark, const struct spool_mark *mark,
                                  bool durable)
{
    if (writes_left > 0 && --writes_left == 0)
        _exit(0);
    __real_spool_watermark_write(watermark, mark, durable);
}

/* The same at the moments that matter: before and behind the first commit. */
static void a_first_start_that_ends_at_its_watermark_is_no_damage(void **state)
{
    struct spool_test *test = *state;
    char directory[128];
    for (unsigned writes = 1; writes <= 2; writes++) {
        spool_test_close(test);
        (void)snprintf(directory, sizeof directory, "%s/new", test->directory);
        (void)snprintf(test->path, sizeof test->path, "%s/warty.db", directory);
        test->options.directory = directory;
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            struct spool *spool;
            writes_left = writes;
            (void)!spool_open(&test->options, &spool, NULL, NULL);
            _exit(1);
        }
        int status;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
        spool_test_open(test);
        assert_string_equal(test->findings.damage, "");
        assert_int_equal(spool_sequence(test->spool, "odometry")->next, 0);
        spool_test_close(test);
        spool_test_remove(directory);
    }
}

static void directories_are_made(void **state)
{
    struct spool_test *test = *state;
    char path[256];
    (void)snprintf(path, sizeof path, "%s/a/b//c/", test->directory);
    struct spool_options options = test->options;
    options.directory = path;
    struct spool *spool;
    struct spool_findings findings;
    struct error error;
    assert_int_equal(spool_open(&options, &spool, &findings, &error), ERROR_NONE);
    spool_close(spool);
    spool_test_remove(path);
    static const char *const parents[] = {"a/b", "a"};
    for (int i = 0; i < 2; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", test->directory, parents[i]);
        assert_int_equal(rmdir(path), 0);
    }
}

static void a_file_in_place_of_the_directory_is_told(void **state)
{
    struct spool_test *test = *state;
    struct spool_options options = test->options;
    options.directory = test->path;
    expect(&options, ERROR_IO, "cannot be made a directory");
    expect(&options, ERROR_IO, "spool.directory");
    char below[256];
    (void)snprintf(below, sizeof below, "%s/below", test->path);
    options.directory = below;
    expect(&options, ERROR_IO, "spool.directory");
}

static void a_directory_in_place_of_the_file_is_told(void **state)
{
    struct spool_test *test = *state;
    struct spool_options options = test->options;
    options.robot = "husky";
    char path[256];
    (void)snprintf(path, sizeof path, "%s/husky.db", test->directory);
    assert_int_equal(mkdir(path, 0700), 0);
    expect(&options, ERROR_IO, path);
    assert_int_equal(rmdir(path), 0);
}

static void a_path_that_is_too_long_is_told(void **state)
{
    struct spool_test *test = *state;
    struct spool_options options = test->options;
    static char path[SPOOL_PATH_SIZE];
    memset(path, 'a', sizeof path - 1);
    options.directory = path;
    expect(&options, ERROR_LIMIT, "too long");
}

static void a_read_only_disk_is_told(void **state)
{
    struct spool_test *test = *state;
    (void)spool_test_append(test->spool, 5, 10);
    spool_test_close(test);
    if (mount(test->directory, test->directory, NULL, MS_BIND, NULL) != 0)
        skip();
    assert_int_equal(mount(NULL, test->directory, NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL), 0);
    expect(&test->options, ERROR_IO, "Read-only file system; spool.directory must be on");
    /* Looking is possible. */
    struct spool *spool;
    struct error error;
    uint64_t ids[2];
    enum error_code code = spool_open_read_only(test->path, &spool, &error);
    if (code == ERROR_NONE)
        assert_int_equal(spool_test_read_all(spool, 0, ids, 2), 1);
    spool_close(code == ERROR_NONE ? spool : NULL);
    assert_int_equal(umount(test->directory), 0);
    assert_int_equal(code, ERROR_NONE);
    spool_test_open(test);
    assert_int_equal(test->findings.records, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SPOOL_TEST(a_spool_in_use_is_refused),
        SPOOL_TEST(a_child_does_not_hold_it),
        SPOOL_TEST(a_newer_version_is_refused),
        SPOOL_TEST(another_database_is_refused),
        SPOOL_TEST(what_is_no_database_is_set_aside),
        SPOOL_TEST(a_file_that_was_removed_is_told),
        SPOOL_TEST(a_watermark_that_was_removed_after_a_close_is_no_matter),
        SPOOL_TEST(the_log_of_another_spool_is_no_matter),
        SPOOL_TEST(a_first_start_that_was_cut_off_is_no_damage),
        SPOOL_TEST(a_first_start_that_ends_at_its_watermark_is_no_damage),
        SPOOL_TEST(directories_are_made),
        SPOOL_TEST(a_file_in_place_of_the_directory_is_told),
        SPOOL_TEST(a_directory_in_place_of_the_file_is_told),
        SPOOL_TEST(a_path_that_is_too_long_is_told),
        SPOOL_TEST(a_read_only_disk_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
