/* Buffers and errors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/error.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_buffer_grows_up_to_its_limit),
        cmocka_unit_test(a_cleared_buffer_keeps_its_memory),
        cmocka_unit_test(a_format_that_does_not_fit_leaves_the_buffer_alone),
        cmocka_unit_test(an_error_keeps_what_fits),
        cmocka_unit_test(every_code_has_a_name_of_its_own),
    };
    return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
