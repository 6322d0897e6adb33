/* A process that is killed at any instant loses nothing that it was told is kept. */
#include "victim.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void nothing_is_lost_to_kills(void **state)
{
    struct spool_test *test = *state;
    static struct victim victim;
    const char *is_long = getenv("KAFKA_BRIDGE_LONG");
    unsigned seed = 4;
    spool_test_close(test);
    for (int kill = 0; kill < 25; kill++) {
        victim_run(&victim, &test->options, &seed,
                   1 + (unsigned)rand_r(&seed) % (is_long ? 150 : 60));
        spool_test_open(test);
        assert_string_equal(test->findings.damage, "");
        assert_int_equal(test->findings.lost_records, 0);
        uint64_t damaged = 0;
        assert_int_equal(victim_found(&victim, test->spool, &damaged), victim_unsettled(&victim));
        assert_int_equal(damaged, 0);
        assert_true(spool_sequence(test->spool, "odometry")->next >= victim.next_number);
        assert_true(spool_sequence(test->spool, "odometry")->next <= victim.next_number + 20);
        uint64_t next_id = spool_next_id(test->spool);
        assert_true(next_id >= victim.next_id);
        spool_test_close(test);
    }
}

/* Ids that were given and not used for an append are used all the same. */
static void ids_do_not_come_again(void **state)
{
    struct spool_test *test = *state;
    spool_test_close(test);
    uint64_t last = 0;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    for (int turn = 0; turn < 3; turn++) {
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            struct spool *spool;
            struct spool_findings findings;
            uint64_t id = 0;
            if (spool_open(&test->options, &spool, &findings, NULL) == ERROR_NONE) {
                for (int i = 0; i < 100000; i++)
                    id = spool_next_id(spool);
            }
            _exit(write(ends[1], &id, sizeof id) == (ssize_t)sizeof id ? 0 : 1);
        }
        int status = 1;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
        spool_test_open(test);
        assert_int_equal(read(ends[0], &last, sizeof last), sizeof last);
        assert_true(last >= 100000);
        assert_true(spool_next_id(test->spool) > last);
        spool_test_close(test);
    }
    (void)close(ends[0]);
    (void)close(ends[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SPOOL_TEST(nothing_is_lost_to_kills),
        SPOOL_TEST(ids_do_not_come_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
