#include "message/mapping/field_text.h"
#include "message/mapping/to_record.h"
#include "wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SEPARATOR                                                                                  \
    "\n================================================================================\nMSG: "
#define OUT_LIMIT ((size_t)1 << 20)

static const char DEFINITION[] =
    "Header header\nPose pose\nfloat32[] ranges\nStatus[] status\nduration age\nstring[2] pair\n"
    "float64[3] xyz\nbool on\nint8 last" SEPARATOR
    "std_msgs/Header\nuint32 seq\ntime stamp\nstring frame_id" SEPARATOR
    "test_msgs/Pose\nPoint position\nfloat64 bad" SEPARATOR
    "test_msgs/Point\nfloat64 x\nfloat64 y" SEPARATOR
    "test_msgs/Status\nstring name\nint16[] codes\nPoint at";

static const char MESSAGE[] =
    "07 00 00 00 01 00 00 00 00 65 cd 1d 04 00 00 00 'odom' " /* header: 1.5 s */
    "00 00 00 00 00 00 f8 3f 86 5a d3 bc e3 14 f5 bf "        /* 1.5, -1.3176 */
    "00 00 00 00 00 00 f8 7f "                                /* bad: NaN */
    "02 00 00 00 cd cc cc 3d 00 00 80 7f "                    /* 0.1, inf */
    "02 00 00 00 "                                            /* status */
    "01 00 00 00 'a' 00 00 00 00 00 00 00 00 00 00 f0 3f 00 00 00 00 00 00 00 40 "
    "02 00 00 00 'bb' 02 00 00 00 05 00 fa ff 00 00 00 00 00 00 08 40 00 00 00 00 00 00 10 40 "
    "fe ff ff ff 00 65 cd 1d "        /* age: -1.5 s */
    "01 00 00 00 'p' 01 00 00 00 ff " /* pair */
    "00 00 00 00 00 00 d0 3f 00 00 00 00 00 00 e8 3f 00 00 00 00 00 00 00 80 "
    "01 f9";

static const struct record_context CONTEXT = {.sequence = UINT64_MAX,
                                              .stamp = -1,
                                              .receipt = 1700000000123456789,
                                              .topic = "/a\"b",
                                              .robot = "warty"};

static struct plan *make_plan(void)
{
    struct plan *plan = NULL;
    struct error error = {0};
    if (plan_create("test_msgs/Thing", DEFINITION, strlen(DEFINITION), NULL, &plan, &error) !=
        ERROR_NONE)
        fail_msg("%s: %s", error.path, error.text);
    return plan;
}

/* The record of one member. */
static void assert_member(const struct plan *plan, const struct to_record_field *field,
                          const char *expected, uint64_t non_finite)
{
    struct wire wire = wire_from(MESSAGE);
    struct to_record *mapping = NULL;
    struct error error = {0};
    struct to_json_counts counts = {0};
    struct buffer out;
    buffer_init(&out, OUT_LIMIT);
    if (to_record_create(plan, field, 1, NULL, &mapping, &error) != ERROR_NONE ||
        to_record(mapping, wire.bytes, wire.length, &CONTEXT, &out, &counts, &error) != ERROR_NONE)
        fail_msg("%s: %s: %s", field->path ? field->path : field->constant, error.path, error.text);
    if (out.length != strlen(expected) || memcmp(out.data, expected, out.length) != 0)
        fail_msg("%.*s is not %s", (int)out.length, out.data, expected);
    assert_int_equal(counts.non_finite, non_finite);
    buffer_fini(&out);
    to_record_destroy(mapping);
}

static void every_source_is_written(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        const char *json;
        uint64_t non_finite;
    } cases[] = {
        {"@sequence", "{\"v\":18446744073709551615}", 0},
        {"@stamp", "{\"v\":{\"secs\":-1,\"nsecs\":999999999}}", 0},
        {"@topic", "{\"v\":\"/a\\\"b\"}", 0},
        {"@robot", "{\"v\":\"warty\"}", 0},
        {"@type", "{\"v\":\"test_msgs/Thing\"}", 0},
        {"header.seq", "{\"v\":7}", 0},
        {"header.stamp", "{\"v\":{\"secs\":1,\"nsecs\":500000000}}", 0},
        {"header.frame_id", "{\"v\":\"odom\"}", 0},
        {"header",
         "{\"v\":{\"seq\":7,\"stamp\":{\"secs\":1,\"nsecs\":500000000},"
         "\"frame_id\":\"odom\"}}",
         0},
        {"pose.position.x", "{\"v\":1.5}", 0},
        {"pose.position", "{\"v\":{\"x\":1.5,\"y\":-1.3176}}", 0},
        {"pose.bad", "{\"v\":null}", 1},
        {"ranges", "{\"v\":[0.1,null]}", 1},
        {"ranges[0]", "{\"v\":0.1}", 0},
        {"ranges[1]", "{\"v\":null}", 1},
        {"ranges[2]", "{\"v\":null}", 0},
        {"status[1].name", "{\"v\":\"bb\"}", 0},
        {"status[1].codes", "{\"v\":[5,-6]}", 0},
        {"status[1].codes[1]", "{\"v\":-6}", 0},
        {"status[0].codes[0]", "{\"v\":null}", 0},
        {"status[0].at.y", "{\"v\":2.0}", 0},
        {"status[0]", "{\"v\":{\"name\":\"a\",\"codes\":[],\"at\":{\"x\":1.0,\"y\":2.0}}}", 0},
        {"status[1].at", "{\"v\":{\"x\":3.0,\"y\":4.0}}", 0},
        {"status[2].at.y", "{\"v\":null}", 0},
        {"age", "{\"v\":{\"secs\":-2,\"nsecs\":500000000}}", 0},
        {"pair", "{\"v\":[\"p\",\"\xef\xbf\xbd\"]}", 0},
        {"pair[0]", "{\"v\":\"p\"}", 0},
        {"pair[1]", "{\"v\":\"\xef\xbf\xbd\"}", 0},
        {"xyz", "{\"v\":[0.25,0.75,-0.0]}", 0},
        {"xyz[1]", "{\"v\":0.75}", 0},
        {"on", "{\"v\":true}", 0},
        {"last", "{\"v\":-7}", 0},
    };
    struct plan *plan = make_plan();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct to_record_field field = {
            .name = "v", .path = cases[i].path, .precision = PRECISION_NONE};
        assert_member(plan, &field, cases[i].json, cases[i].non_finite);
    }
    plan_destroy(plan);
}

static void precision_fallback_and_constants_hold(void **state)
{
    (void)state;
    static const struct {
        struct to_record_field field;
        const char *json;
        uint64_t non_finite;
    } cases[] = {
        {{.name = "v", .path = "pose.position.y", .precision = 2}, "{\"v\":-1.32}", 0},
        {{.name = "v", .path = "pose.position", .precision = 1},
         "{\"v\":{\"x\":1.5,\"y\":-1.3}}",
         0},
        {{.name = "v", .path = "xyz", .precision = 1}, "{\"v\":[0.2,0.8,-0.0]}", 0},
        {{.name = "v", .path = "ranges[0]", .precision = 5}, "{\"v\":0.1}", 0},
        {{.name = "v", .path = "pose.bad", .fallback = "-1"}, "{\"v\":-1}", 1},
        {{.name = "v", .path = "ranges[9]", .fallback = "\"none\""}, "{\"v\":\"none\"}", 0},
        {{.name = "a\"b\n", .constant = "{\"x\": [1, 2]}"}, "{\"a\\\"b\\n\":{\"x\": [1, 2]}}", 0},
    };
    struct plan *plan = make_plan();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_member(plan, &cases[i].field, cases[i].json, cases[i].non_finite);
    plan_destroy(plan);
}

static void times_take_every_form(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        enum time_form form;
        const char *json;
    } cases[] = {
        {"header.stamp", TIME_SECONDS, "{\"v\":1.5}"},
        {"header.stamp", TIME_MILLISECONDS, "{\"v\":1500}"},
        {"header.stamp", TIME_NANOSECONDS, "{\"v\":1500000000}"},
        {"header.stamp", TIME_ISO8601, "{\"v\":\"1970-01-01T00:00:01.500000000Z\"}"},
        {"@stamp", TIME_SECONDS, "{\"v\":-0.000000001}"},
        {"@stamp", TIME_MILLISECONDS, "{\"v\":-1}"},
        {"@stamp", TIME_ISO8601, "{\"v\":\"1969-12-31T23:59:59.999999999Z\"}"},
        {"@receipt", TIME_SECONDS, "{\"v\":1700000000.123456789}"},
        {"@receipt", TIME_MILLISECONDS, "{\"v\":1700000000123}"},
        {"@receipt", TIME_ISO8601, "{\"v\":\"2023-11-14T22:13:20.123456789Z\"}"},
        {"age", TIME_SECONDS, "{\"v\":-1.5}"},
        {"age", TIME_NANOSECONDS, "{\"v\":-1500000000}"},
    };
    struct plan *plan = make_plan();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct to_record_field field = {.name = "v",
                                              .path = cases[i].path,
                                              .precision = PRECISION_NONE,
                                              .time_form = cases[i].form};
        assert_member(plan, &field, cases[i].json, 0);
    }
    plan_destroy(plan);
}

static void members_keep_their_order(void **state)
{
    (void)state;
    static const struct to_record_field fields[] = {
        {.name = "last", .path = "last"},
        {.name = "name", .path = "status[0].name"},
        {.name = "x", .path = "pose.position.x", .precision = 5},
        {.name = "again", .path = "pose.position.x", .precision = 0},
        {.name = "seq", .path = "header.seq"},
    };
    static const char EXPECTED[] = "{\"last\":-7,\"name\":\"a\",\"x\":1.5,\"again\":2.0,\"seq\":7}";
    struct wire wire = wire_from(MESSAGE);
    struct plan *plan = make_plan();
    struct to_record *mapping = NULL;
    struct error error = {0};
    struct buffer out;
    buffer_init(&out, sizeof EXPECTED - 1);
    assert_int_equal(to_record_create(plan, fields, 5, NULL, &mapping, &error), ERROR_NONE);
    assert_int_equal(to_record(mapping, wire.bytes, wire.length, &CONTEXT, &out, NULL, &error),
                     ERROR_NONE);
    assert_int_equal(out.length, sizeof EXPECTED - 1);
    assert_memory_equal(out.data, EXPECTED, out.length);
    buffer_fini(&out);
    buffer_init(&out, sizeof EXPECTED - 2);
    assert_int_equal(to_record(mapping, wire.bytes, wire.length, &CONTEXT, &out, NULL, &error),
                     ERROR_LIMIT);
    assert_int_equal(out.length, 0);
    buffer_fini(&out);
    to_record_destroy(mapping);
    assert_int_equal(to_record_create(plan, NULL, 0, NULL, &mapping, &error), ERROR_NONE);
    buffer_init(&out, OUT_LIMIT);
    assert_int_equal(to_record(mapping, wire.bytes, wire.length, &CONTEXT, &out, NULL, &error),
                     ERROR_NONE);
    assert_memory_equal(out.data, "{}", 2);
    buffer_fini(&out);
    to_record_destroy(mapping);
    plan_destroy(plan);
}

/* Every prefix fails, though only the first field is mapped. */
static void what_is_not_mapped_is_checked_too(void **state)
{
    (void)state;
    const struct to_record_field field = {.name = "v", .path = "header.seq"};
    struct wire wire = wire_from(MESSAGE);
    struct plan *plan = make_plan();
    struct to_record *mapping = NULL;
    struct field_text *text = NULL;
    struct buffer out;
    buffer_init(&out, OUT_LIMIT);
    assert_int_equal(to_record_create(plan, &field, 1, NULL, &mapping, NULL), ERROR_NONE);
    assert_int_equal(field_text_create(plan, "header.seq", &text, NULL), ERROR_NONE);
    for (size_t length = 0; length < wire.length; length++) {
        struct error error = {0};
        assert_int_equal(to_record(mapping, wire.bytes, length, &CONTEXT, &out, NULL, &error),
                         ERROR_TRUNCATED);
        assert_int_equal(error.path[0], '$');
        assert_int_equal(field_text_append(text, wire.bytes, length, &out, &error),
                         ERROR_TRUNCATED);
        assert_int_equal(out.length, 0);
    }
    field_text_destroy(text);
    to_record_destroy(mapping);
    buffer_fini(&out);
    plan_destroy(plan);
}

static void a_bad_mapping_is_refused_by_name(void **state)
{
    (void)state;
    static const struct {
        struct to_record_field field;
        enum error_code code;
        const char *says;
    } cases[] = {
        {{.name = "v", .path = "posex"}, ERROR_UNKNOWN, "header, pose, ranges"},
        {{.name = "v", .path = "pose.x"}, ERROR_UNKNOWN, "position, bad"},
        {{.name = "v", .path = "@time"}, ERROR_UNKNOWN, "@stamp"},
        {{.name = "v", .path = ""}, ERROR_SYNTAX, "path"},
        {{.name = "v", .path = "pose."}, ERROR_SYNTAX, "path"},
        {{.name = "v", .path = "xyz[1"}, ERROR_SYNTAX, "index"},
        {{.name = "v", .path = "xyz[-1]"}, ERROR_SYNTAX, "index"},
        {{.name = "v", .path = "xyz[1]y"}, ERROR_SYNTAX, "follows"},
        {{.name = "v", .path = "xyz[3]"}, ERROR_RANGE, "0 to 2"},
        {{.name = "v", .path = "on[0]"}, ERROR_TYPE, "single"},
        {{.name = "v", .path = "on.x"}, ERROR_TYPE, "no fields"},
        {{.name = "v", .path = "status.name"}, ERROR_TYPE, "status[0]"},
        {{.name = "v", .path = "on", .precision = 18}, ERROR_RANGE, "0 to 17"},
        {{.name = "v", .constant = "warty"}, ERROR_SYNTAX, "quotes"},
        {{.name = "v", .constant = "1 2"}, ERROR_SYNTAX, "JSON"},
        {{.name = "v", .path = "on", .fallback = "{"}, ERROR_SYNTAX, "default"},
        {{.name = "v", .path = "age", .time_form = TIME_ISO8601}, ERROR_TYPE, "duration"},
        {{.name = "v"}, ERROR_ARGUMENT, "path"},
    };
    struct plan *plan = make_plan();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct to_record *mapping = NULL;
        struct error error = {0};
        enum error_code code = to_record_create(plan, &cases[i].field, 1, NULL, &mapping, &error);
        if (code != cases[i].code || strcmp(error.path, "v") != 0 ||
            !strstr(error.text, cases[i].says))
            fail_msg("case %zu: %s at %s: %s", i, error_code_name(code), error.path, error.text);
    }
    const struct to_record_field twice[] = {{.name = "v", .path = "on"},
                                            {.name = "v", .path = "last"}};
    struct to_record *mapping = NULL;
    assert_int_equal(to_record_create(plan, twice, 2, NULL, &mapping, NULL), ERROR_DUPLICATE);
    plan_destroy(plan);
}

static void single_values_become_text(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        const char *text;
    } cases[] = {
        {"header.frame_id", "odom"},
        {"header.stamp", "1.5"},
        {"age", "-1.5"},
        {"on", "true"},
        {"last", "-7"},
        {"xyz[0]", "0.25"},
        {"status[1].name", "bb"},
        {"status[7].name", ""},
        {"pair[1]", "\xff"},
        {"pose.bad", "null"},
        {"ranges[0]", "0.1"},
    };
    struct plan *plan = make_plan();
    struct wire wire = wire_from(MESSAGE);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct field_text *field = NULL;
        struct buffer out;
        buffer_init(&out, strlen(cases[i].text));
        assert_int_equal(field_text_create(plan, cases[i].path, &field, NULL), ERROR_NONE);
        assert_int_equal(field_text_append(field, wire.bytes, wire.length, &out, NULL), ERROR_NONE);
        assert_int_equal(out.length, strlen(cases[i].text));
        if (out.length > 0)
            assert_memory_equal(out.data, cases[i].text, out.length);
        buffer_fini(&out);
        field_text_destroy(field);
    }
    static const char *const refused[] = {"header", "ranges", "status", "nothing"};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        struct field_text *field = NULL;
        assert_int_not_equal(field_text_create(plan, refused[i], &field, NULL), ERROR_NONE);
        assert_null(field);
    }
    plan_destroy(plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_source_is_written),
        cmocka_unit_test(precision_fallback_and_constants_hold),
        cmocka_unit_test(times_take_every_form),
        cmocka_unit_test(members_keep_their_order),
        cmocka_unit_test(what_is_not_mapped_is_checked_too),
        cmocka_unit_test(a_bad_mapping_is_refused_by_name),
        cmocka_unit_test(single_values_become_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
