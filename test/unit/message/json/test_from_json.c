/* JSON → bytes: what is accepted, what is refused and with which words. */
#include "json_fixture.h"

#include "message/json/from_json.h"

#include <stdint.h>
#include <stdio.h>

/* --- what is accepted ------------------------------------------------------------------------- */

struct accepted {
    const char *definition;
    const char *json;
    const char *hex;
};

static const struct accepted ACCEPTED[] = {
    /* bool */
    {"bool v", "{\"v\":true}", "01"},
    {"bool v", "{\"v\":false}", "00"},
    {"bool v", "{\"v\":1}", "01"},
    {"bool v", "{\"v\":0}", "00"},
    {"bool[3] v", "{\"v\":[true,0,1.0]}", "01 00 01"},
    /* integers, to their ends */
    {"int8 v", "{\"v\":-128}", "80"},
    {"byte v", "{\"v\":127}", "7f"},
    {"uint8 v", "{\"v\":255}", "ff"},
    {"char v", "{\"v\":65}", "41"},
    {"int16 v", "{\"v\":-32768}", "00 80"},
    {"uint16 v", "{\"v\":65535}", "ff ff"},
    {"int32 v", "{\"v\":-2147483648}", "00 00 00 80"},
    {"uint32 v", "{\"v\":4294967295}", "ff ff ff ff"},
    {"int64 v", "{\"v\":-9223372036854775808}", "00 00 00 00 00 00 00 80"},
    {"int64 v", "{\"v\":9223372036854775807}", "ff ff ff ff ff ff ff 7f"},
    {"uint64 v", "{\"v\":18446744073709551615}", "ff ff ff ff ff ff ff ff"},
    {"uint64 v", "{\"v\":9007199254740993}", "01 00 00 00 00 00 20 00"},
    {"int32 v", "{\"v\":-0}", "00 00 00 00"},
    {"uint8 v", "{\"v\":-0.0}", "00"},
    /* integers written otherwise */
    {"int32 v", "{\"v\":5.0}", "05 00 00 00"},
    {"int32 v", "{\"v\":-1e3}", "18 fc ff ff"},
    {"int32 v", "{\"v\":1.5E+1}", "0f 00 00 00"},
    {"int32 v", "{\"v\":1200e-2}", "0c 00 00 00"},
    {"uint64 v", "{\"v\":18446744073709551615.000000000000000000000}", "ff ff ff ff ff ff ff ff"},
    {"uint64 v", "{\"v\":1844674407370955161500000000000e-11}", "ff ff ff ff ff ff ff ff"},
    {"uint8 v", "{\"v\":0e99999999999999999999}", "00"},
    {"uint8 v", "{\"v\":0.000000000000000000000000000001e30}", "01"},
    {"int32 v", "{\"v\":\"-17\"}", "ef ff ff ff"},
    {"uint64 v", "{\"v\":\"18446744073709551615\"}", "ff ff ff ff ff ff ff ff"},
    /* floats */
    {"float64 v", "{\"v\":1}", "00 00 00 00 00 00 f0 3f"},
    {"float64 v", "{\"v\":0.1}", "9a 99 99 99 99 99 b9 3f"},
    {"float64 v", "{\"v\":-0.0}", "00 00 00 00 00 00 00 80"},
    {"float64 v", "{\"v\":-0}", "00 00 00 00 00 00 00 80"},
    {"float64 v", "{\"v\":0.30000000000000004}", "34 33 33 33 33 33 d3 3f"},
    {"float64 v", "{\"v\":9007199254740993}", "00 00 00 00 00 00 40 43"},
    {"float64 v", "{\"v\":1e23}", "f6 4a e1 c7 02 2d b5 44"},
    {"float64 v", "{\"v\":1.7976931348623157e308}", "ff ff ff ff ff ff ef 7f"},
    {"float64 v", "{\"v\":5e-324}", "01 00 00 00 00 00 00 00"},
    {"float64 v", "{\"v\":1e-400}", "00 00 00 00 00 00 00 00"},
    {"float64 v", "{\"v\":null}", "00 00 00 00 00 00 f8 7f"},
    {"float64 v", "{\"v\":\"NaN\"}", "00 00 00 00 00 00 f8 7f"},
    {"float64 v", "{\"v\":\"Infinity\"}", "00 00 00 00 00 00 f0 7f"},
    {"float64 v", "{\"v\":\"-Infinity\"}", "00 00 00 00 00 00 f0 ff"},
    {"float32 v", "{\"v\":0.1}", "cd cc cc 3d"},
    {"float32 v", "{\"v\":16777217}", "00 00 80 4b"},
    {"float32 v", "{\"v\":1.00000017881393432617187499}", "01 00 80 3f"},
    {"float32 v", "{\"v\":3.4028235e38}", "ff ff 7f 7f"},
    {"float32 v", "{\"v\":1e-45}", "01 00 00 00"},
    {"float32 v", "{\"v\":null}", "00 00 c0 7f"},
    {"float32 v", "{\"v\":\"-Infinity\"}", "00 00 80 ff"},
    {"float64[] v", "{\"v\":[null,\"NaN\",1]}",
     "03 00 00 00 00 00 00 00 00 00 f8 7f 00 00 00 00 00 00 f8 7f 00 00 00 00 00 00 f0 3f"},
    /* strings */
    {"string v", "{\"v\":\"\"}", "00 00 00 00"},
    {"string v", "{\"v\":\"abc\"}", "03 00 00 00 61 62 63"},
    {"string v", "{\"v\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"}", "08 00 00 00 22 5c 2f 08 0c 0a 0d 09"},
    {"string v", "{\"v\":\"\\u0000a\"}", "02 00 00 00 00 61"},
    {"string v", "{\"v\":\"\\u00e9\\u20AC\\ud83d\\uDE00\"}",
     "09 00 00 00 c3 a9 e2 82 ac f0 9f 98 80"},
    {"string v", "{\"v\":\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\x7f\"}",
     "0a 00 00 00 c3 a9 e2 82 ac f0 9f 98 80 7f"},
    {"string[] v", "{\"v\":[\"a\",\"\"]}", "02 00 00 00 01 00 00 00 61 00 00 00 00"},
    {"string[2] v", "{}", "00 00 00 00 00 00 00 00"},
    /* times */
    {"time v", "{\"v\":{\"secs\":1,\"nsecs\":2}}", "01 00 00 00 02 00 00 00"},
    {"time v", "{\"v\":{\"nsecs\":2,\"secs\":1}}", "01 00 00 00 02 00 00 00"},
    {"time v", "{\"v\":{\"sec\":4294967295,\"nanosec\":4294967295}}", "ff ff ff ff ff ff ff ff"},
    {"time v", "{\"v\":{\"sec\":1,\"nsec\":\"2\"}}", "01 00 00 00 02 00 00 00"},
    {"time v", "{\"v\":{}}", "00 00 00 00 00 00 00 00"},
    {"duration v", "{\"v\":{\"secs\":-1,\"nsecs\":-2}}", "ff ff ff ff fe ff ff ff"},
    {"duration[] v", "{\"v\":[{\"secs\":1}]}", "01 00 00 00 01 00 00 00 00 00 00 00"},
    /* bytes */
    {"uint8[] v", "{\"v\":\"\"}", "00 00 00 00"},
    {"uint8[] v", "{\"v\":\"AP8=\"}", "02 00 00 00 00 ff"},
    {"uint8[] v", "{\"v\":\"AP8\"}", "02 00 00 00 00 ff"},
    {"uint8[] v", "{\"v\":\"AA==\"}", "01 00 00 00 00"},
    {"uint8[] v", "{\"v\":\"+/z+\"}", "03 00 00 00 fb fc fe"},
    {"uint8[] v", "{\"v\":\"+\\/z\\u002b\"}", "03 00 00 00 fb fc fe"},
    {"uint8[] v", "{\"v\":[0,255]}", "02 00 00 00 00 ff"},
    {"char[] v", "{\"v\":\"QUI=\"}", "02 00 00 00 41 42"},
    {"uint8[2] v", "{\"v\":\"AP8=\"}", "00 ff"},
    {"uint8[4] v", "{\"v\":\"\\u0041P\\u0038BAg\"}", "00 ff 01 02"},
    {"char[2] v", "{\"v\":[1,2]}", "01 02"},
    {"uint8[0] v", "{\"v\":\"\"}", ""},
    /* arrays */
    {"int16[] v", "{\"v\":[]}", "00 00 00 00"},
    {"int16[] v", "{ \"v\" : [ 1 , 2 ] }", "02 00 00 00 01 00 02 00"},
    {"int16[2] v", "{\"v\":[1,2]}", "01 00 02 00"},
    {"byte[] v", "{\"v\":[-1]}", "01 00 00 00 ff"},
    {"int16[0] v", "{\"v\":[]}", ""},
    /* objects */
    {"", "{}", ""},
    {"", " \t\r\n{ } \n", ""},
    {"int8 a\nint8 b", "{\"b\":2,\"a\":1}", "01 02"},
    {"int8 a\nint8 b\nint8 c", "{\"a\":1,\"c\":3}", "01 00 03"},
    {"int8 a\nint8 b\nint8 c", "{\"c\":3}", "00 00 03"},
    {"int8 a\nint8 b", "{\"\\u0062\":2,\"\\u0061\":1}", "01 02"},
    {"int8 a\nstring b", "{}", "00 00 00 00 00"},
    {POSE, "{}",
     "00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 "
     "00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 "
     "00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00"},
    {POSE,
     "{\"names\":[\"n\"],\"covariance\":[1,2],\"position\":{\"y\":1,\"x\":2},"
     "\"header\":{\"frame_id\":\"f\",\"stamp\":{\"nsecs\":3,\"secs\":2},\"seq\":1}}",
     "01 00 00 00 02 00 00 00 03 00 00 00 01 00 00 00 66 "
     "00 00 00 00 00 00 00 40 00 00 00 00 00 00 f0 3f "
     "00 00 00 00 00 00 f0 3f 00 00 00 00 00 00 00 40 01 00 00 00 01 00 00 00 6e"},
    {"Point[] p\nPoint[2] q\n"
     "================================================================================\n"
     "MSG: test_msgs/Point\nint8 x\nint8 y\n",
     "{\"q\":[{\"y\":1},{}],\"p\":[{\"x\":7,\"y\":8}]}", "01 00 00 00 07 08 00 01 00 00"},
};

static void every_accepted_form_gives_its_bytes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof ACCEPTED / sizeof *ACCEPTED; i++) {
        const struct accepted *row = &ACCEPTED[i];
        struct plan *plan = fixture_plan(row->definition);
        struct buffer out;
        struct error error;
        buffer_init(&out, OUT_LIMIT);
        if (from_json(plan, row->json, strlen(row->json), NULL, &out, &error) != ERROR_NONE)
            fail_msg("%s: %s at %zu: %s", row->json, error.path, error.position, error.text);
        fixture_assert_bytes(&out, row->hex, row->json);
        assert_int_equal(plan_validate(plan, (const uint8_t *)out.data, out.length, NULL),
                         ERROR_NONE);
        buffer_fini(&out);
        plan_destroy(plan);
    }
}

/* --- what is refused -------------------------------------------------------------------------- */

struct refused {
    const char *definition;
    const char *json;
    enum error_code code;
    const char *path;
    size_t position;
    const char *says; /* somewhere in the message */
};

static const struct refused REFUSED[] = {
    /* out of range */
    {"int8 v", "{\"v\":128}", ERROR_RANGE, "$.v", 5, "found 128, int8 takes -128…127"},
    {"byte v", "{\"v\":-129}", ERROR_RANGE, "$.v", 5, "byte takes -128…127"},
    {"uint8 v", "{\"v\":256}", ERROR_RANGE, "$.v", 5, "uint8 takes 0…255"},
    {"char v", "{\"v\":-1}", ERROR_RANGE, "$.v", 5, "char takes 0…255"},
    {"int16 v", "{\"v\":32768}", ERROR_RANGE, "$.v", 5, "-32768…32767"},
    {"uint16 v", "{\"v\":65536}", ERROR_RANGE, "$.v", 5, "0…65535"},
    {"int32 v", "{\"v\":2147483648}", ERROR_RANGE, "$.v", 5, "-2147483648…2147483647"},
    {"uint32 v", "{\"v\":-1}", ERROR_RANGE, "$.v", 5, "0…4294967295"},
    {"int64 v", "{\"v\":9223372036854775808}", ERROR_RANGE, "$.v", 5, "9223372036854775807"},
    {"int64 v", "{\"v\":-9223372036854775809}", ERROR_RANGE, "$.v", 5, "-9223372036854775808"},
    {"uint64 v", "{\"v\":18446744073709551616}", ERROR_RANGE, "$.v", 5, "18446744073709551615"},
    {"uint64 v", "{\"v\":1e99999999999999999999}", ERROR_RANGE, "$.v", 5, "uint64 takes"},
    {"uint64 v", "{\"v\":\"18446744073709551616\"}", ERROR_RANGE, "$.v", 5, "uint64 takes"},
    {"int32 v", "{\"v\":5.5}", ERROR_RANGE, "$.v", 5, "found 5.5, int32 takes no fraction"},
    {"int32 v", "{\"v\":1e-99999999999999999999}", ERROR_RANGE, "$.v", 5, "no fraction"},
    {"bool v", "{\"v\":2}", ERROR_RANGE, "$.v", 5, "bool takes 0…1"},
    {"float64 v", "{\"v\":1e309}", ERROR_RANGE, "$.v", 5, "float64 takes at most"},
    {"float32 v", "{\"v\":-3.5e38}", ERROR_RANGE, "$.v", 5, "float32 takes at most"},
    {"float32 v", "{\"v\":3.4028235677973367e38}", ERROR_RANGE, "$.v", 5, "3.4028235e+38"},
    {"time v", "{\"v\":{\"secs\":4294967296}}", ERROR_RANGE, "$.v.secs", 13, "0…4294967295"},
    {"duration v", "{\"v\":{\"nsecs\":2147483648}}", ERROR_RANGE, "$.v.nsecs", 14, "2147483647"},
    /* wrong types */
    {"bool v", "{\"v\":\"true\"}", ERROR_TYPE, "$.v", 5, "found \"true\", bool takes true, false"},
    {"bool v", "{\"v\":null}", ERROR_TYPE, "$.v", 5, "found null"},
    {"int32 v", "{\"v\":null}", ERROR_TYPE, "$.v", 5, "found null, int32 takes a number"},
    {"int32 v", "{\"v\":true}", ERROR_TYPE, "$.v", 5, "found true"},
    {"int32 v", "{\"v\":\"\"}", ERROR_TYPE, "$.v", 5, "string of digits"},
    {"int32 v", "{\"v\":\"12a\"}", ERROR_TYPE, "$.v", 5, "found \"12a\""},
    {"int32 v", "{\"v\":\" 12\"}", ERROR_TYPE, "$.v", 5, "string of digits"},
    {"int32 v", "{\"v\":\"\\u0031\"}", ERROR_TYPE, "$.v", 5, "string of digits"},
    {"int32 v", "{\"v\":{}}", ERROR_TYPE, "$.v", 5, "found an object, int32 takes a number"},
    {"float64 v", "{\"v\":\"1.5\"}", ERROR_TYPE, "$.v", 5, "\"Infinity\""},
    {"float64 v", "{\"v\":true}", ERROR_TYPE, "$.v", 5, "found true, float64 takes a number"},
    {"string v", "{\"v\":1}", ERROR_TYPE, "$.v", 5, "found 1, string takes a string"},
    {"string v", "{\"v\":null}", ERROR_TYPE, "$.v", 5, "found null"},
    {"time v", "{\"v\":1.5}", ERROR_TYPE, "$.v", 5, "time takes an object of secs and nsecs"},
    {"time v", "{\"v\":null}", ERROR_TYPE, "$.v", 5, "found null"},
    {"time v", "{\"v\":{\"secs\":1.5}}", ERROR_RANGE, "$.v.secs", 13, "no fraction"},
    {"int8[] v", "{\"v\":1}", ERROR_TYPE, "$.v", 5, "found 1, int8[] takes an array"},
    {"int8[] v", "{\"v\":null}", ERROR_TYPE, "$.v", 5, "found null"},
    {"int8[2] v", "{\"v\":\"AP8=\"}", ERROR_TYPE, "$.v", 5, "int8[2] takes an array"},
    {"int8[] v", "{\"v\":[1,[2]]}", ERROR_TYPE, "$.v[1]", 8, "found an array, int8 takes"},
    {"uint8[] v", "{\"v\":{}}", ERROR_TYPE, "$.v", 5, "uint8[] takes base64 text or an array"},
    {"uint8[] v", "{\"v\":\"A\"}", ERROR_TYPE, "$.v", 5, "base64 (RFC 4648)"},
    {"uint8[] v", "{\"v\":\"AP8==\"}", ERROR_TYPE, "$.v", 5, "base64"},
    {"uint8[] v", "{\"v\":\"AP8= \"}", ERROR_TYPE, "$.v", 5, "base64"},
    {"uint8[] v", "{\"v\":\"AP9=\"}", ERROR_TYPE, "$.v", 5, "base64"},
    {"uint8[] v", "{\"v\":\"A===\"}", ERROR_TYPE, "$.v", 5, "base64"},
    {"uint8[] v", "{\"v\":\"-_==\"}", ERROR_TYPE, "$.v", 5, "base64"},
    {"int8 v", "[]", ERROR_TYPE, "$", 0, "found an array, test_msgs/Thing takes an object"},
    {"int8 v", "null", ERROR_TYPE, "$", 0, "found null"},
    {POSE, "{\"position\":[1,2]}", ERROR_TYPE, "$.position", 12, "test_msgs/Point takes an object"},
    {POSE, "{\"position\":{\"x\":\"\"}}", ERROR_TYPE, "$.position.x", 17, "float64"},
    /* lengths */
    {"float64[36] v", "{\"v\":[1,2]}", ERROR_LENGTH, "$.v", 5,
     "found 2 values, float64[36] takes 36"},
    {"int8[2] v", "{\"v\":[1,2,3]}", ERROR_LENGTH, "$.v[2]", 10, "int8[2] takes 2 values"},
    {"int8[0] v", "{\"v\":[1]}", ERROR_LENGTH, "$.v[0]", 6, "int8[0] takes 0 values"},
    {"uint8[3] v", "{\"v\":\"AP8=\"}", ERROR_LENGTH, "$.v", 5, "found 2 bytes in base64"},
    /* names */
    {"int8 v", "{\"w\":1}", ERROR_UNKNOWN, "$.w", 1,
     "found \"w\", test_msgs/Thing has the fields v"},
    {"int8 v", "{\"v\":1,\"a b\":1}", ERROR_UNKNOWN, "$[\"a b\"]", 7, "found \"a b\""},
    {"int8 v", "{\"\":1}", ERROR_UNKNOWN, "$[\"\"]", 1, "found \"\""},
    {"int8 v", "{\"vv\":1}", ERROR_UNKNOWN, "$.vv", 1, "has the fields v"},
    {"int8 vv", "{\"v\":1}", ERROR_UNKNOWN, "$.v", 1, "has the fields vv"},
    {"", "{\"v\":1}", ERROR_UNKNOWN, "$.v", 1, "has no fields"},
    {"int8 X=1\nint8 v", "{\"X\":1}", ERROR_UNKNOWN, "$.X", 1, "has the fields v"},
    {POSE, "{\"position\":{\"z\":1}}", ERROR_UNKNOWN, "$.position.z", 13, "x, y"},
    {"time v", "{\"v\":{\"ns\":1}}", ERROR_UNKNOWN, "$.v.ns", 6, "secs and nsecs"},
    /* twice */
    {"int8 v", "{\"v\":1,\"v\":1}", ERROR_DUPLICATE, "$.v", 7, "may be there once"},
    {"int8 a\nint8 b", "{\"b\":1,\"a\":1,\"b\":1}", ERROR_DUPLICATE, "$.b", 13, "once"},
    {"int8 a\nint8 b", "{\"a\":1,\"\\u0061\":1}", ERROR_DUPLICATE, "$[\"\\u0061\"]", 7, "once"},
    {"time v", "{\"v\":{\"secs\":1,\"sec\":1}}", ERROR_DUPLICATE, "$.v.sec", 15, "seconds"},
    {"time v", "{\"v\":{\"nsec\":1,\"nanosec\":1}}", ERROR_DUPLICATE, "$.v.nanosec", 15, "nano"},
    /* malformed */
    {"int8 v", "", ERROR_SYNTAX, "$", 0, "found the end of the text"},
    {"int8 v", "  ", ERROR_SYNTAX, "$", 2, "found the end of the text"},
    {"int8 v", "{", ERROR_SYNTAX, "$", 1, "the end of the text"},
    {"int8 v", "{v:1}", ERROR_SYNTAX, "$", 1, "name in quotes"},
    {"int8 v", "{\"v\" 1}", ERROR_SYNTAX, "$", 5, "':' follows a member's name"},
    {"int8 v", "{\"v\":}", ERROR_SYNTAX, "$.v", 5, "found }, int8 takes a number"},
    {"int8 v", "{\"v\":1,}", ERROR_SYNTAX, "$", 7, "found }"},
    {"int8 v", "{\"v\":1 \"w\":2}", ERROR_SYNTAX, "$", 7, "',' or '}'"},
    {"int8 v", "{,}", ERROR_SYNTAX, "$", 1, "found ,"},
    {"int8 v", "{\"v\":01}", ERROR_SYNTAX, "$.v", 5, "no leading zero"},
    {"int8 v", "{\"v\":-}", ERROR_SYNTAX, "$.v", 6, "a digit"},
    {"int8 v", "{\"v\":+1}", ERROR_SYNTAX, "$.v", 5, "found +1"},
    {"int8 v", "{\"v\":1.}", ERROR_SYNTAX, "$.v", 7, "a digit follows '.'"},
    {"int8 v", "{\"v\":.5}", ERROR_SYNTAX, "$.v", 5, "found .5"},
    {"int8 v", "{\"v\":1e}", ERROR_SYNTAX, "$.v", 7, "exponent"},
    {"int8 v", "{\"v\":1e+}", ERROR_SYNTAX, "$.v", 8, "exponent"},
    {"int8 v", "{\"v\":0x10}", ERROR_SYNTAX, "$", 6, "found x10"},
    {"float64 v", "{\"v\":NaN}", ERROR_SYNTAX, "$.v", 5, "found NaN"},
    {"float64 v", "{\"v\":nul}", ERROR_SYNTAX, "$.v", 5, "found nul, a word in JSON"},
    {"bool v", "{\"v\":tru}", ERROR_SYNTAX, "$.v", 5, "found tru"},
    {"bool v", "{\"v\":trueish}", ERROR_SYNTAX, "$", 9, "found ish"},
    {"int8[] v", "{\"v\":[1,]}", ERROR_SYNTAX, "$.v[1]", 8, "found ]"},
    {"int8[] v", "{\"v\":[1 2]}", ERROR_SYNTAX, "$.v[0]", 8, "',' or ']'"},
    {"int8[] v", "{\"v\":[,]}", ERROR_SYNTAX, "$.v[0]", 6, "found ,"},
    {"int8[] v", "{\"v\":[1}", ERROR_SYNTAX, "$.v[0]", 7, "found }"},
    {"string v", "{\"v\":\"a\nb\"}", ERROR_SYNTAX, "$.v", 7, "found \\x0a, a control character"},
    {"string v", "{\"v\":\"\\x\"}", ERROR_SYNTAX, "$.v", 6, "an escape is"},
    {"string v", "{\"v\":\"\\u12g4\"}", ERROR_SYNTAX, "$.v", 6, "an escape is"},
    {"string v", "{\"v\":\"\\ud800\"}", ERROR_SYNTAX, "$.v", 6, "surrogate"},
    {"string v", "{\"v\":\"\\ud800\\u0041\"}", ERROR_SYNTAX, "$.v", 6, "surrogate"},
    {"string v", "{\"v\":\"\\udc00\\ud800\"}", ERROR_SYNTAX, "$.v", 6, "surrogate"},
    {"string v", "{\"v\":\"\x80\"}", ERROR_SYNTAX, "$.v", 6, "found \\x80, text is UTF-8"},
    {"string v", "{\"v\":\"\xc0\xaf\"}", ERROR_SYNTAX, "$.v", 6, "UTF-8"},
    {"string v", "{\"v\":\"\xed\xa0\x80\"}", ERROR_SYNTAX, "$.v", 6, "UTF-8"},
    {"string v", "{\"v\":\"\xf4\x90\x80\x80\"}", ERROR_SYNTAX, "$.v", 6, "UTF-8"},
    {"string v", "{\"v\":\"\xe2\x82\"}", ERROR_SYNTAX, "$.v", 6, "UTF-8"},
    {"int8 a\nint8 b", "{\"b\":[1,{\"x\":tru}],\"a\":1}", ERROR_SYNTAX, "$.b", 13, "found tru"},
    {"int8 v", "/* */ {}", ERROR_SYNTAX, "$", 0, "found /*"},
    {"int8 v", "\xef\xbb\xbf{}", ERROR_SYNTAX, "$", 0, "found \\xef"},
    /* behind the message */
    {"int8 v", "{\"v\":1}{", ERROR_TRAILING, "$", 7, "found {, nothing follows the value"},
    {"int8 v", "{\"v\":1} x", ERROR_TRAILING, "$", 8, "found x"},
    {"int8 v", "{\"v\":1}}", ERROR_TRAILING, "$", 7, "found }"},
};

static void assert_refused(const struct refused *row, const struct from_json_options *options)
{
    struct plan *plan = fixture_plan(row->definition);
    struct buffer out;
    struct error error = {0};
    buffer_init(&out, OUT_LIMIT);
    assert_int_equal(buffer_append(&out, "kept", 4), ERROR_NONE);
    enum error_code code = from_json(plan, row->json, strlen(row->json), options, &out, &error);
    if (code != row->code || error.code != row->code || strcmp(error.path, row->path) != 0 ||
        error.position != row->position || !strstr(error.text, row->says))
        fail_msg("%s: %s, path %s, position %zu: %s", row->json, error_code_name(code), error.path,
                 error.position, error.text);
    assert_int_equal(from_json(plan, row->json, strlen(row->json), options, &out, NULL), row->code);
    fixture_assert_bytes(&out, "6b 65 70 74", row->json);
    buffer_fini(&out);
    plan_destroy(plan);
}

static void every_refusal_names_path_position_and_reason(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof REFUSED / sizeof *REFUSED; i++)
        assert_refused(&REFUSED[i], NULL);
}

static void strict_asks_for_every_field(void **state)
{
    (void)state;
    static const struct refused ROWS[] = {
        {"int8 a\nint8 b", "{\"a\":1}", ERROR_MISSING, "$.b", 7, "int8 b"},
        {"int8 a\nint8 b", "{\"b\":1}", ERROR_MISSING, "$.a", 7, "int8 a"},
        {POSE, "{}", ERROR_MISSING, "$.header", 2, "strict"},
        {"time t", "{\"t\":{\"nsecs\":1}}", ERROR_MISSING, "$.t.secs", 16, "strict"},
        {"time t", "{\"t\":{\"secs\":1}}", ERROR_MISSING, "$.t.nsecs", 15, "strict"},
    };
    const struct from_json_options strict = {.strict = true};
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++)
        assert_refused(&ROWS[i], &strict);
    struct plan *plan = fixture_plan("int8 a\ntime b");
    struct buffer out;
    buffer_init(&out, OUT_LIMIT);
    const char *whole = "{\"b\":{\"sec\":1,\"nsec\":2},\"a\":1}";
    assert_int_equal(from_json(plan, whole, strlen(whole), &strict, &out, NULL), ERROR_NONE);
    fixture_assert_bytes(&out, "01 01 00 00 00 02 00 00 00", whole);
    buffer_fini(&out);
    plan_destroy(plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_accepted_form_gives_its_bytes),
        cmocka_unit_test(every_refusal_names_path_position_and_reason),
        cmocka_unit_test(strict_asks_for_every_field),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
