/* A trial's directory goes with it, and with the next one where it was killed. */
#include "bridge/to_kafka/trial.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void make_file(const struct trial *trial)
{
    char path[TRIAL_PATH_SIZE + 16];
    (void)snprintf(path, sizeof path, "%s/warty.db", trial->directory);
    int file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_true(file >= 0);
    assert_int_equal(close(file), 0);
}

static void it_is_removed_at_the_end(void **state)
{
    struct trial one = {0}, two = {0};
    struct stat status;
    struct error error;
    char directory[TRIAL_PATH_SIZE];
    (void)state;
    assert_int_equal(trial_begin(&one, &error), ERROR_NONE);
    make_file(&one);
    assert_int_equal(stat(one.directory, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0700);
    /* Another trial leaves it alone. */
    assert_int_equal(trial_begin(&two, &error), ERROR_NONE);
    assert_string_not_equal(one.directory, two.directory);
    assert_int_equal(access(one.directory, F_OK), 0);
    (void)snprintf(directory, sizeof directory, "%s", one.directory);
    trial_end(&two);
    trial_end(&one);
    assert_int_not_equal(access(directory, F_OK), 0);
    trial_end(&one);
}

static void what_a_kill_leaves_is_removed_by_the_next(void **state)
{
    struct trial trial = {0};
    struct error error;
    char directory[TRIAL_PATH_SIZE] = "";
    int ends[2];
    (void)state;
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        if (trial_begin(&trial, &error) == ERROR_NONE) {
            make_file(&trial);
            (void)!write(ends[1], trial.directory, strlen(trial.directory) + 1);
        }
        for (;;)
            (void)pause();
    }
    assert_true(read(ends[0], directory, sizeof directory) > 0);
    (void)kill(child, SIGKILL);
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_int_equal(access(directory, F_OK), 0);
    assert_int_equal(trial_begin(&trial, &error), ERROR_NONE);
    assert_int_not_equal(access(directory, F_OK), 0);
    trial_end(&trial);
    (void)close(ends[0]);
    (void)close(ends[1]);
}

static void a_place_that_takes_none_is_said(void **state)
{
    struct trial trial = {0};
    struct error error;
    char before[TRIAL_PATH_SIZE];
    (void)state;
    (void)snprintf(before, sizeof before, "%s", getenv("TMPDIR"));
    assert_int_equal(setenv("TMPDIR", "/proc/nowhere", 1), 0);
    assert_int_equal(trial_begin(&trial, &error), ERROR_IO);
    assert_non_null(strstr(error.text, "/proc/nowhere"));
    trial_end(&trial);
    assert_int_equal(setenv("TMPDIR", before, 1), 0);
}

int main(void)
{
    char directory[] = "/tmp/kafka_bridge_test_trial.XXXXXX";
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_removed_at_the_end),
        cmocka_unit_test(what_a_kill_leaves_is_removed_by_the_next),
        cmocka_unit_test(a_place_that_takes_none_is_said),
    };
    if (!mkdtemp(directory) || setenv("TMPDIR", directory, 1) != 0)
        return 1;
    int failures = cmocka_run_group_tests(tests, NULL, NULL);
    return rmdir(directory) == 0 ? failures : 1;
}
