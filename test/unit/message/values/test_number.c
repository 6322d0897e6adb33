#include "message/json/json_scan.h"
#include "message/values/integer.h"
#include "message/values/number.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ROUND_TRIPS 200000

/* All of `text` as a JSON number. */
static bool scan_number(const char *text, size_t length, struct json_number *number)
{
    struct json_scan scan = json_scan_over(text, length);
    return json_scan_number(&scan, number) == ERROR_NONE && scan.position == length;
}

static bool read_double(const char *text, size_t length, double *value)
{
    struct json_number number;
    return scan_number(text, length, &number) && number_read_double(&number, value);
}

static bool read_float(const char *text, size_t length, float *value)
{
    struct json_number number;
    return scan_number(text, length, &number) && number_read_float(&number, value);
}

static void assert_text(const char *text, size_t length, const char *expected)
{
    if (length != strlen(expected) || memcmp(text, expected, length) != 0)
        fail_msg("\"%.*s\" is not \"%s\"", (int)length, text, expected);
}

static void doubles_are_shortest_with_point_or_exponent(void **state)
{
    (void)state;
    static const struct {
        double value;
        const char *text;
    } cases[] = {
        {0.0, "0.0"},
        {-0.0, "-0.0"},
        {1.0, "1.0"},
        {-1.5, "-1.5"},
        {0.1, "0.1"},
        {0.30000000000000004, "0.30000000000000004"},
        {100000.0, "100000.0"},
        {123456.789, "123456.789"},
        {0.0001, "0.0001"},
        {0.00001, "1e-05"},
        {9007199254740993.0, "9007199254740992.0"},
        {9999999999999998.0, "9999999999999998.0"},
        {1e16, "1e+16"},
        {1e22, "1e+22"},
        {1.5e300, "1.5e+300"},
        {5e-324, "5e-324"},
        {2.2250738585072014e-308, "2.2250738585072014e-308"},
        {1.7976931348623157e308, "1.7976931348623157e+308"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[NUMBER_TEXT_SIZE];
        assert_text(text, number_write_double(cases[i].value, text), cases[i].text);
    }
}

static void floats_are_shortest_as_floats(void **state)
{
    (void)state;
    static const struct {
        float value;
        const char *text;
    } cases[] = {
        {0.0F, "0.0"},
        {-0.0F, "-0.0"},
        {0.1F, "0.1"},
        {3.15F, "3.15"},
        {16777216.0F, "16777216.0"},
        {1e-5F, "1e-05"},
        {1e10F, "1e+10"},
        {0.33333334F, "0.33333334"},
        {1e-45F, "1e-45"},
        {3.4028235e38F, "3.4028235e+38"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[NUMBER_TEXT_SIZE];
        assert_text(text, number_write_float(cases[i].value, text), cases[i].text);
    }
}

/* What Python's repr(round(x, n)) says. */
static void rounding_is_half_even_on_the_exact_value(void **state)
{
    (void)state;
    static const struct {
        double value;
        int decimals;
        const char *text;
    } cases[] = {
        {0.0, 5, "0.0"},
        {-0.0, 5, "-0.0"},
        {1.0, 5, "1.0"},
        {0.5, 0, "0.0"},
        {1.5, 0, "2.0"},
        {2.5, 0, "2.0"},
        {-2.5, 0, "-2.0"},
        {0.125, 2, "0.12"},
        {0.375, 2, "0.38"},
        {2.675, 2, "2.67"},
        {1.005, 2, "1.0"},
        {1.2345678901234567, 5, "1.23457"},
        {-4.583698889, 5, "-4.5837"},
        {0.000004, 5, "0.0"},
        {-0.000004, 5, "-0.0"},
        {0.00001234, 5, "1e-05"},
        {0.00014, 4, "0.0001"},
        {999999.999999, 5, "1000000.0"},
        {123456789012.12345, 5, "123456789012.12344"},
        {1000000000000000.5, 0, "1000000000000000.0"},
        {1000000000000001.5, 0, "1000000000000002.0"},
        {9007199254740991.0, 17, "9007199254740991.0"},
        {0.1, 17, "0.1"},
        {3.0000000000000004, 17, "3.0000000000000004"},
        {1e300, 5, "1e+300"},
        {5e-324, 17, "0.0"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[NUMBER_TEXT_SIZE];
        size_t length = number_write_rounded(cases[i].value, cases[i].decimals, text);
        assert_text(text, length, cases[i].text);
    }
}

/* xorshift64: the same values in every run. */
static uint64_t next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

static void all_bits_survive_text(void **state)
{
    (void)state;
    uint64_t seed = 88172645463325252U;
    for (int i = 0; i < ROUND_TRIPS; i++) {
        char text[NUMBER_TEXT_SIZE];
        uint64_t bits = next_random(&seed);
        uint32_t half = (uint32_t)bits;
        double value;
        float single;
        memcpy(&value, &bits, sizeof value);
        memcpy(&single, &half, sizeof single);
        double back = 0;
        if ((bits >> 52 & 0x7FF) != 0x7FF) {
            size_t length = number_write_double(value, text);
            assert_true(length <= NUMBER_TEXT_SIZE);
            assert_true(read_double(text, length, &back));
            assert_memory_equal(&back, &value, sizeof value);
        }
        float back_single = 0;
        if ((half >> 23 & 0xFF) != 0xFF) {
            size_t length = number_write_float(single, text);
            assert_true(length <= NUMBER_TEXT_SIZE);
            assert_true(read_float(text, length, &back_single));
            assert_memory_equal(&back_single, &single, sizeof single);
        }
    }
}

static void only_json_numbers_are_read(void **state)
{
    (void)state;
    static const char *const refused[] = {
        "",   "-",  "+1",  "01",  "-01", "1.",  ".5",    "1e",     "1e+", "0x10",
        "1 ", " 1", "nan", "NaN", "inf", "1_0", "1e400", "-1e400", "1,0", "1e99999999999999999999"};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        double value = 0;
        if (read_double(refused[i], strlen(refused[i]), &value))
            fail_msg("\"%s\" was read as %g", refused[i], value);
    }
    static const struct {
        const char *text;
        double value;
    } read[] = {
        {"0", 0.0},
        {"-0", -0.0},
        {"12e3", 12000.0},
        {"1E-2", 0.01},
        {"123456789012345678901234567890", 123456789012345678901234567890.0},
        {"0.1000000000000000055511151231257827", 0.1},
        {"1e-400", 0.0},
        {"-1e-400", -0.0},
        {"0e99999999999", 0.0},
        {"2.5e-324", 5e-324},
        {"9007199254740993", 9007199254740992.0},
    };
    for (size_t i = 0; i < sizeof read / sizeof *read; i++) {
        double value = 7;
        assert_true(read_double(read[i].text, strlen(read[i].text), &value));
        assert_memory_equal(&value, &read[i].value, sizeof value);
    }
    float single = 0;
    assert_false(read_float("1e39", 4, &single));
    assert_true(read_float("3.4028235e38", 12, &single));
}

static void integers_are_exact(void **state)
{
    (void)state;
    static const struct {
        int64_t value;
        const char *text;
    } cases[] = {
        {0, "0"},         {9, "9"},
        {10, "10"},       {-1, "-1"},
        {99, "99"},       {100, "100"},
        {12345, "12345"}, {INT64_MAX, "9223372036854775807"},
        {-1000, "-1000"}, {INT64_MIN, "-9223372036854775808"},
    };
    char text[INTEGER_TEXT_SIZE];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_text(text, (size_t)(integer_write_signed(text, cases[i].value) - text),
                    cases[i].text);
    assert_text(text, (size_t)(integer_write_unsigned(text, UINT64_MAX) - text),
                "18446744073709551615");
    assert_text(text, (size_t)(integer_write_padded(text, 42, 5) - text), "00042");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(doubles_are_shortest_with_point_or_exponent),
        cmocka_unit_test(floats_are_shortest_as_floats),
        cmocka_unit_test(rounding_is_half_even_on_the_exact_value),
        cmocka_unit_test(all_bits_survive_text),
        cmocka_unit_test(only_json_numbers_are_read),
        cmocka_unit_test(integers_are_exact),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
