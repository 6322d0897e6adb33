#include "message/definitions/definition.h"
#include "message/definitions/md5sum.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SEPARATOR                                                                                  \
    "\n================================================================================\nMSG: "

static struct definition *parse(const char *text)
{
    struct definition *definition = NULL;
    struct error error = {0};
    if (definition_parse("test_msgs/Thing", text, strlen(text), &definition, &error) != ERROR_NONE)
        fail_msg("%s: %s", error.path, error.text);
    return definition;
}

static void every_kind_and_array_is_known(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        const char *name;
        enum field_kind kind;
        int64_t array;
        size_t fixed_size;
        size_t minimum_size;
    } cases[] = {
        {"bool a", "a", KIND_BOOL, ARRAY_NONE, 1, 1},
        {"byte a", "a", KIND_INT8, ARRAY_NONE, 1, 1},
        {"char a", "a", KIND_UINT8, ARRAY_NONE, 1, 1},
        {"int8 a", "a", KIND_INT8, ARRAY_NONE, 1, 1},
        {"uint8[16] id", "id", KIND_UINT8, 16, 16, 16},
        {"int16 a", "a", KIND_INT16, ARRAY_NONE, 2, 2},
        {"uint16[] a", "a", KIND_UINT16, ARRAY_VARIABLE, SIZE_MAX, 4},
        {"int32 a_1 # comment", "a_1", KIND_INT32, ARRAY_NONE, 4, 4},
        {"  uint32\ta\r", "a", KIND_UINT32, ARRAY_NONE, 4, 4},
        {"int64 a", "a", KIND_INT64, ARRAY_NONE, 8, 8},
        {"uint64[2] a", "a", KIND_UINT64, 2, 16, 16},
        {"float32 a", "a", KIND_FLOAT32, ARRAY_NONE, 4, 4},
        {"float64[36] covariance", "covariance", KIND_FLOAT64, 36, 288, 288},
        {"string a", "a", KIND_STRING, ARRAY_NONE, SIZE_MAX, 4},
        {"string[3] a", "a", KIND_STRING, 3, SIZE_MAX, 12},
        {"string[0] a", "a", KIND_STRING, 0, 0, 0},
        {"time stamp", "stamp", KIND_TIME, ARRAY_NONE, 8, 8},
        {"duration[] a", "a", KIND_DURATION, ARRAY_VARIABLE, SIZE_MAX, 4},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct definition *definition = parse(cases[i].line);
        const struct message_type *type = definition_type(definition);
        assert_int_equal(type->field_count, 1);
        assert_string_equal(type->fields[0].name, cases[i].name);
        assert_int_equal(type->fields[0].kind, cases[i].kind);
        assert_int_equal(type->fields[0].array, cases[i].array);
        assert_int_equal(type->fixed_size, cases[i].fixed_size);
        assert_int_equal(type->minimum_size, cases[i].minimum_size);
        definition_destroy(definition);
    }
}

static void constants_keep_their_text(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        const char *name;
        const char *value;
    } cases[] = {
        {"int8 LOW=-128", "LOW", "-128"},
        {"uint64 HIGH = 18446744073709551615 # most", "HIGH", "18446744073709551615"},
        {"int64 LEAST=-9223372036854775808", "LEAST", "-9223372036854775808"},
        {"float32 PI=3.14e0", "PI", "3.14e0"},
        {"float64 BIG=-inf", "BIG", "-inf"},
        {"bool ON=True", "ON", "True"},
        {"bool OFF = 0", "OFF", "0"},
        {"byte B=+1", "B", "+1"},
        {"char C=255", "C", "255"},
        {"string TEXT= a # b = \"c\"  ", "TEXT", "a # b = \"c\""},
        {"string EMPTY=", "EMPTY", ""},
        {"string HASH=#", "HASH", "#"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct definition *definition = parse(cases[i].line);
        const struct message_type *type = definition_type(definition);
        assert_int_equal(type->field_count, 0);
        assert_int_equal(type->constant_count, 1);
        assert_string_equal(type->constants[0].name, cases[i].name);
        assert_string_equal(type->constants[0].value_text, cases[i].value);
        definition_destroy(definition);
    }
}

static void nested_names_are_relative_to_their_package(void **state)
{
    (void)state;
    static const char TEXT[] =
        "Header header\nPoint[] points\nother_msgs/Box box" SEPARATOR
        "std_msgs/Header\nuint32 seq\ntime stamp\nstring frame_id" SEPARATOR
        "test_msgs/Point\nfloat32 x\nfloat32 y" SEPARATOR
        "other_msgs/Box\nPoint low\nroslib/Header old" SEPARATOR "other_msgs/Point\nint8 z\n";
    struct definition *definition = parse(TEXT);
    const struct message_type *type = definition_type(definition);
    assert_int_equal(type->field_count, 3);
    assert_string_equal(type->fields[0].message->name, "std_msgs/Header");
    assert_string_equal(type->fields[0].type_text, "Header");
    assert_string_equal(type->fields[1].message->name, "test_msgs/Point");
    assert_int_equal(type->fields[1].message->fixed_size, 8);
    const struct message_type *box = type->fields[2].message;
    assert_string_equal(box->fields[0].message->name, "other_msgs/Point");
    assert_string_equal(box->fields[1].message->name, "std_msgs/Header");
    assert_int_equal(type->fixed_size, SIZE_MAX);
    assert_int_equal(type->minimum_size, 16 + 4 + 1 + 16);
    assert_string_equal(definition_text(definition), TEXT);
    definition_destroy(definition);
}

static void header_may_have_its_old_name(void **state)
{
    (void)state;
    static const char *const fields[] = {"Header", "std_msgs/Header", "roslib/Header"};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        char text[256];
        (void)snprintf(text, sizeof text, "%s header\nfloat64 x%s", fields[i],
                       SEPARATOR "roslib/Header\nuint32 seq\ntime stamp\nstring frame_id\n");
        struct definition *definition = parse(text);
        const struct message_type *type = definition_type(definition);
        assert_string_equal(type->fields[0].message->name, "std_msgs/Header");
        assert_string_equal(definition_part(definition, type->fields[0].message).md5sum,
                            "2176decaecbce78abc3b96ef049fabed");
        definition_destroy(definition);
    }
}

/* The sums are genpy's, of the types of ROS Noetic that are made of these lines. */
static void md5sums_are_those_of_ros(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *md5sum;
    } cases[] = {
        {"", "d41d8cd98f00b204e9800998ecf8427e"},
        {"# only a comment\n\n", "d41d8cd98f00b204e9800998ecf8427e"},
        {"string data", "992ce8a1687cec8c8bd883ec73ca41d1"},
        {"uint32 seq\ntime stamp\nstring frame_id\n", "2176decaecbce78abc3b96ef049fabed"},
        {"float64 x\nfloat64   y # up\nfloat64 z", "4a842b65f413084dc2b10fb484ea7f17"},
        {"byte OK=0\nbyte WARN=1\nbyte ERROR=2\nbyte STALE=3\nbyte level\nstring name\nstring "
         "message\nstring hardware_id\nKeyValue[] values" SEPARATOR
         "test_msgs/KeyValue\nstring key\nstring value",
         "d0ce08bc6e5ba34c7754f563a9cabaf1"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct definition *definition = parse(cases[i].text);
        assert_string_equal(definition_md5sum(definition), cases[i].md5sum);
        definition_destroy(definition);
    }
}

static void a_rejection_names_type_and_line(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum error_code code;
        const char *path;
    } cases[] = {
        {"int32 x\nint32", ERROR_SYNTAX, "test_msgs/Thing:2"},
        {"int32 x y", ERROR_SYNTAX, "test_msgs/Thing:1"},
        {"int32 1x", ERROR_SYNTAX, "test_msgs/Thing:1"},
        {"int32 x-y", ERROR_SYNTAX, "test_msgs/Thing:1"},
        {"a//b x", ERROR_SYNTAX, "test_msgs/Thing:1"},
        {"int32[ x", ERROR_SYNTAX, "test_msgs/Thing:1"},
        {"int32[-1] x", ERROR_SYNTAX, "test_msgs/Thing:1"},
        {"int32[1][2] x", ERROR_SYNTAX, "test_msgs/Thing:1"},
        {"int32[99999999999999999999] x", ERROR_LIMIT, "test_msgs/Thing:1"},
        {"float64[4294967295] x", ERROR_LIMIT, "test_msgs/Thing:1"},
        {"int8 X=128", ERROR_RANGE, "test_msgs/Thing:1"},
        {"int8 X=-129", ERROR_RANGE, "test_msgs/Thing:1"},
        {"uint8 X=-1", ERROR_RANGE, "test_msgs/Thing:1"},
        {"uint64 X=18446744073709551616", ERROR_RANGE, "test_msgs/Thing:1"},
        {"int32 X=", ERROR_SYNTAX, "test_msgs/Thing:1"},
        {"int32 X=1=2", ERROR_SYNTAX, "test_msgs/Thing:1"},
        {"int32 X=0x10", ERROR_SYNTAX, "test_msgs/Thing:1"},
        {"float32 X=.", ERROR_SYNTAX, "test_msgs/Thing:1"},
        {"bool X=yes", ERROR_SYNTAX, "test_msgs/Thing:1"},
        {"time X=1", ERROR_SYNTAX, "test_msgs/Thing:1"},
        {"Point X=1", ERROR_SYNTAX, "test_msgs/Thing:1"},
        {"string A B=1", ERROR_SYNTAX, "test_msgs/Thing:1"},
        {"int32 x\n\nint8 x", ERROR_DUPLICATE, "test_msgs/Thing:3"},
        {"# one\nPoint p", ERROR_UNKNOWN, "test_msgs/Thing:2"},
        {"Header h", ERROR_UNKNOWN, "test_msgs/Thing:1"},
        {"Thing again", ERROR_SYNTAX, "test_msgs/Thing:1"},
        {"A a" SEPARATOR "test_msgs/A\nint8 i\nThing t", ERROR_SYNTAX, "test_msgs/A:2"},
        {"A a" SEPARATOR "test_msgs/A\nint8 i\nint8", ERROR_SYNTAX, "test_msgs/A:2"},
        {"A a" SEPARATOR "A\nint8 i", ERROR_SYNTAX, "test_msgs/Thing:3"},
        {"int8 a\n====\nint8 b", ERROR_SYNTAX, "test_msgs/Thing:3"},
        {"int8 a\n====\n", ERROR_SYNTAX, "test_msgs/Thing:2"},
        {"A a" SEPARATOR "test_msgs/A\nint8 i" SEPARATOR "test_msgs/A\nint8 j", ERROR_DUPLICATE,
         "test_msgs/A:1"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct definition *definition = NULL;
        struct error error = {0};
        enum error_code code = definition_parse("test_msgs/Thing", cases[i].text,
                                                strlen(cases[i].text), &definition, &error);
        if (code != cases[i].code || strcmp(error.path, cases[i].path) != 0)
            fail_msg("%s: %s at %s: %s", cases[i].text, error_code_name(code), error.path,
                     error.text);
        assert_null(definition);
    }
}

static void a_bad_type_name_or_text_is_refused(void **state)
{
    (void)state;
    static const char *const names[] = {"", "Thing", "/Thing", "a/", "a/b/c", "a b/c", "1a/B"};
    struct definition *definition = NULL;
    struct error error = {0};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_int_equal(definition_parse(names[i], "", 0, &definition, &error), ERROR_SYNTAX);
    assert_int_equal(definition_parse("a/B", "int8\0x", 6, &definition, &error), ERROR_SYNTAX);
    assert_int_equal(
        definition_parse("a/B", "", (size_t)DEFINITION_TEXT_LIMIT + 1, &definition, &error),
        ERROR_LIMIT);
}

/* A chain of `depth` types, each with `width` fields of the next one. */
static char *chain(unsigned depth, unsigned width)
{
    size_t size = (size_t)depth * (width + 2) * 128;
    char *text = malloc(size);
    assert_non_null(text);
    size_t at = 0;
    for (unsigned i = 1; i <= depth; i++) {
        for (unsigned k = 0; k < width; k++) {
            at += (size_t)(i < depth ? snprintf(text + at, size - at, "T%u f%u\n", i + 1, k)
                                     : snprintf(text + at, size - at, "int8 f%u\n", k));
        }
        if (i < depth)
            at += (size_t)snprintf(text + at, size - at, "====\nMSG: test_msgs/T%u\n", i + 1);
    }
    return text;
}

static void depth_and_expansion_are_bounded(void **state)
{
    (void)state;
    static const struct {
        unsigned depth;
        unsigned width;
        enum error_code code;
    } cases[] = {
        {DEFINITION_DEPTH_LIMIT, 1, ERROR_NONE},
        {DEFINITION_DEPTH_LIMIT + 1, 1, ERROR_LIMIT},
        {DEFINITION_DEPTH_LIMIT, 10, ERROR_LIMIT},
        {5, 10, ERROR_NONE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *text = chain(cases[i].depth, cases[i].width);
        struct definition *definition = NULL;
        struct error error = {0};
        assert_int_equal(
            definition_parse("test_msgs/Thing", text, strlen(text), &definition, &error),
            cases[i].code);
        definition_destroy(definition);
        free(text);
    }
}

/* A type that is met near the top first is still too deep below. */
static void a_type_met_before_counts_where_it_is_deepest(void **state)
{
    (void)state;
    char *below = chain(DEFINITION_DEPTH_LIMIT + 1, 1);
    size_t size = strlen(below) + 32;
    char *text = malloc(size);
    assert_non_null(text);
    (void)snprintf(text, size, "T40 early\n%s", below);
    struct definition *definition = NULL;
    assert_int_equal(definition_parse("test_msgs/Thing", text, strlen(text), &definition, NULL),
                     ERROR_LIMIT);
    free(text);
    free(below);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_and_array_is_known),
        cmocka_unit_test(constants_keep_their_text),
        cmocka_unit_test(header_may_have_its_old_name),
        cmocka_unit_test(nested_names_are_relative_to_their_package),
        cmocka_unit_test(md5sums_are_those_of_ros),
        cmocka_unit_test(a_rejection_names_type_and_line),
        cmocka_unit_test(a_bad_type_name_or_text_is_refused),
        cmocka_unit_test(depth_and_expansion_are_bounded),
        cmocka_unit_test(a_type_met_before_counts_where_it_is_deepest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
