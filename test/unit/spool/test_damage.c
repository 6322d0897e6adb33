/* A spool whose files were damaged while nobody had them open starts all the same, tells what it
 * lost, and never repeats a number. */
#include "victim.h"

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
#include <time.h>
#include <unistd.h>

static off_t size_of(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 ? status.st_size : 0;
}

/* Flips a bit, writes over a run of bytes, or cuts the file off; says in `what` what was done. */
static void damage(const char *path, unsigned *seed, char *what, size_t size)
{
    off_t length = size_of(path);
    if (length == 0) {
        (void)snprintf(what, size, "%s is empty", path);
        return;
    }
    off_t at = (off_t)((((uint64_t)(unsigned)rand_r(seed) << 31) | (unsigned)rand_r(seed)) %
                       (uint64_t)length);
    if (rand_r(seed) % 3 == 0)
        at = at / 4096 * 4096 + rand_r(seed) % 128 % (length - at / 4096 * 4096);
    int kind = rand_r(seed) % 4;
    int file = open(path, O_RDWR | O_CLOEXEC);
    assert_true(file >= 0);
    if (kind == 0) {
        assert_int_equal(ftruncate(file, at), 0);
        (void)snprintf(what, size, "%s cut off at %ld of %ld", path, (long)at, (long)length);
    } else if (kind == 1) {
        char page[4096];
        size_t run = 1 + (size_t)rand_r(seed) % sizeof page;
        run = (off_t)run < length - at ? run : (size_t)(length - at);
        for (size_t i = 0; i < run; i++)
            page[i] = (char)rand_r(seed);
        assert_int_equal(pwrite(file, page, run, at), run);
        (void)snprintf(what, size, "%s has %zu other bytes at %ld", path, run, (long)at);
    } else {
        char byte;
        assert_int_equal(pread(file, &byte, 1, at), 1);
        byte = (char)(byte ^ (1 << (rand_r(seed) % 8)));
        assert_int_equal(pwrite(file, &byte, 1, at), 1);
        (void)snprintf(what, size, "%s has a bit flipped at %ld of %ld", path, (long)at,
                       (long)length);
    }
    (void)close(file);
}

/* What was accepted is found or told as lost, and numbers go on above. */
static void check(struct spool_test *test, const struct victim *victim, const char *what)
{
    struct error error;
    if (spool_open(&test->options, &test->spool, &test->findings, &error) != ERROR_NONE)
        fail_msg("%s: %s", what, error.text);
    uint64_t damaged = 0;
    uint64_t found = victim_found(victim, test->spool, &damaged);
    uint64_t lost = test->findings.lost_records + damaged;
    uint64_t unsettled = victim_unsettled(victim);
    bool uncertain = strstr(test->findings.damage, "cannot be told") != NULL;
    if (found + lost < unsettled && !uncertain)
        fail_msg("%s: %lu of %lu found, %lu told as lost (%s)", what, (unsigned long)found,
                 (unsigned long)unsettled, (unsigned long)lost, test->findings.damage);
    if (found < unsettled && test->findings.damage[0] == '\0' && damaged == 0)
        fail_msg("%s: lost without a word", what);
    if (strstr(test->findings.damage, "power"))
        fail_msg("%s: %s", what, test->findings.damage);
    struct spool_sequence *sequence = spool_sequence(test->spool, "odometry");
    if (sequence->next < victim->next_number)
        fail_msg("%s: number %lu comes again", what, (unsigned long)sequence->next);
    if (spool_next_id(test->spool) < victim->next_id)
        fail_msg("%s: an id comes again", what);
    /* And it works. */
    assert_true(spool_test_append(test->spool, 3, 100) > 0);
    spool_test_close(test);
    spool_test_open(test);
    assert_string_equal(test->findings.damage, "");
    spool_test_close(test);
}

static void remove_files(const struct spool_test *test)
{
    spool_test_remove(test->directory);
    assert_int_equal(mkdir(test->directory, 0700), 0);
}

/* Begins the repair in processes that are killed at some instant of it. */
static void kill_repairs(const struct spool_test *test, unsigned *seed)
{
    for (int kills = 0; kills < 4; kills++) {
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            struct spool *spool;
            struct spool_findings findings;
            _exit(spool_open(&test->options, &spool, &findings, NULL) == ERROR_NONE ? 0 : 1);
        }
        const struct timespec moment = {.tv_nsec = rand_r(seed) % 30000000};
        (void)nanosleep(&moment, NULL);
        (void)kill(child, SIGKILL);
        assert_int_equal(waitpid(child, NULL, 0), child);
    }
}

/* Victims of `turns` seeds; `damages` of the files named by the suffixes each. */
static void damage_and_check(struct spool_test *test, const char *const *suffixes, int count,
                             int damages, bool kill, unsigned turns)
{
    static struct victim victim;
    const char *first = getenv("KAFKA_BRIDGE_SEED");
    unsigned begin = first ? (unsigned)strtoul(first, NULL, 0) : 1;
    turns = first ? 1 : getenv("KAFKA_BRIDGE_LONG") ? turns * 100 : turns;
    spool_test_close(test);
    for (unsigned turn = begin; turn < begin + turns; turn++) {
        unsigned seed = turn;
        remove_files(test);
        memset(&victim, 0, sizeof victim);
        unsigned runs = 1 + (unsigned)rand_r(&seed) % 2;
        for (unsigned run = 0; run < runs; run++)
            victim_run(&victim, &test->options, &seed, 1 + (unsigned)rand_r(&seed) % 80);
        char what[512];
        int length = snprintf(what, sizeof what, "seed %u", turn);
        for (int i = 0; i < damages; i++) {
            char path[256];
            (void)snprintf(path, sizeof path, "%s%s", test->path, suffixes[rand_r(&seed) % count]);
            length += snprintf(what + length, sizeof what - (size_t)length, ", ");
            damage(path, &seed, what + length, sizeof what - (size_t)length);
            length = (int)strlen(what);
        }
        if (kill)
            kill_repairs(test, &seed);
        check(test, &victim, what);
    }
}

static void a_damaged_file_is_repaired(void **state)
{
    static const char *const suffixes[] = {""};
    damage_and_check(*state, suffixes, 1, 1, false, 25);
}

static void a_damaged_log_is_noticed(void **state)
{
    static const char *const suffixes[] = {"-wal"};
    damage_and_check(*state, suffixes, 1, 1, false, 25);
}

static void damaged_helpers_do_no_harm(void **state)
{
    static const char *const suffixes[] = {"-watermark", "-shm", "-lock"};
    damage_and_check(*state, suffixes, 3, 1, false, 12);
}

static void many_damages_are_survived(void **state)
{
    static const char *const suffixes[] = {"", "-wal", "-wal", "-shm", "-watermark"};
    damage_and_check(*state, suffixes, 5, 4, false, 20);
}

static void a_repair_may_be_cut_off(void **state)
{
    static const char *const suffixes[] = {"", "-wal"};
    damage_and_check(*state, suffixes, 2, 1, true, 12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SPOOL_TEST(a_damaged_file_is_repaired), SPOOL_TEST(a_damaged_log_is_noticed),
        SPOOL_TEST(damaged_helpers_do_no_harm), SPOOL_TEST(many_damages_are_survived),
        SPOOL_TEST(a_repair_may_be_cut_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
