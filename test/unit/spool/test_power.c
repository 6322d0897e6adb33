/* A machine that lost power: what was not on the disk is gone, which is told, and no number comes
 * again. The power loss is a watermark of another boot, and a log that is gone. */
#include "spool/watermark.h"
#include "victim.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void boot_again(const struct spool_test *test)
{
    struct spool_mark mark;
    struct spool_watermark watermark = {.descriptor = -1};
    uint64_t turn = 0;
    assert_int_equal(spool_watermark_look(test->path, &mark, &turn), SPOOL_WATERMARK_SOUND);
    mark.boot++;
    assert_int_equal(spool_watermark_open(&watermark, test->path, NULL), ERROR_NONE);
    spool_watermark_write(&watermark, &mark, false);
    spool_watermark_write(&watermark, &mark, false);
    spool_watermark_close(&watermark);
}

static void lose_log(const struct spool_test *test)
{
    char path[256];
    (void)snprintf(path, sizeof path, "%s-wal", test->path);
    assert_int_equal(truncate(path, 0), 0);
}

static void open_after_power_loss(struct spool_test *test, enum spool_sync sync, bool lose)
{
    static struct victim victim;
    unsigned seed = 7;
    memset(&victim, 0, sizeof victim);
    spool_test_close(test);
    test->options.sync = sync;
    victim_run(&victim, &test->options, &seed, 60);
    boot_again(test);
    if (lose)
        lose_log(test);
    spool_test_open(test);
    uint64_t damaged = 0;
    uint64_t found = victim_found(&victim, test->spool, &damaged);
    assert_int_equal(damaged, 0);
    assert_true(found + test->findings.lost_records >= victim_unsettled(&victim));
    assert_true(lose || found == victim_unsettled(&victim));
    /* A slow machine may kill the victim just when nothing stands in the log alone. */
    assert_true(lose || test->findings.lost_records == 0);
    assert_true(spool_sequence(test->spool, "odometry")->next >= victim.next_number);
    assert_true(spool_sequence(test->spool, "scan")->next >= (lose ? victim.next_number : 0));
    assert_true(spool_next_id(test->spool) >= victim.next_id);
    assert_string_equal(test->findings.set_aside, "");
}

static void the_last_moments_are_told(void **state)
{
    struct spool_test *test = *state;
    open_after_power_loss(test, SPOOL_SYNC_NORMAL, true);
    if (test->findings.lost_records > 0)
        assert_non_null(strstr(test->findings.damage, "lost power"));
    spool_test_close(test);
    spool_test_open(test);
    assert_string_equal(test->findings.damage, "");
}

static void nothing_is_told_where_nothing_is_lost(void **state)
{
    struct spool_test *test = *state;
    open_after_power_loss(test, SPOOL_SYNC_NORMAL, false);
    assert_string_equal(test->findings.damage, "");
}

static void full_sync_skips_no_numbers(void **state)
{
    struct spool_test *test = *state;
    open_after_power_loss(test, SPOOL_SYNC_FULL, false);
    assert_string_equal(test->findings.damage, "");
    assert_true(spool_sequence(test->spool, "odometry")->next < 10000);
}

static void a_close_in_order_needs_no_power(void **state)
{
    struct spool_test *test = *state;
    (void)spool_test_append(test->spool, 5, 10);
    spool_test_close(test);
    boot_again(test);
    spool_test_open(test);
    assert_string_equal(test->findings.damage, "");
    assert_int_equal(spool_sequence(test->spool, "odometry")->next, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SPOOL_TEST(the_last_moments_are_told),
        SPOOL_TEST(nothing_is_told_where_nothing_is_lost),
        SPOOL_TEST(full_sync_skips_no_numbers),
        SPOOL_TEST(a_close_in_order_needs_no_power),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
