/* A process that is killed at any instant loses nothing that it was told is kept. */
#include "victim.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        SPOOL_TEST(nothing_is_lost_to_kills),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
