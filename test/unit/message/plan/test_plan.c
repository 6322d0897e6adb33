#include "message/plan/plan.h"
#include "message/values/base64.h"
#include "wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define HEADER                                                                                     \
    "\n================================================================================\n"         \
    "MSG: std_msgs/Header\n"

static struct plan *make_plan(const char *text)
{
    struct plan *plan = NULL;
    struct error error = {0};
    if (plan_create("test_msgs/Thing", text, strlen(text), "*", &plan, &error) != ERROR_NONE)
        fail_msg("%s: %s", error.path, error.text);
    return plan;
}

static void the_md5sum_must_be_the_definitions(void **state)
{
    (void)state;
    struct plan *plan = NULL;
    struct error error = {0};
    assert_int_equal(plan_create("std_msgs/String", "string data", 11,
                                 "992ce8a1687cec8c8bd883ec73ca41d1", &plan, &error),
                     ERROR_NONE);
    assert_string_equal(plan_type(plan), "std_msgs/String");
    assert_string_equal(plan_md5sum(plan), "992ce8a1687cec8c8bd883ec73ca41d1");
    assert_string_equal(plan_text(plan), "string data");
    plan_destroy(plan);
    assert_int_equal(plan_create("std_msgs/String", "string data", 11,
                                 "ffffffffffffffffffffffffffffffff", &plan, &error),
                     ERROR_TYPE);
    assert_non_null(strstr(error.text, "992ce8a1687cec8c8bd883ec73ca41d1"));
    assert_non_null(strstr(error.text, "ffffffffffffffffffffffffffffffff"));
}

static void a_header_is_read_where_the_message_begins_with_one(void **state)
{
    (void)state;
    static const char GOOD[] = "uint32 seq\ntime stamp\nstring frame_id";
    static const struct {
        const char *text;
        const char *header;
        bool has;
    } cases[] = {
        {"Header header\nint8 x", GOOD, true},  {"std_msgs/Header anything", GOOD, true},
        {"int8 x\nHeader header", GOOD, false}, {"std_msgs/Header[] headers", GOOD, false},
        {"Header header", "int8 odd", false},   {"int8 x", GOOD, false},
    };
    struct wire wire = wire_from("07 00 00 00 01 00 00 00 02 00 00 00");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[512];
        (void)snprintf(text, sizeof text, "%s%s%s", cases[i].text, HEADER, cases[i].header);
        struct plan *plan = make_plan(text);
        struct plan_header header = {0};
        assert_int_equal(plan_has_header(plan), cases[i].has);
        assert_int_equal(plan_read_header(plan, wire.bytes, wire.length, &header), cases[i].has);
        assert_false(plan_read_header(plan, wire.bytes, wire.length - 1, &header));
        if (cases[i].has) {
            assert_int_equal(header.seq, 7);
            assert_int_equal(header.secs, 1);
            assert_int_equal(header.nsecs, 2);
        }
        plan_destroy(plan);
    }
}

static void base64_is_that_of_the_rfc(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"", ""},
        {"f", "Zg=="},
        {"fo", "Zm8="},
        {"foo", "Zm9v"},
        {"foob", "Zm9vYg=="},
        {"fooba", "Zm9vYmE="},
        {"foobar", "Zm9vYmFy"},
        {"\xfb\xff\xbf", "+/+/"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[16];
        size_t length = strlen(cases[i][0]);
        char *end = base64_encode((const uint8_t *)cases[i][0], length, text);
        assert_int_equal(end - text, base64_encoded_length(length));
        assert_int_equal(end - text, strlen(cases[i][1]));
        assert_memory_equal(text, cases[i][1], strlen(cases[i][1]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_md5sum_must_be_the_definitions),
        cmocka_unit_test(a_header_is_read_where_the_message_begins_with_one),
        cmocka_unit_test(base64_is_that_of_the_rfc),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
