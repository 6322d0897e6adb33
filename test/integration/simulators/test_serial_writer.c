/* The writer of serialized messages: the bytes of each kind of value, and its bounds. */
#include "simulators/serial_writer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define LIMIT 64

struct written {
    struct buffer bytes;
    struct serial_writer writer;
};

static int begin(void **state)
{
    static struct written written;
    buffer_init(&written.bytes, LIMIT);
    serial_writer_init(&written.writer, &written.bytes);
    *state = &written;
    return 0;
}

static int end(void **state)
{
    struct written *written = *state;
    buffer_fini(&written->bytes);
    return 0;
}

static void assert_bytes(const struct written *written, const char *expected, size_t size)
{
    assert_int_equal(written->writer.code, ERROR_NONE);
    assert_int_equal(written->bytes.length, size);
    assert_memory_equal(written->bytes.data, expected, size);
}

static void integers_are_little_endian(void **state)
{
    struct written *written = *state;
    put_bool(&written->writer, true);
    put_u8(&written->writer, 0xfe);
    put_u16(&written->writer, 0x0102);
    put_u32(&written->writer, 0x03040506);
    put_u64(&written->writer, UINT64_C(0x0708090a0b0c0d0e));
    assert_bytes(written, "\x01\xfe\x02\x01\x06\x05\x04\x03\x0e\x0d\x0c\x0b\x0a\x09\x08\x07", 16);
}

static void floats_are_ieee_754(void **state)
{
    struct written *written = *state;
    put_float(&written->writer, 1.5f);
    put_double(&written->writer, -2.0);
    assert_bytes(written, "\x00\x00\xc0\x3f\x00\x00\x00\x00\x00\x00\x00\xc0", 12);
}

static void strings_carry_their_length(void **state)
{
    struct written *written = *state;
    put_string(&written->writer, "odom");
    put_string(&written->writer, "");
    assert_bytes(written, "\x04\0\0\0odom\0\0\0\0", 12);
}

static void times_are_seconds_and_nanoseconds(void **state)
{
    struct written *written = *state;
    put_time(&written->writer, INT64_C(4294967295) * 1000000000 + 258);
    assert_bytes(written, "\xff\xff\xff\xff\x02\x01\0\0", 8);
}

static void a_diagonal_has_zeros_around_it(void **state)
{
    struct written *written = *state;
    const double expected[] = {3, 0, 0, 4};
    put_diagonal(&written->writer, (double[]){3, 4}, 2);
    assert_bytes(written, (const char *)expected, sizeof expected);
}

static void fixed_arrays_have_no_count(void **state)
{
    struct written *written = *state;
    const double expected[] = {1, 2, 7, 7};
    put_doubles(&written->writer, expected, 2);
    put_repeated_double(&written->writer, 7, 2);
    assert_bytes(written, (const char *)expected, sizeof expected);
}

static void past_the_limit_nothing_more_is_written(void **state)
{
    struct written *written = *state;
    put_repeated_double(&written->writer, 1, LIMIT / 8);
    assert_int_equal(written->writer.code, ERROR_NONE);
    put_double(&written->writer, 2);
    put_u8(&written->writer, 3);
    assert_int_equal(written->writer.code, ERROR_LIMIT);
    assert_int_equal(written->bytes.length, LIMIT);
}

static void a_count_past_32_bits_is_an_error(void **state)
{
    struct written *written = *state;
    put_count(&written->writer, (size_t)UINT32_MAX + 1);
    assert_int_equal(written->writer.code, ERROR_LIMIT);
    assert_int_equal(written->bytes.length, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(integers_are_little_endian),
        TEST(floats_are_ieee_754),
        TEST(strings_carry_their_length),
        TEST(times_are_seconds_and_nanoseconds),
        TEST(a_diagonal_has_zeros_around_it),
        TEST(fixed_arrays_have_no_count),
        TEST(past_the_limit_nothing_more_is_written),
        TEST(a_count_past_32_bits_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
