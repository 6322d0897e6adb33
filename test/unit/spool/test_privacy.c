/* What a spool holds is for who runs the bridge alone. */
#include "support.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static unsigned mode_of(const char *path)
{
    struct stat status;
    assert_int_equal(stat(path, &status), 0);
    return status.st_mode & 0777;
}

/* Each file of the directory has `mode`; returns how many there are. */
static int check(const char *directory, unsigned mode)
{
    char path[512];
    int count = 0;
    DIR *entries = opendir(directory);
    const struct dirent *entry;
    assert_non_null(entries);
    while ((entry = readdir(entries))) {
        (void)snprintf(path, sizeof path, "%s/%s", directory, entry->d_name);
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        if (mode_of(path) != mode)
            fail_msg("%s has mode %o", path, mode_of(path));
        count++;
    }
    (void)closedir(entries);
    return count;
}

static void loosen(const char *directory)
{
    char path[512];
    DIR *entries = opendir(directory);
    const struct dirent *entry;
    while ((entry = readdir(entries))) {
        (void)snprintf(path, sizeof path, "%s/%s", directory, entry->d_name);
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            assert_int_equal(chmod(path, 0644), 0);
    }
    (void)closedir(entries);
    assert_int_equal(chmod(directory, 0755), 0);
}

static void damage(const char *path)
{
    char page[100];
    memset(page, 0x55, sizeof page);
    int file = open(path, O_RDWR | O_CLOEXEC);
    assert_int_equal(pwrite(file, page, sizeof page, 100), sizeof page);
    (void)close(file);
}

static void others_have_no_rights(void **state)
{
    struct spool_test *test = *state;
    char directory[128];
    mode_t mask = umask(022);
    spool_test_close(test);
    (void)snprintf(directory, sizeof directory, "%s/new", test->directory);
    (void)snprintf(test->path, sizeof test->path, "%s/warty.db", directory);
    test->options.directory = directory;
    spool_test_open(test);
    (void)spool_test_append(test->spool, 5, 10);
    assert_int_equal(mode_of(directory), 0700);
    assert_true(check(directory, 0600) >= 5); /* file, log, index, watermark, lock */
    spool_test_close(test);
    damage(test->path);
    spool_test_open(test);
    assert_true(test->findings.set_aside[0] != '\0');
    assert_true(check(directory, 0600) >= 7);
    assert_string_equal(test->findings.exposed, "");
    spool_test_close(test);
    spool_test_remove(directory);
    (void)umask(mask);
}

static void what_an_older_version_left_open_is_closed(void **state)
{
    struct spool_test *test = *state;
    (void)spool_test_append(test->spool, 5, 10);
    spool_test_close(test);
    damage(test->path);
    spool_test_open(test);
    spool_test_close(test);
    loosen(test->directory);
    spool_test_open(test);
    assert_true(check(test->directory, 0600) >= 5);
    assert_int_equal(mode_of(test->directory), 0700);
    assert_string_equal(test->findings.exposed, "");
}

static void a_directory_with_other_things_is_left_and_told(void **state)
{
    struct spool_test *test = *state;
    char path[256];
    spool_test_close(test);
    (void)snprintf(path, sizeof path, "%s/notes.txt", test->directory);
    int file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    (void)close(file);
    loosen(test->directory);
    spool_test_open(test);
    assert_int_equal(mode_of(test->directory), 0755);
    assert_int_equal(mode_of(path), 0644);
    assert_int_equal(mode_of(test->path), 0600);
    assert_non_null(strstr(test->findings.exposed, test->directory));
    assert_non_null(strstr(test->findings.exposed, "0755"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SPOOL_TEST(others_have_no_rights),
        SPOOL_TEST(what_an_older_version_left_open_is_closed),
        SPOOL_TEST(a_directory_with_other_things_is_left_and_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
