#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "message/json/decimal.h"
#include "message/json/json_scan.h"
#include "message/values/base64.h"
#include "message/values/iso8601.h"

/* --- whole values ----------------------------------------------------------------------------- */

static enum error_code skip_all(const char *text, size_t depth, struct json_scan *scan)
{
    *scan = json_scan_over(text, strlen(text));
    enum error_code code = json_scan_skip(scan, depth);
    return code == ERROR_NONE ? json_scan_finish(scan) : code;
}

static void valid_texts_are_skipped_whole(void **state)
{
    (void)state;
    static const char *const TEXTS[] = {
        "0",
        "-0.5e+10",
        "\"\"",
        "true",
        " null ",
        "[]",
        "{}",
        "[[],{},[{}]]",
        "{\"a\":[1,{\"b\":[]},\"]}\"],\"\":false}",
        "[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00\",\"a long plain text, \xe2\x82\xac\"]",
        "{\"a\":1,\"a\":2}", /* names twice are the caller's matter */
    };
    for (size_t i = 0; i < sizeof TEXTS / sizeof *TEXTS; i++) {
        struct json_scan scan;
        if (skip_all(TEXTS[i], 8, &scan) != ERROR_NONE)
            fail_msg("%s: at %zu %s", TEXTS[i], scan.position, scan.expect);
        assert_int_equal(scan.position, strlen(TEXTS[i]));
    }
}

static void broken_texts_are_refused_where_they_break(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum error_code code;
        size_t position;
    } ROWS[] = {
        {"", ERROR_SYNTAX, 0},
        {"]", ERROR_SYNTAX, 0},
        {"[1,2", ERROR_SYNTAX, 4},
        {"[1,]", ERROR_SYNTAX, 3},
        {"[1}", ERROR_SYNTAX, 2},
        {"{\"a\":1]", ERROR_SYNTAX, 6},
        {"{\"a\",1}", ERROR_SYNTAX, 4},
        {"{1:2}", ERROR_SYNTAX, 1},
        {"{\"a\":1,}", ERROR_SYNTAX, 7},
        {"[tru]", ERROR_SYNTAX, 1},
        {"[\"a", ERROR_SYNTAX, 3},
        {"[\"abcdefgh\x1fijk\"]", ERROR_SYNTAX, 10},
        {"[\"abcdefgh\xff\"]", ERROR_SYNTAX, 10},
        {"[\"abcdefgh\\q\"]", ERROR_SYNTAX, 10},
        {"00", ERROR_SYNTAX, 0},
        {"1 1", ERROR_TRAILING, 2},
        {"[[[[]]]]", ERROR_LIMIT, 3},
        {"{\"a\":{\"a\":{\"a\":{}}}}", ERROR_LIMIT, 15},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        struct json_scan scan;
        enum error_code code = skip_all(ROWS[i].text, 3, &scan);
        if (code != ROWS[i].code || scan.position != ROWS[i].position || !scan.expect)
            fail_msg("%s: code %s at %zu", ROWS[i].text, error_code_name(code), scan.position);
    }
}

static void nesting_is_counted_to_the_deepest_level(void **state)
{
    (void)state;
    char text[2 * JSON_SCAN_DEPTH_MAX + 3] = {0};
    struct json_scan scan;
    memset(text, '[', JSON_SCAN_DEPTH_MAX);
    memset(text + JSON_SCAN_DEPTH_MAX, ']', JSON_SCAN_DEPTH_MAX);
    assert_int_equal(skip_all(text, JSON_SCAN_DEPTH_MAX, &scan), ERROR_NONE);
    memset(text, '[', JSON_SCAN_DEPTH_MAX + 1);
    assert_int_equal(skip_all(text, SIZE_MAX, &scan), ERROR_LIMIT);
    assert_int_equal(scan.position, JSON_SCAN_DEPTH_MAX);
}

/* --- strings ---------------------------------------------------------------------------------- */

/* Every special byte at every offset within the words that are looked at together. */
static void special_bytes_are_seen_at_every_offset(void **state)
{
    (void)state;
    for (size_t length = 1; length < 40; length++) {
        for (size_t at = 0; at < length; at++) {
            for (unsigned c = 0; c < 256; c++) {
                char *text = malloc(length + 2);
                assert_non_null(text);
                memset(text, 'x', length + 2);
                text[0] = text[length + 1] = '"';
                text[at + 1] = (char)c;
                struct json_scan scan = json_scan_over(text, length + 2);
                struct json_string string;
                enum error_code code = json_scan_string(&scan, &string);
                bool plain = c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
                if (plain || c == '"') {
                    assert_int_equal(code, ERROR_NONE);
                    assert_int_equal(string.length, plain ? length : at);
                } else {
                    assert_int_equal(code, ERROR_SYNTAX);
                    /* a backslash in front of the quote takes it with it */
                    bool open = c == '\\' && at == length - 1;
                    assert_int_equal(scan.position, open ? length + 2 : at + 1);
                }
                free(text);
            }
        }
    }
}

static void strings_compare_by_what_they_say(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool escaped;
        const char *name;
        int order;
    } ROWS[] = {
        {"abc", false, "abc", 0},    {"abc", false, "abd", -1},
        {"abd", false, "abc", 1},    {"ab", false, "abc", -1},
        {"abc", false, "ab", 1},     {"", false, "", 0},
        {"", false, "a", -1},        {"a", false, "", 1},
        {"\\u0061b", true, "ab", 0}, {"\\u00e9", true, "\xc3\xa9", 0},
        {"\\u0000", true, "", 1},    {"a\\u0000", true, "a", 1},
        {"\\u0000", true, "a", -1},  {"\\u00e9", true, "z", 1},
        {"a\\n", true, "a\n", 0},    {"\\ud83d\\ude00", true, "\xf0\x9f\x98\x80", 0},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        struct json_string string = {ROWS[i].text, strlen(ROWS[i].text), ROWS[i].escaped};
        int order = json_string_compare(&string, ROWS[i].name);
        if ((order > 0) - (order < 0) != ROWS[i].order)
            fail_msg("%s against %s: %d", ROWS[i].text, ROWS[i].name, order);
        assert_int_equal(json_string_is(&string, ROWS[i].name), ROWS[i].order == 0);
    }
}

static void excerpts_are_short_plain_and_one_token(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *excerpt;
    } ROWS[] = {
        {"12.5,3", "12.5"},
        {"\"a b\",1", "\"a b\""},
        {"{\"a\":1}", "{"},
        {"\n", "\\x0a"},
        {"\"a\n\xc3\xa9\"", "\"a\\x0a\\xc3\\xa9\""},
        {"", "the end of the text"},
        {"\"0123456789012345678901234567890123456789012345678901234567890\"",
         "\"0123456789012345678901234567890123456789…"},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        char excerpt[JSON_EXCERPT_SIZE];
        const char *text = json_excerpt(ROWS[i].text, strlen(ROWS[i].text), 0, excerpt);
        assert_ptr_equal(text, excerpt);
        if (strncmp(excerpt, ROWS[i].excerpt, 30) != 0 ||
            strcmp(excerpt + strlen(excerpt) - 1, ROWS[i].excerpt + strlen(ROWS[i].excerpt) - 1))
            fail_msg("%s, expected %s", excerpt, ROWS[i].excerpt);
    }
}

/* --- decimals --------------------------------------------------------------------------------- */

static void decimals_scale_exactly(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int scale;
        enum decimal_fit fit;
        uint64_t magnitude;
    } ROWS[] = {
        {"0", 0, DECIMAL_EXACT, 0},
        {"18446744073709551615", 0, DECIMAL_EXACT, UINT64_MAX},
        {"18446744073709551616", 0, DECIMAL_TOO_LARGE, 0},
        {"99999999999999999999999999", 0, DECIMAL_TOO_LARGE, 0},
        {"1.5", 9, DECIMAL_EXACT, 1500000000},
        {"-1.5", 9, DECIMAL_EXACT, 1500000000},
        {"1700000000.123456789", 9, DECIMAL_EXACT, 1700000000123456789},
        {"1700000000.1234567894", 9, DECIMAL_ROUNDED, 1700000000123456789},
        {"1700000000.1234567895", 9, DECIMAL_ROUNDED, 1700000000123456790},
        {"0.0000000005", 9, DECIMAL_ROUNDED, 1},
        {"0.00000000049999", 9, DECIMAL_ROUNDED, 0},
        {"0.30000000000000004", 9, DECIMAL_ROUNDED, 300000000},
        {"1.7e9", 9, DECIMAL_EXACT, 1700000000000000000},
        {"17e-1", 9, DECIMAL_EXACT, 1700000000},
        {"1e10", 9, DECIMAL_EXACT, UINT64_C(10000000000000000000)},
        {"1e11", 9, DECIMAL_TOO_LARGE, 0},
        {"0e999999999999999999999999", 9, DECIMAL_EXACT, 0},
        {"1e999999999999999999999999", 9, DECIMAL_TOO_LARGE, 0},
        {"1e-999999999999999999999999", 9, DECIMAL_ROUNDED, 0},
        {"18446744073709551615.5", 0, DECIMAL_TOO_LARGE, 0},
        {"18446744073709551615.4", 0, DECIMAL_ROUNDED, UINT64_MAX},
        {"123000e-3", 0, DECIMAL_EXACT, 123},
        {"1.000", 0, DECIMAL_EXACT, 1},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        struct json_scan scan = json_scan_over(ROWS[i].text, strlen(ROWS[i].text));
        struct json_number number;
        uint64_t magnitude = 0;
        assert_int_equal(json_scan_number(&scan, &number), ERROR_NONE);
        enum decimal_fit fit = decimal_scale(&number, ROWS[i].scale, &magnitude);
        if (fit != ROWS[i].fit || (fit != DECIMAL_TOO_LARGE && magnitude != ROWS[i].magnitude))
            fail_msg("%s by 10^%d: %d, %llu", ROWS[i].text, ROWS[i].scale, (int)fit,
                     (unsigned long long)magnitude);
    }
}

/* --- dates ------------------------------------------------------------------------------------ */

static void dates_are_read_with_their_offset(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t secs;
        uint32_t nsecs;
    } ROWS[] = {
        {"1970-01-01T00:00:00Z", 0, 0},
        {"1970-01-01T00:00:01.000000002Z", 1, 2},
        {"1969-12-31T23:59:59.5Z", -1, 500000000},
        {"2000-02-29t12:00:00z", 951825600, 0},
        {"2000-03-01 00:00:00+00:00", 951868800, 0},
        {"2024-02-29T23:59:59,999999999Z", 1709251199, 999999999},
        {"2024-02-29T23:59:59.9999999995Z", 1709251200, 0},
        {"2024-02-29T23:59:59.99999999949Z", 1709251199, 999999999},
        {"2024-01-01T01:30:00+01:30", 1704067200, 0},
        {"2023-12-31T16:00:00-0800", 1704067200, 0},
        {"2024-01-01T02:00:00+02", 1704067200, 0},
        {"2016-12-31T23:59:60Z", 1483228800, 0},
        {"2106-02-07T06:28:15Z", UINT32_MAX, 0},
        {"0000-01-01T00:00:00Z", -62167219200, 0},
        {"9999-12-31T23:59:59Z", 253402300799, 0},
        {"1900-03-01T00:00:00Z", -2203891200, 0},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        int64_t secs;
        uint32_t nsecs;
        const char *expect;
        if (!iso8601_read(ROWS[i].text, strlen(ROWS[i].text), &secs, &nsecs, &expect))
            fail_msg("%s: takes %s", ROWS[i].text, expect);
        if (secs != ROWS[i].secs || nsecs != ROWS[i].nsecs)
            fail_msg("%s: %lld.%09u", ROWS[i].text, (long long)secs, nsecs);
    }
}

static void what_is_no_date_is_refused(void **state)
{
    (void)state;
    static const char *const TEXTS[] = {
        "",
        "1970-01-01",
        "1970-01-01T00:00:00", /* whose local time? */
        "1970-01-01T00:00Z",
        "1970-13-01T00:00:00Z",
        "1970-00-01T00:00:00Z",
        "1970-01-32T00:00:00Z",
        "1970-02-29T00:00:00Z",
        "1900-02-29T00:00:00Z",
        "1970-01-01T24:00:00Z",
        "1970-01-01T00:60:00Z",
        "1970-01-01T00:00:61Z",
        "1970-01-01T00:00:00.Z",
        "1970-01-01T00:00:00Z ",
        "1970-01-01T00:00:00+1",
        "1970-01-01T00:00:00+24:00",
        "1970-01-01T00:00:00+01:",
        "1970-01-01T00:00:00+01:60",
        "19700101T000000Z",
        "+1970-01-01T00:00:00Z",
    };
    for (size_t i = 0; i < sizeof TEXTS / sizeof *TEXTS; i++) {
        int64_t secs;
        uint32_t nsecs;
        const char *expect = NULL;
        if (iso8601_read(TEXTS[i], strlen(TEXTS[i]), &secs, &nsecs, &expect))
            fail_msg("%s: %lld", TEXTS[i], (long long)secs);
        assert_non_null(expect);
    }
}

/* --- base64 ----------------------------------------------------------------------------------- */

/* The test vectors of RFC 4648, section 10, with their padding and without. */
static void base64_is_decoded_in_place(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *bytes;
    } ROWS[] = {
        {"", ""},
        {"Zg==", "f"},
        {"Zm8=", "fo"},
        {"Zm9v", "foo"},
        {"Zm9vYg==", "foob"},
        {"Zm9vYmE=", "fooba"},
        {"Zm9vYmFy", "foobar"},
        {"Zg", "f"},
        {"Zm8", "fo"},
        {"Zm9vYmE", "fooba"},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        char text[16];
        size_t length = strlen(ROWS[i].text), decoded;
        memcpy(text, ROWS[i].text, length + 1);
        assert_true(base64_decode(text, length, text, &decoded));
        assert_int_equal(decoded, strlen(ROWS[i].bytes));
        assert_memory_equal(text, ROWS[i].bytes, decoded);
    }
    static const char *const REFUSED[] = {
        "Z",     "Zg=",    "=",    "==",   "====",  "Zg==Zg==", "Zm9vY",    "Zh==",     "Zm9=",
        "Zm 9v", "Zm9v\n", "Z===", "Zm-_", " Zm9v", "Zm9v    ", "Zm9vZm9-", "Zm=vZm9v", "Z="};
    for (size_t i = 0; i < sizeof REFUSED / sizeof *REFUSED; i++) {
        char out[16];
        size_t decoded;
        if (base64_decode(REFUSED[i], strlen(REFUSED[i]), out, &decoded))
            fail_msg("%s is no base64", REFUSED[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(valid_texts_are_skipped_whole),
        cmocka_unit_test(broken_texts_are_refused_where_they_break),
        cmocka_unit_test(nesting_is_counted_to_the_deepest_level),
        cmocka_unit_test(special_bytes_are_seen_at_every_offset),
        cmocka_unit_test(strings_compare_by_what_they_say),
        cmocka_unit_test(excerpts_are_short_plain_and_one_token),
        cmocka_unit_test(decimals_scale_exactly),
        cmocka_unit_test(dates_are_read_with_their_offset),
        cmocka_unit_test(what_is_no_date_is_refused),
        cmocka_unit_test(base64_is_decoded_in_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
