/* The lines that say how far something has come. */
#include "test_support.h"

#include "tools/command/progress_bar.h"
#include "tools/resend/resend_account.h"

#include <stdlib.h>
#include <string.h>

static void assert_line(uint64_t total, uint64_t done, int64_t elapsed, bool bar, const char *line)
{
    char text[256];
    struct progress_bar progress = {.unit = "records", .total = total};
    progress_bar_format(&progress, done, elapsed, bar, text, sizeof text);
    assert_string_equal(text, line);
}

static void numbers_are_parted(void **state)
{
    (void)state;
    char text[32];
    assert_string_equal(progress_bar_number(0, text), "0");
    assert_string_equal(progress_bar_number(999, text), "999");
    assert_string_equal(progress_bar_number(1000, text), "1,000");
    assert_string_equal(progress_bar_number(1234567, text), "1,234,567");
    assert_string_equal(progress_bar_number(UINT64_MAX, text), "18,446,744,073,709,551,615");
}

static void lines_say_share_rate_and_rest(void **state)
{
    (void)state;
    assert_line(10000, 4200, 2000, false, "4,200 of 10,000 records, 42 %, 2,100/s, 0:03 left");
    assert_line(10000, 4200, 2000, true,
                "4,200 of 10,000 records [########............], 42 %, 2,100/s, 0:03 left");
    assert_line(10000, 10000, 2000, true,
                "10,000 of 10,000 records [####################], 100 %, 5,000/s, 0:00 left");
    assert_line(1000000, 1000, 10000, false,
                "1,000 of 1,000,000 records, 0 %, 100/s, 2:46:30 left");
}

static void what_is_not_known_is_not_said(void **state)
{
    (void)state;
    assert_line(0, 4200, 2000, true, "4,200 records, 2,100/s");
    assert_line(100, 0, 5000, false, "0 of 100 records, 0 %");
    assert_line(100, 0, 0, false, "0 of 100 records, 0 %");
    assert_line(UINT64_MAX, 10, 1000, false, "10 of 18,446,744,073,709,551,615 records, 0 %, 10/s");
}

static void more_than_there_was_is_all_of_it(void **state)
{
    (void)state;
    assert_line(10, 12, 1000, true,
                "10 of 10 records [####################], 100 %, 12/s, 0:00 left");
}

/* Nothing is written in the first second; what is no terminal gets whole lines. */
static void quick_work_says_nothing(void **state)
{
    (void)state;
    char *text = NULL;
    size_t size = 0;
    FILE *out = tmpfile();
    struct progress_bar progress;
    assert_non_null(out);
    progress_bar_begin(&progress, out, "records", 10);
    progress_bar_update(&progress, 5);
    assert_int_equal(ftell(out), 0);
    progress.began -= 20000;
    progress.drawn -= 20000;
    progress_bar_update(&progress, 5);
    progress_bar_update(&progress, 6);
    progress_bar_clear(&progress);
    rewind(out);
    assert_true(getline(&text, &size, out) > 0);
    assert_non_null(strstr(text, "5 of 10 records, 50 %"));
    assert_int_equal(getline(&text, &size, out), -1);
    free(text);
    (void)fclose(out);
}

static void assert_account(const struct resend_account *account, bool dry_run, const char *line)
{
    char text[256];
    resend_account_format(account, dry_run, text, sizeof text);
    assert_string_equal(text, line);
}

static void accounts_add_up(void **state)
{
    (void)state;
    struct resend_account account = {0};
    assert_account(&account, false, "0 letters, 0 sent, 0 skipped, 0 failed");
    account = (struct resend_account){.sent = 9990, .failed = 3, .skipped = {5, 2}};
    assert_account(&account, false,
                   "10,000 letters, 9,990 sent, 7 skipped (5 another reason, 2 without its bytes), "
                   "3 failed");
    account = (struct resend_account){.sent = 1};
    assert_account(&account, true, "1 letter, 1 to send, 0 skipped, 0 failed");
    account = (struct resend_account){.not_done = 2, .skipped = {0, 0, 1, 1}};
    assert_account(&account, false,
                   "4 letters, 0 sent, 2 skipped (1 without its key or headers, 1 no dead letter), "
                   "0 failed, 2 not done");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_parted),
        cmocka_unit_test(lines_say_share_rate_and_rest),
        cmocka_unit_test(what_is_not_known_is_not_said),
        cmocka_unit_test(more_than_there_was_is_all_of_it),
        cmocka_unit_test(quick_work_says_nothing),
        cmocka_unit_test(accounts_add_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
