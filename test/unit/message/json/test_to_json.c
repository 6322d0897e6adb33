#include "allocations.h"
#include "message/json/to_json.h"
#include "wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SEPARATOR                                                                                  \
    "\n================================================================================\nMSG: "
#define OUT_LIMIT ((size_t)1 << 24)

static struct plan *make_plan(const char *text)
{
    struct plan *plan = NULL;
    struct error error = {0};
    if (plan_create("test_msgs/Thing", text, strlen(text), NULL, &plan, &error) != ERROR_NONE)
        fail_msg("%s: %s", error.path, error.text);
    return plan;
}

static void assert_json(const char *definition, const char *hex,
                        const struct to_json_options *options, const char *expected)
{
    struct plan *plan = make_plan(definition);
    struct wire wire = wire_from(hex);
    struct error error = {0};
    struct buffer out;
    buffer_init(&out, OUT_LIMIT);
    if (to_json(plan, wire.bytes, wire.length, options, &out, NULL, &error) != ERROR_NONE)
        fail_msg("%s: %s: %s", definition, error.path, error.text);
    if (out.length != strlen(expected) || memcmp(out.data, expected, out.length) != 0)
        fail_msg("%.*s is not %s", (int)out.length, out.data, expected);
    buffer_fini(&out);
    plan_destroy(plan);
}

static void every_kind_is_written_as_promised(void **state)
{
    (void)state;
    static const struct {
        const char *definition;
        const char *hex;
        const char *json;
    } cases[] = {
        {"", "", "{}"},
        {"bool a\nbool b\nbool c", "00 01 02", "{\"a\":false,\"b\":true,\"c\":true}"},
        {"int8 a\nuint8 b\nbyte c\nchar d", "80 ff ff ff",
         "{\"a\":-128,\"b\":255,\"c\":-1,\"d\":255}"},
        {"int16 a\nuint16 b", "00 80 ff ff", "{\"a\":-32768,\"b\":65535}"},
        {"int32 a\nuint32 b", "00 00 00 80 ff ff ff ff", "{\"a\":-2147483648,\"b\":4294967295}"},
        {"int64 a\nuint64 b", "00 00 00 00 00 00 00 80 ff ff ff ff ff ff ff ff",
         "{\"a\":-9223372036854775808,\"b\":18446744073709551615}"},
        {"float32 a\nfloat64 b", "cd cc cc 3d 9a 99 99 99 99 99 b9 3f", "{\"a\":0.1,\"b\":0.1}"},
        {"float64 a", "00 00 00 00 00 00 00 80", "{\"a\":-0.0}"},
        {"float64 a\nfloat32 b", "00 00 00 00 00 00 f8 7f 00 00 80 ff", "{\"a\":null,\"b\":null}"},
        {"time a\nduration b", "01 00 00 00 02 00 00 00 ff ff ff ff 03 00 00 00",
         "{\"a\":{\"secs\":1,\"nsecs\":2},\"b\":{\"secs\":-1,\"nsecs\":3}}"},
        {"string a", "03 00 00 00 'abc'", "{\"a\":\"abc\"}"},
        {"string a", "0b 00 00 00 22 5c 2f 08 0c 0a 0d 09 00 1f 7f",
         "{\"a\":\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0000\\u001f\x7f\"}"},
        {"string a", "0b 00 00 00 c3 bc e6 97 a5 f0 9f a4 96 'ab'",
         "{\"a\":\"\xc3\xbc\xe6\x97\xa5\xf0\x9f\xa4\x96"
         "ab\"}"},
        {"uint8[] a\nuint8[2] b\nchar[] c", "04 00 00 00 00 01 02 ff 'hi' 00 00 00 00",
         "{\"a\":\"AAEC/w==\",\"b\":\"aGk=\",\"c\":\"\"}"},
        {"int8[] a\nbool[2] b", "02 00 00 00 ff 01 01 00", "{\"a\":[-1,1],\"b\":[true,false]}"},
        {"string[] a\nstring[2] b\nint32[0] c",
         "02 00 00 00 01 00 00 00 'x' 00 00 00 00 01 00 00 00 'y' 01 00 00 00 'z'",
         "{\"a\":[\"x\",\"\"],\"b\":[\"y\",\"z\"],\"c\":[]}"},
        {"float64[3] a", "00 00 00 00 00 00 00 00 00 00 00 00 00 00 f0 3f 00 00 00 00 00 00 00 40",
         "{\"a\":[0.0,1.0,2.0]}"},
        {"int8 X=1\nint8 x", "05", "{\"x\":5}"},
        {"E e\nE[2] f\nE[] g\nE[0] h" SEPARATOR "test_msgs/E\n", "03 00 00 00",
         "{\"e\":{},\"f\":[{},{}],\"g\":[{},{},{}],\"h\":[]}"},
        {"P[] p\nint8 z" SEPARATOR "test_msgs/P\nint8 x\nQ[] q" SEPARATOR
         "test_msgs/Q\nstring s\nint8[] t",
         "02 00 00 00 01 01 00 00 00 01 00 00 00 'a' 01 00 00 00 07 02 00 00 00 00 09",
         "{\"p\":[{\"x\":1,\"q\":[{\"s\":\"a\",\"t\":[7]}]},{\"x\":2,\"q\":[]}],\"z\":9}"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_json(cases[i].definition, cases[i].hex, NULL, cases[i].json);
}

static void an_empty_message_may_be_no_bytes_at_all(void **state)
{
    (void)state;
    struct plan *plan = make_plan("E e\nint8[0] a" SEPARATOR "test_msgs/E\n");
    struct buffer out;
    buffer_init(&out, OUT_LIMIT);
    assert_int_equal(plan_validate(plan, NULL, 0, NULL), ERROR_NONE);
    assert_int_equal(to_json(plan, NULL, 0, NULL, &out, NULL, NULL), ERROR_NONE);
    assert_int_equal(out.length, strlen("{\"e\":{},\"a\":[]}"));
    buffer_fini(&out);
    plan_destroy(plan);
}

static void options_change_bytes_and_non_finite(void **state)
{
    (void)state;
    const struct to_json_options options = {.non_finite_as_string = true, .bytes_as_array = true};
    assert_json(
        "float64[3] a\nfloat32 b",
        "00 00 00 00 00 00 f8 7f 00 00 00 00 00 00 f0 7f 00 00 00 00 00 00 f0 ff 00 00 c0 7f",
        &options, "{\"a\":[\"NaN\",\"Infinity\",\"-Infinity\"],\"b\":\"NaN\"}");
    assert_json("uint8[] a\nuint8[2] b\nuint8[] c", "02 00 00 00 01 ff 02 03 00 00 00 00", &options,
                "{\"a\":[1,255],\"b\":[2,3],\"c\":[]}");
}

static void each_invalid_byte_is_replaced_and_counted(void **state)
{
    (void)state;
    static const struct {
        const char *hex;
        const char *json; /* ? stands for U+FFFD */
        unsigned count;
    } cases[] = {
        {"02 00 00 00 ff 41", "?A", 1},         {"02 00 00 00 c0 80", "??", 2},
        {"03 00 00 00 ed a0 80", "???", 3},     {"04 00 00 00 f4 90 80 80", "????", 4},
        {"02 00 00 00 e2 82", "??", 2},         {"03 00 00 00 e2 82 ac", "\xe2\x82\xac", 0},
        {"04 00 00 00 f0 8f bf bf", "????", 4}, {"0a 00 00 00 '12345678' e2 82", "12345678??", 2},
    };
    struct plan *plan = make_plan("string a");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char expected[256] = "{\"a\":\"";
        size_t length = strlen(expected);
        for (const char *at = cases[i].json; *at; at++) {
            const char *replacement = "\xef\xbf\xbd";
            for (size_t k = 0; *at == '?' && k < 3; k++)
                expected[length++] = replacement[k];
            if (*at != '?')
                expected[length++] = *at;
        }
        expected[length++] = '"';
        expected[length++] = '}';
        struct wire wire = wire_from(cases[i].hex);
        struct to_json_counts counts = {.invalid_utf8 = 100};
        struct buffer out;
        buffer_init(&out, OUT_LIMIT);
        assert_int_equal(to_json(plan, wire.bytes, wire.length, NULL, &out, &counts, NULL),
                         ERROR_NONE);
        assert_int_equal(out.length, length);
        assert_memory_equal(out.data, expected, length);
        assert_int_equal(counts.invalid_utf8, 100 + cases[i].count);
        buffer_fini(&out);
    }
    plan_destroy(plan);
}

static void non_finite_values_are_counted(void **state)
{
    (void)state;
    struct plan *plan = make_plan("float64 a\nfloat32[] b");
    struct wire wire = wire_from("00 00 00 00 00 00 f8 7f 02 00 00 00 00 00 80 ff 00 00 80 3f");
    struct to_json_counts counts = {0};
    struct buffer out;
    buffer_init(&out, OUT_LIMIT);
    assert_int_equal(to_json(plan, wire.bytes, wire.length, NULL, &out, &counts, NULL), ERROR_NONE);
    assert_int_equal(counts.non_finite, 2);
    buffer_fini(&out);
    plan_destroy(plan);
}

static void a_fault_names_path_and_position(void **state)
{
    (void)state;
    static const struct {
        const char *definition;
        const char *hex;
        enum error_code code;
        const char *path;
        size_t position;
    } cases[] = {
        {"int32 a\nint32 b", "01 00 00 00 02 00", ERROR_TRUNCATED, "$.b", 4},
        {"int8 a", "01 02", ERROR_TRAILING, "$", 1},
        {"", "00", ERROR_TRAILING, "$", 0},
        {"float64[36] covariance", "00 00 00 00 00 00 00 00 00", ERROR_TRUNCATED, "$.covariance[1]",
         8},
        {"string a", "ff ff ff ff 'x'", ERROR_TRUNCATED, "$.a", 0},
        {"string a", "01 00 00", ERROR_TRUNCATED, "$.a", 0},
        {"int64[] a", "ff ff ff ff 00", ERROR_TRUNCATED, "$.a[0]", 4},
        {"uint8[] a", "03 00 00 00 01 02", ERROR_TRUNCATED, "$.a[2]", 6},
        {"P[] p" SEPARATOR "test_msgs/P\nint8 x\nstring s",
         "02 00 00 00 01 00 00 00 00 02 05 00 00 00 'ab'", ERROR_TRUNCATED, "$.p[1].s", 10},
        {"P[2] p" SEPARATOR "test_msgs/P\nint8 x\nint16 y", "01 02 00 03 04", ERROR_TRUNCATED,
         "$.p[1].y", 4},
        {"E[] e" SEPARATOR "test_msgs/E\n", "ff ff ff ff", ERROR_LIMIT, "$.e", 4},
        {"Z[] z" SEPARATOR "test_msgs/Z\nint8[0] n", "01 00 10 00", ERROR_LIMIT, "$.z", 4},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct plan *plan = make_plan(cases[i].definition);
        struct wire wire = wire_from(cases[i].hex);
        struct error json = {0};
        struct error validate = {0};
        struct buffer out;
        buffer_init(&out, OUT_LIMIT);
        assert_int_equal(buffer_append_text(&out, "before"), ERROR_NONE);
        enum error_code code = to_json(plan, wire.bytes, wire.length, NULL, &out, NULL, &json);
        if (code != cases[i].code || strcmp(json.path, cases[i].path) != 0 ||
            json.position != cases[i].position)
            fail_msg("%s: %s at %s, byte %zu: %s", cases[i].definition, error_code_name(code),
                     json.path, json.position, json.text);
        assert_int_equal(out.length, strlen("before"));
        assert_int_equal(plan_validate(plan, wire.bytes, wire.length, &validate), cases[i].code);
        assert_string_equal(validate.path, cases[i].path);
        buffer_fini(&out);
        plan_destroy(plan);
    }
}

/* A message of any size fits a limit of exactly its JSON's length and no lower one. */
static void the_limit_is_exact(void **state)
{
    (void)state;
    static const struct {
        const char *definition;
        const char *hex;
    } cases[] = {
        {"float64[3] a\nstring b\nuint8[] c\nE[] e" SEPARATOR "test_msgs/E\n",
         "00 00 00 00 00 00 00 00 00 00 00 00 00 00 f0 3f 00 00 00 00 00 00 00 40 "
         "02 00 00 00 'hi' 03 00 00 00 01 02 03 02 00 00 00"},
        {"string a", "01 00 00 00 ff"},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct plan *plan = make_plan(cases[i].definition);
        struct wire wire = wire_from(cases[i].hex);
        struct buffer out;
        buffer_init(&out, OUT_LIMIT);
        assert_int_equal(to_json(plan, wire.bytes, wire.length, NULL, &out, NULL, NULL),
                         ERROR_NONE);
        size_t length = out.length;
        buffer_fini(&out);
        for (size_t limit = 0; limit <= length; limit++) {
            struct error error = {0};
            buffer_init(&out, limit);
            enum error_code code = to_json(plan, wire.bytes, wire.length, NULL, &out, NULL, &error);
            assert_int_equal(code, limit == length ? ERROR_NONE : ERROR_LIMIT);
            assert_int_equal(out.limit, limit);
            assert_true(out.capacity <= limit);
            assert_true(out.length <= limit);
            buffer_fini(&out);
        }
        plan_destroy(plan);
    }
}

static void long_arrays_are_written_whole(void **state)
{
    (void)state;
    enum { COUNT = 100000 };
    static const char *const definitions[] = {"uint16[] a", "int16[100000] a"};
    uint8_t *bytes = calloc(1, 4 + 2 * COUNT);
    assert_non_null(bytes);
    memcpy(bytes, (const uint8_t[]){0xa0, 0x86, 0x01, 0x00}, 4);
    for (size_t i = 0; i < COUNT; i++)
        bytes[4 + 2 * i] = (uint8_t)(i % 100);
    for (size_t i = 0; i < 2; i++) {
        struct plan *plan = make_plan(definitions[i]);
        struct buffer out;
        buffer_init(&out, OUT_LIMIT);
        size_t count = i == 0 ? 4 : 0;
        assert_int_equal(
            to_json(plan, bytes + 4 - count, count + (size_t)2 * COUNT, NULL, &out, NULL, NULL),
            ERROR_NONE);
        assert_int_equal(out.length,
                         strlen("{\"a\":[]}") + COUNT / 100 * (10 + 2 * 90) + COUNT - 1);
        assert_memory_equal(out.data, "{\"a\":[0,1,2,3,", 14);
        assert_memory_equal(out.data + out.length - 8, ",98,99]}", 8);
        buffer_fini(&out);
        plan_destroy(plan);
    }
    free(bytes);
}

static void every_failed_allocation_is_an_error(void **state)
{
    (void)state;
    static const char TEXT[] =
        "string A=1\nP[] p\nint8 z" SEPARATOR "test_msgs/P\nint8 x\nstring[] q";
    int failures = 0;
    for (enum error_code code = ERROR_MEMORY; code != ERROR_NONE; failures++) {
        struct error error = {0};
        struct plan *plan = NULL;
        allocations_limit(failures);
        code = plan_create("test_msgs/Thing", TEXT, sizeof TEXT - 1, NULL, &plan, &error);
        allocations_allow();
        if (code != ERROR_NONE) {
            assert_int_equal(code, ERROR_MEMORY);
            assert_int_equal(error.code, ERROR_MEMORY);
            assert_null(plan);
        }
        plan_destroy(plan);
    }
    assert_true(failures > 5);
}

static void writing_stops_where_memory_does_and_needs_none_when_warm(void **state)
{
    (void)state;
    struct plan *plan = make_plan("string a\nfloat64[1000] b");
    uint8_t bytes[4 + 8 * 1000] = {0};
    struct error error = {0};
    struct buffer out;
    buffer_init(&out, OUT_LIMIT);
    allocations_limit(0);
    enum error_code cold = to_json(plan, bytes, sizeof bytes, NULL, &out, NULL, &error);
    allocations_limit(1);
    enum error_code again = to_json(plan, bytes, sizeof bytes, NULL, &out, NULL, NULL);
    allocations_allow();
    assert_int_equal(cold, ERROR_MEMORY);
    assert_int_equal(error.code, ERROR_MEMORY);
    assert_int_equal(again, ERROR_MEMORY);
    assert_int_equal(out.length, 0);
    assert_int_equal(to_json(plan, bytes, sizeof bytes, NULL, &out, NULL, NULL), ERROR_NONE);
    buffer_clear(&out);
    allocations_limit(0);
    enum error_code warm = to_json(plan, bytes, sizeof bytes, NULL, &out, NULL, NULL);
    allocations_allow();
    assert_int_equal(warm, ERROR_NONE);
    buffer_fini(&out);
    plan_destroy(plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_is_written_as_promised),
        cmocka_unit_test(an_empty_message_may_be_no_bytes_at_all),
        cmocka_unit_test(options_change_bytes_and_non_finite),
        cmocka_unit_test(each_invalid_byte_is_replaced_and_counted),
        cmocka_unit_test(non_finite_values_are_counted),
        cmocka_unit_test(a_fault_names_path_and_position),
        cmocka_unit_test(the_limit_is_exact),
        cmocka_unit_test(long_arrays_are_written_whole),
        cmocka_unit_test(every_failed_allocation_is_an_error),
        cmocka_unit_test(writing_stops_where_memory_does_and_needs_none_when_warm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
