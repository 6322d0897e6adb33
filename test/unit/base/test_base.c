/* Buffers, errors, and names that are nearly right. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/nearest.h"
#include "base/one_line.h"

static void a_buffer_grows_up_to_its_limit(void **state)
{
    (void)state;
    struct buffer buffer;
    buffer_init(&buffer, 1000);
    for (int i = 0; i < 10; i++)
        assert_int_equal(buffer_append(&buffer,
                                       "0123456789012345678901234567890123456789"
                                       "0123456789012345678901234567890123456789"
                                       "01234567890123456789",
                                       100),
                         ERROR_NONE);
    assert_int_equal(buffer.length, 1000);
    assert_int_equal(buffer_append(&buffer, "x", 1), ERROR_LIMIT);
    assert_int_equal(buffer_reserve(&buffer, SIZE_MAX), ERROR_LIMIT);
    assert_int_equal(buffer.length, 1000);
    assert_memory_equal(buffer.data + 990, "0123456789", 10);
    buffer_fini(&buffer);
}

static void a_cleared_buffer_keeps_its_memory(void **state)
{
    (void)state;
    struct buffer buffer;
    buffer_init(&buffer, 4096);
    assert_int_equal(buffer_append_format(&buffer, "%d-%s", 42, "x"), ERROR_NONE);
    assert_int_equal(buffer.length, 4);
    assert_memory_equal(buffer.data, "42-x", 4);
    const char *memory = buffer.data;
    buffer_clear(&buffer);
    assert_int_equal(buffer_append_text(&buffer, "again"), ERROR_NONE);
    assert_ptr_equal(buffer.data, memory);
    assert_int_equal(buffer_append(&buffer, NULL, 0), ERROR_NONE);
    assert_int_equal(buffer.length, 5);
    buffer_fini(&buffer);
}

static void a_format_that_does_not_fit_leaves_the_buffer_alone(void **state)
{
    (void)state;
    struct buffer buffer;
    buffer_init(&buffer, 8);
    assert_int_equal(buffer_append_text(&buffer, "abc"), ERROR_NONE);
    assert_int_equal(buffer_append_format(&buffer, "%s", "123456"), ERROR_LIMIT);
    assert_int_equal(buffer.length, 3);
    buffer_fini(&buffer);
}

static void an_error_keeps_what_fits(void **state)
{
    (void)state;
    struct error error;
    char path[2 * ERROR_PATH_SIZE];
    memset(path, 'p', sizeof path - 1);
    path[sizeof path - 1] = '\0';
    assert_int_equal(error_set(&error, ERROR_RANGE, path, 7, "%0*d", 2 * ERROR_TEXT_SIZE, 1),
                     ERROR_RANGE);
    assert_int_equal(error.position, 7);
    assert_int_equal(strlen(error.path), ERROR_PATH_SIZE - 1);
    assert_int_equal(strlen(error.text), ERROR_TEXT_SIZE - 1);
    assert_int_equal(error_set(&error, ERROR_IO, NULL, 0, "x"), ERROR_IO);
    assert_string_equal(error.path, "");
    assert_int_equal(error_set(NULL, ERROR_FULL, "p", 0, "x"), ERROR_FULL);
}

static void an_error_names_its_place_once(void **state)
{
    (void)state;
    struct error error;
    (void)error_set(&error, ERROR_IO, "/data/a.db", 0, "/data/a.db is in use");
    assert_string_equal(error_place(&error), "");
    assert_string_equal(error_parting(&error), "");
    (void)error_set(&error, ERROR_IO, "/data/a.db", 0, "the file is in use");
    assert_string_equal(error_place(&error), "/data/a.db");
    assert_string_equal(error_parting(&error), ": ");
    (void)error_set(&error, ERROR_IO, NULL, 0, "out of memory");
    assert_string_equal(error_place(&error), "");
    assert_string_equal(error_parting(&error), "");
}

static void every_code_has_a_name_of_its_own(void **state)
{
    (void)state;
    for (int i = ERROR_NONE; i <= ERROR_FULL; i++) {
        const char *name = error_code_name((enum error_code)i);
        assert_string_not_equal(name, "unnamed");
        for (int k = ERROR_NONE; k < i; k++)
            assert_string_not_equal(name, error_code_name((enum error_code)k));
    }
}

static const char *nearest_of(const char *name, size_t most, const char *const *candidates)
{
    struct nearest nearest;
    nearest_begin(&nearest, name, most);
    for (; *candidates; candidates++)
        nearest_offer(&nearest, *candidates);
    return nearest.found;
}

static void the_nearest_name_is_what_was_meant(void **state)
{
    (void)state;
    static const char *const NAMES[] = {"precision", "default", "path", "time", "", NULL};
    static const struct {
        const char *name;
        size_t most;
        const char *found;
    } rows[] = {
        {"precison", 1, "precision"},   /* one left out */
        {"precisioon", 1, "precision"}, /* one too many */
        {"precasion", 1, "precision"},  /* another one */
        {"rpecision", 1, NULL},         /* two changed places: two edits */
        {"rpecision", 2, "precision"},
        {"path", 0, "path"},
        {"paths", 0, NULL},
        {"tath", 4, "path"}, /* nearer than time */
        {"pame", 4, "path"}, /* as near as time: the first */
        {"x", 1, ""},
        {"quite another name", 3, NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *found = nearest_of(rows[i].name, rows[i].most, NAMES);
        if (!rows[i].found)
            assert_null(found);
        else if (!found || strcmp(found, rows[i].found) != 0)
            fail_msg("%s: %s", rows[i].name, found ? found : "nothing");
    }
}

static void long_names_are_compared_up_to_the_limit(void **state)
{
    (void)state;
    char longest[NEAREST_NAME_LIMIT + 1], longer[NEAREST_NAME_LIMIT + 2];
    memset(longest, 'a', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    memset(longer, 'a', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    const char *const names[] = {longer, longest, NULL};
    assert_ptr_equal(nearest_of(longer, 3, names), longest);
    assert_ptr_equal(nearest_of(longest + 1, SIZE_MAX - 1, names), longest);
}

static void a_line_stays_one_line(void **state)
{
    (void)state;
    static const char *const texts[][2] = {
        {"/a\n[FATAL] b\r\t\x1b[2J", "/a?[FATAL] b???[2J"},
        {"\x7f\xc2\x9b\xc2\xa0", "???\xc2\xa0"},
        {"\xc3\xa9 stays", "\xc3\xa9 stays"},
        {"a part \xc2", "a part \xc2"},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        char text[64];
        (void)snprintf(text, sizeof text, "%s", texts[i][0]);
        one_line(text);
        assert_string_equal(text, texts[i][1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_buffer_grows_up_to_its_limit),
        cmocka_unit_test(a_cleared_buffer_keeps_its_memory),
        cmocka_unit_test(a_format_that_does_not_fit_leaves_the_buffer_alone),
        cmocka_unit_test(an_error_keeps_what_fits),
        cmocka_unit_test(an_error_names_its_place_once),
        cmocka_unit_test(every_code_has_a_name_of_its_own),
        cmocka_unit_test(a_line_stays_one_line),
        cmocka_unit_test(the_nearest_name_is_what_was_meant),
        cmocka_unit_test(long_names_are_compared_up_to_the_limit),
    };
    return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
