/* JSON → bytes: sizes, depth, order, memory. */
#include "allocations.h"
#include "json_fixture.h"

#include "message/json/from_json.h"

#include <stdint.h>
#include <stdio.h>

/* --- bounds ----------------------------------------------------------------------------------- */

static void text_cut_anywhere_is_an_error(void **state)
{
    (void)state;
    static const char TEXT[] =
        "{\"names\":[\"n\\u00e9\\ud83d\\ude00\",\"\"],\"covariance\":[1.5e-3,-2],"
        "\"header\":{\"seq\":1,\"stamp\":{\"secs\":2,\"nsecs\":3},\"frame_id\":\"\xe2\x82\xac\"},"
        "\"position\":{\"x\":null,\"y\":\"NaN\"}}";
    struct plan *plan = fixture_plan(POSE);
    struct buffer out;
    buffer_init(&out, OUT_LIMIT);
    for (size_t length = 0; length < sizeof TEXT; length++) {
        char *exact = malloc(length + 1); /* so that a read behind the end is seen */
        assert_non_null(exact);
        memcpy(exact + 1, TEXT, length);
        struct error error = {0};
        enum error_code code = from_json(plan, exact + 1, length, NULL, &out, &error);
        if (length == sizeof TEXT - 1)
            assert_int_equal(code, ERROR_NONE);
        else if (code == ERROR_NONE || error.path[0] != '$' || error.text[0] == '\0')
            fail_msg("%zu bytes: code %d, path %s: %s", length, (int)code, error.path, error.text);
        free(exact);
    }
    buffer_fini(&out);
    plan_destroy(plan);
}

/* `front`, `count` times `c`, `back`; the caller frees it. */
static char *repeat(const char *front, char c, size_t count, const char *back, size_t *length)
{
    size_t head = strlen(front), tail = strlen(back);
    char *text = malloc(head + count + tail + 1);
    assert_non_null(text);
    memcpy(text, front, head);
    memset(text + head, c, count);
    memcpy(text + head + count, back, tail + 1);
    *length = head + count + tail;
    return text;
}

static void deep_nesting_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *front;
        enum error_code code;
        const char *path;
    } ROWS[] = {
        {"", ERROR_TYPE, "$"},
        {"{\"a\":", ERROR_TYPE, "$.a"},
        {"{\"b\":", ERROR_LIMIT, "$.b"},
        {"{\"v\":", ERROR_UNKNOWN, "$.v"},
    };
    struct plan *plan = fixture_plan("int8 a\nint8 b");
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        size_t length;
        char *text = repeat(ROWS[i].front, '[', 100000, "", &length);
        struct buffer out;
        struct error error;
        buffer_init(&out, OUT_LIMIT);
        assert_int_equal(from_json(plan, text, length, NULL, &out, &error), ROWS[i].code);
        assert_string_equal(error.path, ROWS[i].path);
        buffer_fini(&out);
        free(text);
    }
    plan_destroy(plan);
}

static void a_megabyte_of_string_is_read_and_bounded(void **state)
{
    (void)state;
    const size_t count = 1 << 20;
    struct plan *plan = fixture_plan("string v");
    size_t length;
    char *text = repeat("{\"v\":\"", 'x', count, "\"}", &length);
    struct buffer out;
    struct error error;
    buffer_init(&out, count + 4);
    assert_int_equal(from_json(plan, text, length, NULL, &out, &error), ERROR_NONE);
    assert_int_equal(out.length, count + 4);
    assert_int_equal(from_json(plan, text, length, NULL, &out, &error), ERROR_LIMIT);
    assert_string_equal(error.path, "$.v");
    assert_int_equal(out.length, count + 4);
    buffer_fini(&out);
    free(text);
    plan_destroy(plan);
}

static void escapes_count_as_what_they_say_against_the_limit(void **state)
{
    (void)state;
    static const char TEXT[] = "{\"v\":\"\\u0041\\u0042\\u0043\"}";
    struct plan *plan = fixture_plan("string v");
    struct buffer out;
    buffer_init(&out, 7);
    assert_int_equal(from_json(plan, TEXT, sizeof TEXT - 1, NULL, &out, NULL), ERROR_NONE);
    fixture_assert_bytes(&out, "03 00 00 00 41 42 43", TEXT);
    buffer_fini(&out);
    plan_destroy(plan);
}

static void a_huge_fixed_array_that_is_missing_is_bounded(void **state)
{
    (void)state;
    struct plan *plan = fixture_plan("int8 a\nfloat64[100000000] v");
    struct buffer out;
    struct error error;
    buffer_init(&out, OUT_LIMIT);
    assert_int_equal(from_json(plan, "{}", 2, NULL, &out, &error), ERROR_LIMIT);
    assert_string_equal(error.path, "$.v");
    assert_int_equal(out.length, 0);
    buffer_fini(&out);
    plan_destroy(plan);
}

/* A chain of `levels` types, each with a number behind the next type's message. */
static void append_chain(struct buffer *definition, int levels)
{
    assert_int_equal(buffer_append_text(definition, "T0 m\nint8 n\n"), ERROR_NONE);
    for (int i = 0; i < levels; i++) {
        bool last = i == levels - 1;
        assert_int_equal(
            buffer_append_format(definition,
                                 "====================================================="
                                 "===========================\nMSG: test_msgs/T%d\n",
                                 i),
            ERROR_NONE);
        assert_int_equal(last ? buffer_append_text(definition, "int8[] m\nint8 n\n")
                              : buffer_append_format(definition, "T%d m\nint8 n\n", i + 1),
                         ERROR_NONE);
    }
    assert_int_equal(buffer_append(definition, "", 1), ERROR_NONE);
}

/* Each level has its last field first: were a level read twice, this would take 2^60 steps. */
static void order_reversed_at_every_level_costs_little(void **state)
{
    (void)state;
    enum { LEVELS = 60 };
    struct buffer definition, text, out;
    struct error error;
    buffer_init(&definition, OUT_LIMIT);
    buffer_init(&text, OUT_LIMIT);
    buffer_init(&out, OUT_LIMIT);
    append_chain(&definition, LEVELS);
    for (int i = 0; i <= LEVELS; i++)
        assert_int_equal(buffer_append_text(&text, "{\"n\":1,\"m\":"), ERROR_NONE);
    assert_int_equal(buffer_append_text(&text, "["), ERROR_NONE);
    for (int i = 0; i < 20000; i++)
        assert_int_equal(buffer_append_text(&text, i > 0 ? ",7" : "7"), ERROR_NONE);
    assert_int_equal(buffer_append_text(&text, "]"), ERROR_NONE);
    for (int i = 0; i <= LEVELS; i++)
        assert_int_equal(buffer_append_text(&text, "}"), ERROR_NONE);
    struct plan *plan = fixture_plan(definition.data);
    enum error_code code = from_json(plan, text.data, text.length, NULL, &out, &error);
    if (code != ERROR_NONE)
        fail_msg("%s: %s", error.path, error.text);
    assert_int_equal(out.length, 4 + 20000 + LEVELS + 1);
    plan_destroy(plan);
    buffer_fini(&definition);
    buffer_fini(&text);
    buffer_fini(&out);
}

static void a_thousand_fields_come_in_any_order(void **state)
{
    (void)state;
    enum { COUNT = 1000 };
    struct buffer definition, text, out;
    struct error error;
    buffer_init(&definition, OUT_LIMIT);
    buffer_init(&text, OUT_LIMIT);
    buffer_init(&out, OUT_LIMIT);
    for (int i = 0; i < COUNT; i++)
        assert_int_equal(buffer_append_format(&definition, "uint16 f%d\n", i), ERROR_NONE);
    assert_int_equal(buffer_append(&definition, "", 1), ERROR_NONE);
    for (int i = COUNT - 1; i >= 0; i--)
        if (i != 500)
            assert_int_equal(
                buffer_append_format(&text, "%s\"f%d\":%d", text.length ? "," : "{", i, i),
                ERROR_NONE);
    struct plan *plan = fixture_plan(definition.data);
    size_t open = text.length;
    assert_int_equal(buffer_append_text(&text, "}"), ERROR_NONE);
    assert_int_equal(from_json(plan, text.data, text.length, NULL, &out, &error), ERROR_NONE);
    assert_int_equal(out.length, 2 * COUNT);
    for (int i = 0; i < COUNT; i++)
        assert_int_equal((unsigned char)out.data[2 * i] + 256 * (unsigned char)out.data[2 * i + 1],
                         i == 500 ? 0 : i);
    text.length = open;
    assert_int_equal(buffer_append_text(&text, ",\"\\u0066500\":1,\"f7\":1}"), ERROR_NONE);
    assert_int_equal(from_json(plan, text.data, text.length, NULL, &out, &error), ERROR_DUPLICATE);
    assert_string_equal(error.path, "$.f7");
    text.length = open;
    assert_int_equal(buffer_append_text(&text, ",\"g\":1}"), ERROR_NONE);
    assert_int_equal(from_json(plan, text.data, text.length, NULL, &out, &error), ERROR_UNKNOWN);
    assert_non_null(strstr(error.text, "…"));
    plan_destroy(plan);
    buffer_fini(&definition);
    buffer_fini(&text);
    buffer_fini(&out);
}

/* --- memory ----------------------------------------------------------------------------------- */

static void every_failed_allocation_is_an_error(void **state)
{
    (void)state;
    struct buffer definition, out;
    buffer_init(&definition, OUT_LIMIT);
    for (int i = 0; i < 300; i++)
        assert_int_equal(buffer_append_format(&definition, "string f%d\n", i), ERROR_NONE);
    assert_int_equal(buffer_append(&definition, "", 1), ERROR_NONE);
    struct plan *plan = fixture_plan(definition.data);
    static const char TEXT[] = "{\"f299\":\"x\",\"f0\":\"y\"}";
    int failures = 0;
    for (enum error_code code = ERROR_MEMORY; code != ERROR_NONE; failures++) {
        struct error error = {0};
        buffer_init(&out, OUT_LIMIT);
        allocations_limit(failures);
        code = from_json(plan, TEXT, sizeof TEXT - 1, NULL, &out, &error);
        allocations_allow();
        if (code != ERROR_NONE) {
            assert_int_equal(code, ERROR_MEMORY);
            assert_int_equal(out.length, 0);
            assert_int_equal(error.path[0], '$');
            buffer_fini(&out);
        }
    }
    assert_true(failures > 3);
    assert_int_equal(out.length, 300 * 4 + 2);
    buffer_fini(&out);
    buffer_fini(&definition);
    plan_destroy(plan);
}

static void a_warm_buffer_needs_no_allocation(void **state)
{
    (void)state;
    static const char TEXT[] =
        "{\"names\":[\"n\\u00e9\"],\"covariance\":[0.1,123456789.123456789],\"position\":{\"y\":1},"
        "\"header\":{\"frame_id\":\"map\",\"stamp\":{\"nsecs\":3},\"seq\":1}}";
    struct plan *plan = fixture_plan(POSE);
    struct buffer out;
    buffer_init(&out, OUT_LIMIT);
    assert_int_equal(from_json(plan, TEXT, sizeof TEXT - 1, NULL, &out, NULL), ERROR_NONE);
    buffer_clear(&out);
    allocations_limit(0);
    enum error_code code = from_json(plan, TEXT, sizeof TEXT - 1, NULL, &out, NULL);
    allocations_allow();
    assert_int_equal(code, ERROR_NONE);
    buffer_fini(&out);
    plan_destroy(plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_cut_anywhere_is_an_error),
        cmocka_unit_test(deep_nesting_is_refused),
        cmocka_unit_test(a_megabyte_of_string_is_read_and_bounded),
        cmocka_unit_test(escapes_count_as_what_they_say_against_the_limit),
        cmocka_unit_test(a_huge_fixed_array_that_is_missing_is_bounded),
        cmocka_unit_test(order_reversed_at_every_level_costs_little),
        cmocka_unit_test(a_thousand_fields_come_in_any_order),
        cmocka_unit_test(every_failed_allocation_is_an_error),
        cmocka_unit_test(a_warm_buffer_needs_no_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
