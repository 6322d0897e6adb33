/* The offsets of what is latched, as the group keeps them. */
#include "test_support.h"

#include "bridge/publish/latches.h"

#include <stdlib.h>
#include <string.h>

static void assert_text(const struct latches *latches, const char *expected)
{
    char text[64];
    assert_true(latches_text(latches, "t", 0, text, sizeof text));
    assert_string_equal(text, expected);
}

static void each_publisher_has_its_last_record(void **state)
{
    (void)state;
    char text[64];
    struct latches latches = {0};
    struct publication one = {0}, two = {0};
    latches_note(&latches, "t", 0, 1, &one);
    assert_false(latches_text(&latches, "t", 0, text, sizeof text)); /* it has not begun */
    latches_begin(&latches, "t", 0, "");
    assert_text(&latches, "");
    latches_note(&latches, "t", 0, 100, &one);
    latches_note(&latches, "t", 0, 103, &two);
    assert_text(&latches, "latched:103,3");
    latches_note(&latches, "t", 0, 120, &one);
    assert_text(&latches, "latched:120,17");
    assert_false(latches_text(&latches, "t", 1, text, sizeof text));
    latches_forget(&latches, "t", 0);
    assert_false(latches_text(&latches, "t", 0, text, sizeof text));
    latches_fini(&latches);
}

static void what_the_group_kept_is_published_again(void **state)
{
    (void)state;
    struct latches latches = {0};
    struct publication one = {0}, two = {0};
    latches_begin(&latches, "t", 0, "latched:120,17,100");
    assert_text(&latches, "latched:120,17,100");
    assert_int_equal(latches_next(&latches, "t", 0, -1), 3);
    latches_note(&latches, "t", 0, 3, &one);
    assert_int_equal(latches_next(&latches, "t", 0, 3), 103);
    latches_drop(&latches, "t", 0, 103);
    assert_int_equal(latches_next(&latches, "t", 0, 103), 120);
    latches_note(&latches, "t", 0, 120, &two);
    assert_int_equal(latches_next(&latches, "t", 0, -1), -1);
    assert_text(&latches, "latched:120,117");
    latches_fini(&latches);
}

static void texts_that_are_not_ours_say_nothing(void **state)
{
    (void)state;
    static const char *const texts[] = {"", "sequence 5", "latched:", "latched:x", "latched:-1"};
    struct latches latches = {0};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        latches_begin(&latches, "t", 0, texts[i]);
        assert_text(&latches, "");
    }
    latches_begin(&latches, "t", 0, "latched:5,9");
    assert_text(&latches, "latched:5");
    latches_fini(&latches);
}

static void the_oldest_have_no_room(void **state)
{
    (void)state;
    struct latches latches = {0};
    struct publication *publications = calloc(LATCHES_OF_PARTITION + 1, sizeof *publications);
    latches_begin(&latches, "t", 0, "");
    for (int i = 0; i <= LATCHES_OF_PARTITION; i++)
        latches_note(&latches, "t", 0, 1000 + i, &publications[i]);
    char text[64];
    assert_true(latches_text(&latches, "t", 0, text, sizeof text));
    assert_in_range(strlen(text), 50, sizeof text - 1);
    assert_int_equal(strncmp(text, "latched:3000,1,1,1,", 19), 0);
    latches_fini(&latches);
    free(publications);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_publisher_has_its_last_record),
        cmocka_unit_test(what_the_group_kept_is_published_again),
        cmocka_unit_test(texts_that_are_not_ours_say_nothing),
        cmocka_unit_test(the_oldest_have_no_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
