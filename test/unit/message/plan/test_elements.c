/* The elements of arrays within messages: found, told apart, and messages of their own type. */
#include "message/json/to_json.h"
#include "message/plan/elements.h"
#include "wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SEPARATOR                                                                                  \
    "================================================================================\nMSG: "
#define OUT_LIMIT ((size_t)1 << 20)

static const char DEFINITION[] =
    "Header header\nGroup group\nHit[] hits\nHit[2] pair\nPoint[] points\nfloat32[] ranges\n"
    "string[] names\ntime[1] times\nchar[3] letters\nEmpty[] nothing\nHit[0] none\nGroup[] groups\n"
    "int8 last\n" SEPARATOR "std_msgs/Header\nuint32 seq\ntime stamp\nstring frame_id\n" SEPARATOR
    "test_msgs/Group\nInner inner\n" SEPARATOR "test_msgs/Inner\nint8 first\nHit[] hits\n" SEPARATOR
    "test_msgs/Hit\nstring name\nPoint at\nPoint[] trace\n" SEPARATOR
    "test_msgs/Point\nfloat32 x\nint8 y\n" SEPARATOR "test_msgs/Empty\n";

#define HEADER "07 00 00 00 01 00 00 00 00 65 cd 1d 00 00 00 00 "
#define POINT1 "00 00 80 3f 01 "
#define POINT2 "00 00 00 40 02 "
#define HIT1   "01 00 00 00 'a' " POINT1 "00 00 00 00 "
#define HIT2   "02 00 00 00 'bb' " POINT2 "02 00 00 00 " POINT1 POINT2
#define JSON1  "{\"name\":\"a\",\"at\":{\"x\":1.0,\"y\":1},\"trace\":[]}"
#define JSON2                                                                                      \
    "{\"name\":\"bb\",\"at\":{\"x\":2.0,\"y\":2},"                                                 \
    "\"trace\":[{\"x\":1.0,\"y\":1},{\"x\":2.0,\"y\":2}]}"

static const char MESSAGE[] =
    HEADER "05 01 00 00 00 " HIT2                                 /* group */
           "03 00 00 00 " HIT1 HIT2 HIT1                          /* hits */
               HIT2 HIT1                                          /* pair */
           "02 00 00 00 " POINT2 POINT1                           /* points */
           "02 00 00 00 00 00 80 3f 00 00 00 40 "                 /* ranges */
           "02 00 00 00 00 00 00 00 01 00 00 00 'n' "             /* names */
           "02 00 00 00 03 00 00 00 "                             /* times */
           "'abc' "                                               /* letters */
           "02 00 00 00 "                                         /* nothing */
           "02 00 00 00 06 00 00 00 00 07 02 00 00 00 " HIT1 HIT1 /* groups */
           "ff";

static struct plan *make_plan(void)
{
    struct plan *plan = NULL;
    struct error error = {0};
    if (plan_create("test_msgs/Thing", DEFINITION, strlen(DEFINITION), NULL, &plan, &error) !=
        ERROR_NONE)
        fail_msg("%s: %s", error.path, error.text);
    return plan;
}

static struct elements *make_elements(const struct plan *plan, const char *path)
{
    struct elements *elements = NULL;
    struct error error = {0};
    if (elements_create(plan, path, &elements, &error) != ERROR_NONE)
        fail_msg("%s: %s: %s", path, error.path, error.text);
    return elements;
}

/* The elements as JSON, a space behind each. */
static void write_all(const struct elements *elements, const struct wire *wire, struct buffer *out)
{
    struct elements_place place;
    struct error error = {0};
    if (elements_begin(elements, wire->bytes, wire->length, &place, &error) != ERROR_NONE)
        fail_msg("%s: %s", error.path, error.text);
    while (place.index < place.count) {
        size_t size;
        const uint8_t *bytes = elements_next(elements, &place, &size);
        if (to_json(elements_plan(elements), bytes, size, NULL, out, NULL, &error) != ERROR_NONE)
            fail_msg("%s: %s", error.path, error.text);
        assert_int_equal(buffer_append_text(out, " "), ERROR_NONE);
    }
}

static void every_array_is_taken_apart(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        const char *type;
        const char *json;
    } cases[] = {
        {"hits", "test_msgs/Hit", JSON1 " " JSON2 " " JSON1 " "},
        {"group.inner.hits", "test_msgs/Hit", JSON2 " "},
        {"pair", "test_msgs/Hit", JSON2 " " JSON1 " "},
        {"points", "test_msgs/Point", "{\"x\":2.0,\"y\":2} {\"x\":1.0,\"y\":1} "},
        {"hits[1].trace", "test_msgs/Point", "{\"x\":1.0,\"y\":1} {\"x\":2.0,\"y\":2} "},
        {"hits[0].trace", "test_msgs/Point", ""},
        {"hits[3].trace", "test_msgs/Point", ""}, /* not there */
        {"groups[1].inner.hits", "test_msgs/Hit", JSON1 " " JSON1 " "},
        {"none", "test_msgs/Hit", ""},
        {"ranges", "std_msgs/Float32", "{\"data\":1.0} {\"data\":2.0} "},
        {"names", "std_msgs/String", "{\"data\":\"\"} {\"data\":\"n\"} "},
        {"times", "std_msgs/Time", "{\"data\":{\"secs\":2,\"nsecs\":3}} "},
        {"letters", "std_msgs/UInt8", "{\"data\":97} {\"data\":98} {\"data\":99} "},
    };
    struct plan *plan = make_plan();
    struct wire wire = wire_from(MESSAGE);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buffer out;
        struct elements *elements = make_elements(plan, cases[i].path);
        buffer_init(&out, OUT_LIMIT);
        assert_string_equal(plan_type(elements_plan(elements)), cases[i].type);
        write_all(elements, &wire, &out);
        if (out.length != strlen(cases[i].json) ||
            (out.length > 0 && memcmp(out.data, cases[i].json, out.length) != 0))
            fail_msg("%s: %.*s", cases[i].path, (int)out.length, out.data ? out.data : "");
        buffer_fini(&out);
        elements_destroy(elements);
    }
    plan_destroy(plan);
}

/* The element's type has the definition that it would have alone, and std_msgs' own sums. */
static void an_element_has_its_own_definition_and_md5sum(void **state)
{
    (void)state;
    static const char hit[] =
        "string name\nPoint at\nPoint[] trace\n" SEPARATOR "test_msgs/Point\nfloat32 x\nint8 y\n";
    static const char *const sums[][2] = {
        {"ranges", "73fcbf46b49191e672908e50842a83d4"}, /* of rosmsg md5 std_msgs/Float32 */
        {"names", "992ce8a1687cec8c8bd883ec73ca41d1"},
        {"times", "cd7166c74c552c311fbcc2fe5a7bc289"},
        {"letters", "7c8164229e7d2c17eb95e9231617fdee"},
    };
    struct plan *plan = make_plan(), *alone = NULL;
    struct elements *elements = make_elements(plan, "group.inner.hits");
    assert_string_equal(plan_text(elements_plan(elements)), hit);
    assert_int_equal(plan_create("test_msgs/Hit", hit, sizeof hit - 1, NULL, &alone, NULL),
                     ERROR_NONE);
    assert_string_equal(plan_md5sum(elements_plan(elements)), plan_md5sum(alone));
    plan_destroy(alone);
    elements_destroy(elements);
    for (size_t i = 0; i < sizeof sums / sizeof *sums; i++) {
        elements = make_elements(plan, sums[i][0]);
        assert_string_equal(plan_md5sum(elements_plan(elements)), sums[i][1]);
        elements_destroy(elements);
    }
    plan_destroy(plan);
}

/* No element of a message that is not whole: also where the array itself is. */
static void a_message_is_checked_to_its_end(void **state)
{
    (void)state;
    struct plan *plan = make_plan();
    struct elements *elements = make_elements(plan, "hits");
    struct wire wire = wire_from(MESSAGE);
    struct elements_place place;
    struct error error;
    for (size_t length = 0; length < wire.length; length++) {
        uint8_t *bytes = malloc(length ? length : 1); /* exactly, so that a sanitizer sees more */
        memcpy(bytes, wire.bytes, length);
        assert_int_equal(elements_begin(elements, bytes, length, &place, &error), ERROR_TRUNCATED);
        assert_int_equal(place.count, 0);
        assert_int_equal(error.path[0], '$');
        free(bytes);
    }
    wire.bytes[wire.length] = 0;
    assert_int_equal(elements_begin(elements, wire.bytes, wire.length + 1, &place, &error),
                     ERROR_TRAILING);
    assert_int_equal(error.position, wire.length);
    elements_destroy(elements);
    plan_destroy(plan);
}

static void a_path_to_no_array_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        enum error_code code;
        const char *text;
    } cases[] = {
        {"", ERROR_SYNTAX, "no path"},
        {"hit", ERROR_UNKNOWN, "it has header, group, hits"},
        {"group", ERROR_TYPE,
         "\"group\" is a single Group, and each takes an array; the arrays of test_msgs/Thing are: "
         "group.inner.hits, hits, pair, points, ranges, names, times, letters, nothing, none, "
         "groups"},
        {"hits[1]", ERROR_TYPE, "group.inner.hits"},
        {"last", ERROR_TYPE, "single int8"},
        {"hits.trace", ERROR_TYPE, "say which element"},
        {"pair[2].trace", ERROR_RANGE, "0 to 1"},
        {"nothing", ERROR_TYPE, "no bytes"},
    };
    struct plan *plan = make_plan();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct elements *elements = NULL;
        struct error error;
        assert_int_equal(elements_create(plan, cases[i].path, &elements, &error), cases[i].code);
        assert_null(elements);
        if (!strstr(error.text, cases[i].text))
            fail_msg("%s: %s", cases[i].path, error.text);
    }
    plan_destroy(plan);
}

/* More arrays than a line of text holds, below each other. */
static void many_arrays_are_not_all_named(void **state)
{
    (void)state;
    char text[8000] = "int8 one\n";
    for (int i = 0; i < 300; i++)
        (void)snprintf(text + strlen(text), sizeof text - strlen(text), "int8[] array_%d\n", i);
    struct plan *plan = NULL;
    struct elements *elements = NULL;
    struct error error;
    assert_int_equal(plan_create("test_msgs/Wide", text, strlen(text), NULL, &plan, NULL),
                     ERROR_NONE);
    assert_int_equal(elements_create(plan, "one", &elements, &error), ERROR_TYPE);
    assert_non_null(strstr(error.text, "array_0, array_1"));
    assert_non_null(strstr(error.text, ", …"));
    plan_destroy(plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_array_is_taken_apart),
        cmocka_unit_test(an_element_has_its_own_definition_and_md5sum),
        cmocka_unit_test(a_message_is_checked_to_its_end),
        cmocka_unit_test(a_path_to_no_array_is_refused),
        cmocka_unit_test(many_arrays_are_not_all_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
