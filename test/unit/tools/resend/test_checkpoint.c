/* What a run of resend remembers for the next one. */
#include "test_support.h"

#include "tools/resend/checkpoint.h"

#include <string.h>

#define TEXT_SIZE 4001

static const char *const range[] = {"range"};
static const struct checkpoint_filter all = {0};
static const struct checkpoint_filter ranges = {.reasons = range, .count = 1};

static struct checkpoint read(int64_t place, const char *text)
{
    struct checkpoint checkpoint;
    assert_int_equal(checkpoint_read(&checkpoint, place, text), ERROR_NONE);
    return checkpoint;
}

static void assert_text(struct checkpoint *checkpoint, int64_t next, const char *expected)
{
    char text[TEXT_SIZE];
    assert_int_equal(checkpoint_write(checkpoint, text, sizeof text), ERROR_NONE);
    assert_string_equal(text, expected);
    assert_int_equal(checkpoint->next, next);
}

static void at_first_nothing_is_done(void **state)
{
    (void)state;
    struct checkpoint checkpoint = read(-1, "");
    assert_int_equal(checkpoint_first(&checkpoint, &all), 0);
    assert_false(checkpoint_is_done(&checkpoint, 0, "range"));
    assert_text(&checkpoint, 0, "spool resend 1");
}

static void texts_come_back_as_they_were(void **state)
{
    (void)state;
    const char *text = "spool resend 1;range=120;too_large=98;holes=17+2,11";
    struct checkpoint checkpoint = read(50, text);
    assert_text(&checkpoint, 50, text);
    assert_int_equal(checkpoint.hole_count, 2);
    assert_int_equal(checkpoint.holes[0].last, 19);
    assert_int_equal(checkpoint.holes[1].first, 30);
    assert_int_equal(checkpoint.reason_count, 2);
    checkpoint = read(50, "spool resend 1;holes=0");
    assert_text(&checkpoint, 50, "spool resend 1;holes=0");
}

static void foreign_texts_leave_the_offset(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "another's",
        "spool resend 1x",
        "spool resend 1;holes=",
        "spool resend 1;holes=3+",
        "spool resend 1;holes=3,0",
        "spool resend 1;holes=3,",
        "spool resend 1;holes=-3",
        "spool resend 1;holes=3,9223372036854775807",
        "spool resend 1;holes=3+9223372036854775807",
        "spool resend 1;range",
        "spool resend 1;range=",
        "spool resend 1;=3",
        "spool resend 1;range=3 ",
        "spool resend 1;range=99999999999999999999",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct checkpoint checkpoint;
        assert_int_equal(checkpoint_read(&checkpoint, 7, texts[i]), ERROR_SYNTAX);
        assert_text(&checkpoint, 7, "spool resend 1");
    }
}

static void reasons_have_places_of_their_own(void **state)
{
    (void)state;
    struct checkpoint checkpoint = read(10, "");
    assert_int_equal(checkpoint_advance(&checkpoint, &ranges, 100), ERROR_NONE);
    assert_text(&checkpoint, 10, "spool resend 1;range=100");
    assert_true(checkpoint_is_done(&checkpoint, 50, "range"));
    assert_false(checkpoint_is_done(&checkpoint, 50, "syntax"));
    assert_false(checkpoint_is_done(&checkpoint, 100, "range"));
    assert_true(checkpoint_is_done(&checkpoint, 9, "syntax"));
    assert_int_equal(checkpoint_first(&checkpoint, &all), 10);
    assert_int_equal(checkpoint_first(&checkpoint, &ranges), 100);
    /* A run over all goes on to there and beyond. */
    assert_int_equal(checkpoint_advance(&checkpoint, &all, 60), ERROR_NONE);
    assert_text(&checkpoint, 60, "spool resend 1;range=100");
    assert_int_equal(checkpoint_advance(&checkpoint, &all, 100), ERROR_NONE);
    assert_text(&checkpoint, 100, "spool resend 1");
}

static void places_never_go_back(void **state)
{
    (void)state;
    struct checkpoint checkpoint = read(10, "spool resend 1;range=100");
    assert_int_equal(checkpoint_advance(&checkpoint, &all, 5), ERROR_NONE);
    assert_int_equal(checkpoint_advance(&checkpoint, &ranges, 50), ERROR_NONE);
    assert_text(&checkpoint, 10, "spool resend 1;range=100");
}

static void what_failed_is_tried_again(void **state)
{
    (void)state;
    struct checkpoint checkpoint = read(0, "");
    static const int64_t failed[] = {5, 3, 4, 9, 7, 8, 3};
    for (size_t i = 0; i < sizeof failed / sizeof failed[0]; i++)
        checkpoint_fail(&checkpoint, failed[i]);
    assert_int_equal(checkpoint_advance(&checkpoint, &all, 20), ERROR_NONE);
    assert_text(&checkpoint, 20, "spool resend 1;holes=3+2,2+2");
    assert_int_equal(checkpoint_first(&checkpoint, &all), 3);
    assert_false(checkpoint_is_done(&checkpoint, 4, "range"));
    assert_true(checkpoint_is_done(&checkpoint, 6, "range"));
    /* In the middle, at an end, alone. */
    static const int64_t mended[] = {4, 3, 5, 6, 9, 7, 8};
    for (size_t i = 0; i < 2; i++)
        checkpoint_mend(&checkpoint, mended[i]);
    assert_text(&checkpoint, 20, "spool resend 1;holes=5,2+2");
    for (size_t i = 2; i < sizeof mended / sizeof mended[0]; i++)
        checkpoint_mend(&checkpoint, mended[i]);
    assert_text(&checkpoint, 20, "spool resend 1");
}

static void a_hole_is_filled_up(void **state)
{
    (void)state;
    struct checkpoint checkpoint = read(20, "spool resend 1;holes=3,2");
    checkpoint_fail(&checkpoint, 4);
    assert_text(&checkpoint, 20, "spool resend 1;holes=3+2");
    checkpoint_mend(&checkpoint, 4);
    assert_text(&checkpoint, 20, "spool resend 1;holes=3,2");
}

/* Every offset below `end` that failed is still to be done; how many of the others are. */
static int count_again(const struct checkpoint *checkpoint, int64_t end, int64_t step)
{
    int again = 0;
    for (int64_t offset = 0; offset < end; offset++) {
        bool done = checkpoint_is_done(checkpoint, offset, "range");
        if (offset % step == 0)
            assert_false(done);
        else
            again += done ? 0 : 1;
    }
    return again;
}

static void many_holes_are_kept_exactly(void **state)
{
    (void)state;
    struct checkpoint checkpoint = read(0, "");
    char text[TEXT_SIZE];
    for (int64_t offset = 0; offset < 4000; offset += 4)
        checkpoint_fail(&checkpoint, offset);
    assert_int_equal(checkpoint_advance(&checkpoint, &all, 4000), ERROR_NONE);
    assert_int_equal(checkpoint_write(&checkpoint, text, sizeof text), ERROR_NONE);
    assert_int_equal(checkpoint.joined, 0);
    struct checkpoint again = read(4000, text);
    assert_int_equal(count_again(&again, 4000, 4), 0);
}

static void more_holes_are_joined_and_none_is_lost(void **state)
{
    (void)state;
    static const int64_t steps[] = {2, 7, 50, 1000};
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        struct checkpoint checkpoint = read(0, "");
        char text[TEXT_SIZE];
        int64_t end = steps[i] * 5000;
        for (int64_t offset = 0; offset < end; offset += steps[i])
            checkpoint_fail(&checkpoint, offset);
        assert_int_equal(checkpoint_advance(&checkpoint, &all, end), ERROR_NONE);
        assert_int_equal(checkpoint_write(&checkpoint, text, sizeof text), ERROR_NONE);
        assert_true(checkpoint.joined > 0);
        struct checkpoint again = read(end, text);
        assert_int_equal(count_again(&again, end, steps[i]), checkpoint.joined);
    }
}

static void the_most_fits_into_the_text(void **state)
{
    (void)state;
    struct checkpoint checkpoint = read(0, "");
    int64_t offset = INT64_C(1000000000000000000);
    for (int i = 0; i < 2000; i++, offset += 1000000000000000)
        checkpoint_fail(&checkpoint, offset);
    for (int i = 0; i < CHECKPOINT_REASONS_LIMIT; i++) {
        char name[OPTIONS_REASON_SIZE] = "a_reason_with_the_longest_nam_";
        const char *names[] = {name};
        const struct checkpoint_filter one = {.reasons = names, .count = 1};
        name[strlen(name) - 1] = (char)('a' + i);
        assert_int_equal(checkpoint_advance(&checkpoint, &one, offset), ERROR_NONE);
    }
    assert_int_equal(checkpoint_advance(&checkpoint, &ranges, offset), ERROR_LIMIT);
    char text[TEXT_SIZE];
    assert_int_equal(checkpoint_write(&checkpoint, text, sizeof text), ERROR_NONE);
    struct checkpoint again = read(0, text);
    assert_int_equal(again.hole_count, checkpoint.hole_count);
    assert_int_equal(again.reason_count, CHECKPOINT_REASONS_LIMIT);
    assert_int_equal(checkpoint_write(&checkpoint, text, 100), ERROR_LIMIT);
}

static void what_is_left_out_is_a_hole(void **state)
{
    (void)state;
    struct checkpoint checkpoint = read(10, "");
    assert_true(checkpoint_follows(&checkpoint, &all, 10));
    assert_false(checkpoint_follows(&checkpoint, &all, 11));
    assert_int_equal(checkpoint_leave_out(&checkpoint, &all, 30), ERROR_NONE);
    assert_text(&checkpoint, 30, "spool resend 1;holes=10+19");
    assert_int_equal(checkpoint_leave_out(&checkpoint, &all, 40), ERROR_NONE);
    assert_text(&checkpoint, 40, "spool resend 1;holes=10+29");
    assert_int_equal(checkpoint_leave_out(&checkpoint, &ranges, 50), ERROR_LIMIT);
    checkpoint = read(10, "spool resend 1;range=100");
    assert_true(checkpoint_follows(&checkpoint, &ranges, 100));
    assert_int_equal(checkpoint_leave_out(&checkpoint, &all, 30), ERROR_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(at_first_nothing_is_done),
        cmocka_unit_test(texts_come_back_as_they_were),
        cmocka_unit_test(foreign_texts_leave_the_offset),
        cmocka_unit_test(reasons_have_places_of_their_own),
        cmocka_unit_test(places_never_go_back),
        cmocka_unit_test(what_failed_is_tried_again),
        cmocka_unit_test(a_hole_is_filled_up),
        cmocka_unit_test(many_holes_are_kept_exactly),
        cmocka_unit_test(more_holes_are_joined_and_none_is_lost),
        cmocka_unit_test(the_most_fits_into_the_text),
        cmocka_unit_test(what_is_left_out_is_a_hole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
