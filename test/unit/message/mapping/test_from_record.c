#include "allocations.h"
#include "json_fixture.h"

#include "message/mapping/from_record.h"

#include <stdint.h>
#include <stdio.h>

#define HISTOGRAM                                                                                  \
    "Header header\nstring name\nint64 count\nfloat64 mean\nint32[] counts\nHist hist\n"           \
    "Hist[2] hists\nfloat64[4] row\nuint8[] raw\nuint8[3] digest\ntime when\nduration took\n"      \
    "================================================================================\n"           \
    "MSG: test_msgs/Hist\nint16 low\nint16[2] bins\n"                                              \
    "================================================================================\n"           \
    "MSG: std_msgs/Header\nuint32 seq\ntime stamp\nstring frame_id\n"

static const struct record_origin ORIGIN = {.key = "k\xff",
                                            .key_length = 2,
                                            .timestamp = 1700000000123,
                                            .topic = "results",
                                            .partition = 3,
                                            .offset = 9007199254740993};

struct run {
    enum error_code code;
    struct buffer out;
    struct error error;
};

/* Makes the mapping and, where that works, runs it. Where all worked `out` is the caller's. */
static struct run run_mapping(const char *definition, const struct from_record_field *fields,
                              size_t count, enum record_form form, bool strict, const char *value,
                              size_t length, const struct record_origin *origin)
{
    struct run run = {.code = ERROR_NONE};
    struct plan *plan = fixture_plan(definition);
    struct from_record *mapping = NULL;
    const struct from_json_options options = {.strict = strict};
    buffer_init(&run.out, OUT_LIMIT);
    run.code = from_record_create(plan, fields, count, form, &options, &mapping, &run.error);
    if (run.code == ERROR_NONE) {
        run.code = from_record(mapping, value, length, origin, &run.out, &run.error);
        if (run.code == ERROR_NONE)
            assert_int_equal(
                plan_validate(plan, (const uint8_t *)run.out.data, run.out.length, NULL),
                ERROR_NONE);
        else
            assert_int_equal(run.out.length, 0);
        from_record_destroy(mapping);
    }
    if (run.code != ERROR_NONE)
        buffer_fini(&run.out);
    plan_destroy(plan);
    return run;
}

/* --- one entry, one result -------------------------------------------------------------------- */

struct mapped {
    const char *definition;
    struct from_record_field field;
    enum record_form form;
    const char *value;
    const char *hex;
};

#define FROM(field, where)                                                                         \
    {                                                                                              \
        .path = (field), .source = (where)                                                         \
    }
#define FROM_TIME(field, where, f)                                                                 \
    {                                                                                              \
        .path = (field), .source = (where), .time_form = (f)                                       \
    }
#define FROM_OR(field, where, json)                                                                \
    {                                                                                              \
        .path = (field), .source = (where), .fallback = (json)                                     \
    }
#define FIXED(field, json)                                                                         \
    {                                                                                              \
        .path = (field), .constant = (json)                                                        \
    }

static const struct mapped MAPPED[] = {
    /* paths into the record */
    {"int64 v", FROM("v", "v"), RECORD_JSON, "{\"v\":9007199254740993}", "01 00 00 00 00 00 20 00"},
    {"int8 v", FROM("v", "$.a.b[1]"), RECORD_JSON, "{\"x\":[{}],\"a\":{\"b\":[5,6,7]}}", "06"},
    {"int8 v", FROM("v", "$[\"Total Count\"]"), RECORD_JSON, "{\"Total Count\":4}", "04"},
    {"int8 v", FROM("v", "$['Total.Count'].n"), RECORD_JSON, "{\"Total.Count\":{\"n\":4}}", "04"},
    {"int8 v", FROM("v", "$[\"\\u00e9\"]"), RECORD_JSON, "{\"\xc3\xa9\":4}", "04"},
    {"int8 v", FROM("v", "\xc3\xa9"), RECORD_JSON, "{\"\\u00e9\":4}", "04"},
    {"int8 v", FROM("v", "$"), RECORD_JSON, " 4 ", "04"},
    {"int8 v", FROM("v", "$[1][0]"), RECORD_JSON, "[1,[2]]", "02"},
    {"int8 v", FROM("v", "Chamber-1.n"), RECORD_JSON, "{\"Chamber-1\":{\"n\":2}}", "02"},
    /* what is null or not there has a default */
    {"int8 v", FROM_OR("v", "a.b", "5"), RECORD_JSON, "{}", "05"},
    {"int8 v", FROM_OR("v", "a.b", "5"), RECORD_JSON, "{\"a\":null}", "05"},
    {"int8 v", FROM_OR("v", "a.b", "5"), RECORD_JSON, "{\"a\":{\"b\": null}}", "05"},
    {"int8 v", FROM_OR("v", "a.b", "5"), RECORD_JSON, "{\"a\":{\"b\":6}}", "06"},
    {"int8 v", FROM_OR("v", "a[3]", "5"), RECORD_JSON, "{\"a\":[1]}", "05"},
    {"float32 v", FROM_OR("v", "a", "1"), RECORD_JSON, "{\"a\":null}", "00 00 80 3f"},
    {"string[] v", FROM_OR("v", "a", "[]"), RECORD_JSON, "{\"b\":1}", "00 00 00 00"},
    {"string v", FROM_OR("v", "a", "\"x\""), RECORD_JSON, "{\"a\":null}", "01 00 00 00 78"},
    {"int8[2] v", FROM_OR("v[1]", "a", "7"), RECORD_JSON, "{}", "00 07"},
    /* arrays, messages, elements */
    {"int16[] v", FROM("v", "a"), RECORD_JSON, "{\"a\":[1,2]}", "02 00 00 00 01 00 02 00"},
    {"int16[3] v", FROM("v[1]", "a"), RECORD_JSON, "{\"a\":7}", "00 00 07 00 00 00"},
    {"int8 a\nint8[2] v\nstring z", FROM("v[0]", "a"), RECORD_JSON, "{\"a\":0}",
     "00 00 00 00 00 00 00"},
    {"P p\n================================================================================\n"
     "MSG: test_msgs/P\nint8 x\nint8 y\n",
     FROM("p", "at"), RECORD_JSON, "{\"at\":{\"y\":2}}", "00 02"},
    {"P[2] p\n================================================================================\n"
     "MSG: test_msgs/P\nint8 x\nint8 y\n",
     FROM("p[1].x", "at.y"), RECORD_JSON, "{\"at\":{\"y\":2}}", "00 00 02 00"},
    {"float64 v", FROM("v", "a"), RECORD_JSON, "{\"a\":null}", "00 00 00 00 00 00 f8 7f"},
    /* constants */
    {"string v\nint8 w", FIXED("v", "\"map\""), RECORD_JSON, "{}", "03 00 00 00 6d 61 70 00"},
    {"int8[3] v", FIXED("v[2]", " 7 "), RECORD_JSON, "{}", "00 00 07"},
    {"int16[] v", FIXED("v", "[1]"), RECORD_TEXT, "", "01 00 00 00 01 00"},
    /* times */
    {"time v", FROM_TIME("v", "t", TIME_SECONDS), RECORD_JSON, "{\"t\":1700000000.123456789}",
     "00 f1 53 65 15 cd 5b 07"},
    {"time v", FROM_TIME("v", "t", TIME_SECONDS), RECORD_JSON, "{\"t\":\"1.5\"}",
     "01 00 00 00 00 65 cd 1d"},
    {"time v", FROM_TIME("v", "t", TIME_SECONDS), RECORD_JSON, "{\"t\":{\"secs\":1}}",
     "01 00 00 00 00 00 00 00"},
    {"time v", FROM_TIME("v", "t", TIME_MILLISECONDS), RECORD_JSON, "{\"t\":1700000000123}",
     "00 f1 53 65 c0 d4 54 07"},
    {"time v", FROM_TIME("v", "t", TIME_NANOSECONDS), RECORD_JSON, "{\"t\":1700000000123456789}",
     "00 f1 53 65 15 cd 5b 07"},
    {"time v", FROM_TIME("v", "t", TIME_ISO8601), RECORD_JSON,
     "{\"t\":\"2023-11-14T23:13:20.123456789+01:00\"}", "00 f1 53 65 15 cd 5b 07"},
    {"time[] v", FROM_TIME("v", "t", TIME_SECONDS), RECORD_JSON, "{\"t\":[1]}",
     "01 00 00 00 01 00 00 00 00 00 00 00"},
    {"duration v", FROM_TIME("v", "t", TIME_SECONDS), RECORD_JSON, "{\"t\":-1.5}",
     "fe ff ff ff 00 65 cd 1d"},
    {"duration v", FROM_TIME("v", "t", TIME_SECONDS), RECORD_JSON, "{\"t\":-2147483648}",
     "00 00 00 80 00 00 00 00"},
    {"duration v", FROM_TIME("v", "t", TIME_SECONDS), RECORD_JSON, "{\"t\":-0.0}",
     "00 00 00 00 00 00 00 00"},
    /* what comes with the record */
    {"string v", FROM("v", "@key"), RECORD_JSON, "{}", "02 00 00 00 6b ff"},
    {"uint8[] v", FROM("v", "@key"), RECORD_JSON, "{}", "02 00 00 00 6b ff"},
    {"uint8[2] v", FROM("v", "@key"), RECORD_JSON, "{}", "6b ff"},
    {"string v", FROM("v", "@value"), RECORD_JSON, "{ }", "03 00 00 00 7b 20 7d"},
    {"string v", FROM("v", "@value"), RECORD_TEXT, "hi", "02 00 00 00 68 69"},
    {"string[2] v", FROM("v[1]", "@value"), RECORD_TEXT, "hi", "00 00 00 00 02 00 00 00 68 69"},
    {"string v", FROM("v", "@topic"), RECORD_JSON, "{}", "07 00 00 00 72 65 73 75 6c 74 73"},
    {"int8 v", FROM("v", "@partition"), RECORD_JSON, "{}", "03"},
    {"uint64 v", FROM("v", "@offset"), RECORD_JSON, "{}", "01 00 00 00 00 00 20 00"},
    {"uint64 v", FROM("v", "@timestamp"), RECORD_JSON, "{}", "7b 68 e5 cf 8b 01 00 00"},
    {"time v", FROM("v", "@timestamp"), RECORD_JSON, "{}", "00 f1 53 65 c0 d4 54 07"},
    {"float64 v", FROM("v", "@partition"), RECORD_JSON, "{}", "00 00 00 00 00 00 08 40"},
};

static void every_mapping_gives_its_bytes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof MAPPED / sizeof *MAPPED; i++) {
        const struct mapped *row = &MAPPED[i];
        struct run run = run_mapping(row->definition, &row->field, 1, row->form, false, row->value,
                                     strlen(row->value), &ORIGIN);
        if (run.code != ERROR_NONE)
            fail_msg("%s from %s: %s at %zu: %s", row->field.path, row->value, run.error.path,
                     run.error.position, run.error.text);
        fixture_assert_bytes(&run.out, row->hex,
                             row->field.source ? row->field.source : "constant");
        buffer_fini(&run.out);
    }
}

static void a_long_is_big_endian_and_exact(void **state)
{
    (void)state;
    static const struct from_record_field FIELDS[] = {FROM("word", "@key"), FROM("n", "@value")};
    struct run run = run_mapping("string word\nint64 n", FIELDS, 2, RECORD_LONG, false,
                                 "\x80\0\0\0\0\0\0\x01", 8, &ORIGIN);
    assert_int_equal(run.code, ERROR_NONE);
    fixture_assert_bytes(&run.out, "02 00 00 00 6b ff 01 00 00 00 00 00 00 80", "long");
    buffer_fini(&run.out);
    run = run_mapping("string word\nint64 n", FIELDS, 2, RECORD_LONG, false, "1234567", 7, &ORIGIN);
    assert_int_equal(run.code, ERROR_LENGTH);
    assert_string_equal(run.error.path, "@value");
    run = run_mapping("string word\nint8 n", FIELDS, 2, RECORD_LONG, false, "\0\0\0\0\0\0\1\0", 8,
                      &ORIGIN);
    assert_int_equal(run.code, ERROR_RANGE);
    assert_string_equal(run.error.path, "@value");
}

/* Entries in no order, JSON in another, the message in its own. */
static void many_entries_fill_the_message_in_wire_order(void **state)
{
    (void)state;
    static const struct from_record_field FIELDS[] = {
        FROM_OR("took", "$.r.took", "{\"secs\":0,\"nsecs\":0}"),
        FROM("hists[1].bins", "$.r.bins"),
        FROM("count", "n"),
        FROM("hists[0].low", "n"), /* the same source twice */
        FROM("row[3]", "$.list[2]"),
        FROM("row[1]", "$.list[0]"),
        FIXED("header.frame_id", "\"f\""),
        FROM("header.stamp", "@timestamp"),
        FROM("hist", "$.r"),
        FROM("digest", "d"),
    };
    static const char VALUE[] = "{\"d\":\"AQID\",\"list\":[1,9,2],\"n\":5,\"other\":[{\"n\":1}],"
                                "\"r\":{\"low\":6,\"bins\":[7,8]}}";
    struct run run = run_mapping(HISTOGRAM, FIELDS, sizeof FIELDS / sizeof *FIELDS, RECORD_JSON,
                                 false, VALUE, sizeof VALUE - 1, &ORIGIN);
    if (run.code != ERROR_NONE)
        fail_msg("%s: %s", run.error.path, run.error.text);
    fixture_assert_bytes(&run.out,
                         "00 00 00 00 00 f1 53 65 c0 d4 54 07 01 00 00 00 66 " /* header */
                         "00 00 00 00 "                                        /* name */
                         "05 00 00 00 00 00 00 00 "                            /* count */
                         "00 00 00 00 00 00 00 00 00 00 00 00 "                /* mean, counts */
                         "06 00 07 00 08 00 "                                  /* hist */
                         "05 00 00 00 00 00 00 00 07 00 08 00 "                /* hists */
                         "00 00 00 00 00 00 00 00 00 00 00 00 00 00 f0 3f "    /* row */
                         "00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 40 "
                         "00 00 00 00 01 02 03 " /* raw, digest */
                         "00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00",
                         "many");
    buffer_fini(&run.out);
}

/* --- refused ---------------------------------------------------------------------------------- */

struct refused {
    struct from_record_field field;
    enum record_form form;
    bool strict;
    const char *value; /* NULL: the mapping itself is refused */
    enum error_code code;
    const char *path;
    const char *says;
};

static const struct refused REFUSED[] = {
    /* destinations */
    {FROM("nothing", "a"), RECORD_JSON, false, NULL, ERROR_UNKNOWN, "nothing",
     "header, name, count"},
    {FROM("hist.high", "a"), RECORD_JSON, false, NULL, ERROR_UNKNOWN, "hist.high", "low, bins"},
    {FROM("count.x", "a"), RECORD_JSON, false, NULL, ERROR_TYPE, "count.x", "no fields"},
    {FROM("hists.low", "a"), RECORD_JSON, false, NULL, ERROR_TYPE, "hists.low", "array"},
    {FROM("count[0]", "a"), RECORD_JSON, false, NULL, ERROR_TYPE, "count[0]", "single int64"},
    {FROM("row[0][0]", "a"), RECORD_JSON, false, NULL, ERROR_SYNTAX, "row[0][0]", "follows row"},
    {FROM("counts[0]", "a"), RECORD_JSON, false, NULL, ERROR_TYPE, "counts[0]", "fixed arrays"},
    {FROM("row[4]", "a"), RECORD_JSON, false, NULL, ERROR_RANGE, "row[4]", "0 to 3"},
    {FROM("", "a"), RECORD_JSON, false, NULL, ERROR_SYNTAX, "", "no path to a field"},
    {FROM("$.count", "a"), RECORD_JSON, false, NULL, ERROR_SYNTAX, "$.count", "field"},
    {FROM("hists[0].bins.x", "a"), RECORD_JSON, false, NULL, ERROR_TYPE, "hists[0].bins.x",
     "no fields"},
    {FROM("row[", "a"), RECORD_JSON, false, NULL, ERROR_SYNTAX, "row[", "index"},
    {FROM("row[1", "a"), RECORD_JSON, false, NULL, ERROR_SYNTAX, "row[1", "no index"},
    {FROM("hist..low", "a"), RECORD_JSON, false, NULL, ERROR_SYNTAX, "hist..low", "names with '.'"},
    /* sources */
    {FROM("count", "a..b"), RECORD_JSON, false, NULL, ERROR_SYNTAX, "count", "a name"},
    {FROM("count", "a b"), RECORD_JSON, false, NULL, ERROR_SYNTAX, "count", "'.' or '['"},
    {FROM("count", "$[\"a]"), RECORD_JSON, false, NULL, ERROR_SYNTAX, "count", "ends with"},
    {FROM("count", "$['a]"), RECORD_JSON, false, NULL, ERROR_SYNTAX, "count", "ends with"},
    {FROM("count", "$[\"\\u0000\"]"), RECORD_JSON, false, NULL, ERROR_SYNTAX, "count", "U+0000"},
    {FROM("count", "$[99999999999]"), RECORD_JSON, false, NULL, ERROR_SYNTAX, "count", "index"},
    {FROM("count", "@time"), RECORD_JSON, false, NULL, ERROR_UNKNOWN, "count", "@timestamp"},
    {FROM("count", "@key"), RECORD_JSON, false, NULL, ERROR_TYPE, "count", "string or uint8[]"},
    {FROM("name", "@offset"), RECORD_JSON, false, NULL, ERROR_TYPE, "name", "integer or a float"},
    {FROM("when", "@offset"), RECORD_JSON, false, NULL, ERROR_TYPE, "when", "integer or a float"},
    {FROM("counts", "@offset"), RECORD_JSON, false, NULL, ERROR_TYPE, "counts", "int32[]"},
    {FROM("count", "a"), RECORD_TEXT, false, NULL, ERROR_TYPE, "count", "text has no paths"},
    {FROM("count", "a"), RECORD_LONG, false, NULL, ERROR_TYPE, "count", "long has no paths"},
    {FROM("count", "@value"), RECORD_TEXT, false, NULL, ERROR_TYPE, "count", "string"},
    {FROM("name", "@value"), RECORD_LONG, false, NULL, ERROR_TYPE, "name", "integer"},
    {FROM_TIME("took", "a", TIME_ISO8601), RECORD_JSON, false, NULL, ERROR_TYPE, "took",
     "no ISO 8601"},
    /* constants */
    {FIXED("count", "1.5"), RECORD_JSON, false, NULL, ERROR_RANGE, "count", "no fraction"},
    {FIXED("count", "abc"), RECORD_JSON, false, NULL, ERROR_SYNTAX, "count", "found abc"},
    {FIXED("count", "1 2"), RECORD_JSON, false, NULL, ERROR_TRAILING, "count", "found 2"},
    {FIXED("hist", "{\"low\":99999}"), RECORD_JSON, false, NULL, ERROR_RANGE, "hist.low", "int16"},
    {{.path = "count"}, RECORD_JSON, false, NULL, ERROR_ARGUMENT, "count", "constant"},
    {{.path = "count", .source = "a", .constant = "1"},
     RECORD_JSON,
     false,
     NULL,
     ERROR_ARGUMENT,
     "count",
     "constant"},
    /* records */
    {FROM("count", "a.b"), RECORD_JSON, false, "{\"a\":{\"b\":1.5}}", ERROR_RANGE, "$.a.b",
     "no fraction"},
    {FROM("counts", "a.b"), RECORD_JSON, false, "{\"a\":{\"b\":[1,\"x\"]}}", ERROR_TYPE, "$.a.b[1]",
     "int32"},
    {FROM("hist", "$['a b']"), RECORD_JSON, false, "{\"a b\":{\"x\":1}}", ERROR_UNKNOWN,
     "$['a b'].x", "low, bins"},
    {FROM("count", "a.b"), RECORD_JSON, false, "{\"a\":5}", ERROR_TYPE, "$.a", "an object here"},
    {FROM("count", "a[0]"), RECORD_JSON, false, "{\"a\":{}}", ERROR_TYPE, "$.a", "an array here"},
    {FROM("count", "a"), RECORD_JSON, false, "{\"a\":1,\"a\":1}", ERROR_DUPLICATE, "$.a", "once"},
    {FROM("count", "a"), RECORD_JSON, false, "{\"a\":null}", ERROR_TYPE, "$.a", "found null"},
    {FROM("count", "a.b"), RECORD_JSON, false, "{}", ERROR_MISSING, "$.a.b", "no default"},
    {FROM("count", "a.b"), RECORD_JSON, false, "{\"a\":null}", ERROR_MISSING, "$.a.b",
     "no default"},
    {FROM("count", "a[3]"), RECORD_JSON, false, "{\"a\":[1]}", ERROR_MISSING, "$.a[3]",
     "no default"},
    {FROM_OR("count", "a", "5"), RECORD_JSON, false, "{\"a\":\"x\"}", ERROR_TYPE, "$.a", "found"},
    {FROM("count", "a"), RECORD_JSON, false, "{\"a\":1,\"b\":[tru]}", ERROR_SYNTAX, "$.b", "tru"},
    {FROM("count", "a"), RECORD_JSON, false, "{\"a\":1", ERROR_SYNTAX, "$", "end of the text"},
    {FROM("count", "a"), RECORD_JSON, false, "{\"a\":1} 2", ERROR_TRAILING, "$", "found 2"},
    {FROM("count", "a"), RECORD_JSON, false, "", ERROR_SYNTAX, "$", "end of the text"},
    {FROM("name", "@key"), RECORD_JSON, false, "{]", ERROR_SYNTAX, "$", "found ]"},
    {FROM("digest", "@key"), RECORD_JSON, false, "{}", ERROR_LENGTH, "@key", "uint8[3] takes 3"},
    {FROM("count", "a.b"), RECORD_JSON, true, "{\"a\":{}}", ERROR_MISSING, "$.a.b", "no default"},
    {FROM("hist", "a"), RECORD_JSON, true, "{\"a\":{\"low\":1}}", ERROR_MISSING, "$.a.bins",
     "strict"},
    {FROM_TIME("when", "t", TIME_SECONDS), RECORD_JSON, false, "{\"t\":-1}", ERROR_RANGE, "$.t",
     "0…4294967295 seconds"},
    {FROM_TIME("when", "t", TIME_SECONDS), RECORD_JSON, false, "{\"t\":4294967296}", ERROR_RANGE,
     "$.t", "seconds"},
    {FROM_TIME("when", "t", TIME_SECONDS), RECORD_JSON, false, "{\"t\":1e30}", ERROR_RANGE, "$.t",
     "seconds"},
    {FROM_TIME("when", "t", TIME_SECONDS), RECORD_JSON, false, "{\"t\":\"soon\"}", ERROR_TYPE,
     "$.t", "number"},
    {FROM_TIME("when", "t", TIME_SECONDS), RECORD_JSON, false, "{\"t\":true}", ERROR_TYPE, "$.t",
     "seconds or an object"},
    {FROM_TIME("took", "t", TIME_SECONDS), RECORD_JSON, false, "{\"t\":-2147483648.5}", ERROR_RANGE,
     "$.t", "-2147483648…2147483647 seconds"},
    {FROM_TIME("when", "t", TIME_ISO8601), RECORD_JSON, false, "{\"t\":\"2024-01-01T00:00:00\"}",
     ERROR_TYPE, "$.t", "offset"},
    {FROM_TIME("when", "t", TIME_ISO8601), RECORD_JSON, false, "{\"t\":\"1969-12-31T00:00:00Z\"}",
     ERROR_RANGE, "$.t", "1970"},
    {FROM_TIME("when", "t", TIME_ISO8601), RECORD_JSON, false, "{\"t\":5}", ERROR_TYPE, "$.t",
     "ISO 8601"},
};

static void every_refusal_names_the_path(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof REFUSED / sizeof *REFUSED; i++) {
        const struct refused *row = &REFUSED[i];
        const char *value = row->value ? row->value : "{}";
        struct run run = run_mapping(HISTOGRAM, &row->field, 1, row->form, row->strict, value,
                                     strlen(value), &ORIGIN);
        if (run.code != row->code || run.error.code != row->code ||
            strcmp(run.error.path, row->path) != 0 || !strstr(run.error.text, row->says))
            fail_msg("%s from %s of %s: %s, path %s: %s", row->field.path,
                     row->field.source ? row->field.source : "constant", value,
                     error_code_name(run.code), run.error.path, run.error.text);
    }
}

static void fields_that_overlap_are_refused(void **state)
{
    (void)state;
    static const struct from_record_field PAIRS[][2] = {
        {FROM("count", "a"), FROM("count", "b")},
        {FROM("hist.low", "a"), FROM("hist", "b")},
        {FROM("hists[1].low", "a"), FROM("hists", "b")},
        {FROM("hists[1].low", "a"), FROM("hists[1]", "b")},
        {FROM("row[2]", "a"), FROM("row[2]", "b")},
        {FROM("row[2]", "a"), FROM("row", "b")},
    };
    for (size_t i = 0; i < sizeof PAIRS / sizeof *PAIRS; i++) {
        struct run run = run_mapping(HISTOGRAM, PAIRS[i], 2, RECORD_JSON, false, "{}", 2, &ORIGIN);
        assert_int_equal(run.code, ERROR_DUPLICATE);
        assert_non_null(strstr(run.error.text, "mapped already"));
    }
}

static void what_the_record_has_not_is_zero_or_missing(void **state)
{
    (void)state;
    static const struct from_record_field FIELDS[] = {FROM("k", "@key"), FROM("t", "@timestamp")};
    static const struct record_origin NOTHING = {.timestamp = -1, .topic = "t"};
    struct run run =
        run_mapping("string k\ntime t", FIELDS, 2, RECORD_JSON, false, "1", 1, &NOTHING);
    assert_int_equal(run.code, ERROR_NONE);
    fixture_assert_bytes(&run.out, "00 00 00 00 00 00 00 00 00 00 00 00", "nothing");
    buffer_fini(&run.out);
    run = run_mapping("string k\ntime t", FIELDS, 2, RECORD_JSON, true, "1", 1, &NOTHING);
    assert_int_equal(run.code, ERROR_MISSING);
    assert_string_equal(run.error.path, "@key");
}

/* --- bounds ----------------------------------------------------------------------------------- */

static void a_record_cut_anywhere_is_an_error(void **state)
{
    (void)state;
    static const struct from_record_field FIELDS[] = {FROM("count", "a.n"), FROM("name", "s")};
    static const char TEXT[] = "{\"x\":[1,{\"y\":\"\\u00e9\"}],\"a\":{\"n\":5},\"s\":\"t\"}";
    struct plan *plan = fixture_plan(HISTOGRAM);
    struct from_record *mapping;
    struct buffer out;
    buffer_init(&out, OUT_LIMIT);
    assert_int_equal(from_record_create(plan, FIELDS, 2, RECORD_JSON, NULL, &mapping, NULL),
                     ERROR_NONE);
    for (size_t length = 0; length < sizeof TEXT; length++) {
        char *exact = malloc(length + 1);
        assert_non_null(exact);
        memcpy(exact + 1, TEXT, length);
        struct error error = {0};
        enum error_code code = from_record(mapping, exact + 1, length, &ORIGIN, &out, &error);
        if ((code == ERROR_NONE) != (length == sizeof TEXT - 1))
            fail_msg("%zu bytes: %s", length, error_code_name(code));
        if (code != ERROR_NONE)
            assert_int_equal(error.path[0], '$');
        free(exact);
    }
    from_record_destroy(mapping);
    buffer_fini(&out);
    plan_destroy(plan);
}

static void deep_records_are_refused(void **state)
{
    (void)state;
    enum { DEEP = 100000 };
    char *text = malloc(DEEP);
    assert_non_null(text);
    memset(text, '[', DEEP);
    static const struct from_record_field ROOT = FROM("count", "$"), INSIDE = FROM("count", "$[0]");
    struct run run = run_mapping(HISTOGRAM, &ROOT, 1, RECORD_JSON, false, text, DEEP, &ORIGIN);
    assert_int_equal(run.code, ERROR_LIMIT);
    assert_int_equal(run.error.position, FROM_JSON_DEPTH_LIMIT);
    run = run_mapping(HISTOGRAM, &INSIDE, 1, RECORD_JSON, false, text, DEEP, &ORIGIN);
    assert_int_equal(run.code, ERROR_LIMIT);
    assert_int_equal(run.error.position, FROM_JSON_DEPTH_LIMIT);
    free(text);
}

/* --- memory ----------------------------------------------------------------------------------- */

static void every_failed_allocation_is_an_error(void **state)
{
    (void)state;
    enum { PLACES = 300 };
    static struct from_record_field fields[PLACES + 1];
    static char names[PLACES][2][16];
    for (int i = 0; i < PLACES; i++) {
        (void)snprintf(names[i][0], sizeof names[i][0], "v[%d]", i);
        (void)snprintf(names[i][1], sizeof names[i][1], "a.m%d", i);
        fields[i] = (struct from_record_field)FROM_OR(names[i][0], names[i][1], "0");
    }
    fields[PLACES] = (struct from_record_field)FIXED("s", "\"constant\"");
    struct plan *plan = fixture_plan("int8[300] v\nstring s");
    int failures = 0;
    for (enum error_code code = ERROR_MEMORY; code != ERROR_NONE; failures++) {
        struct from_record *mapping = NULL;
        struct buffer out;
        struct error error = {0};
        buffer_init(&out, OUT_LIMIT);
        allocations_limit(failures);
        code = from_record_create(plan, fields, PLACES + 1, RECORD_JSON, NULL, &mapping, &error);
        if (code == ERROR_NONE)
            code = from_record(mapping, "{\"a\":{\"m299\":1}}", 16, &ORIGIN, &out, &error);
        allocations_allow();
        assert_true(code == ERROR_NONE || code == ERROR_MEMORY);
        assert_int_equal(error.code, code);
        assert_int_equal(out.length, code == ERROR_NONE ? 312 : 0);
        from_record_destroy(mapping);
        buffer_fini(&out);
    }
    assert_true(failures > 4);
    plan_destroy(plan);
}

static void a_warm_buffer_needs_no_allocation(void **state)
{
    (void)state;
    static const struct from_record_field FIELDS[] = {FROM("count", "a.n"), FROM("hist", "h"),
                                                      FROM("name", "@key")};
    static const char TEXT[] = "{\"h\":{\"bins\":[1,2],\"low\":3},\"a\":{\"n\":5}}";
    struct plan *plan = fixture_plan(HISTOGRAM);
    struct from_record *mapping;
    struct buffer out;
    buffer_init(&out, OUT_LIMIT);
    assert_int_equal(from_record_create(plan, FIELDS, 3, RECORD_JSON, NULL, &mapping, NULL),
                     ERROR_NONE);
    assert_int_equal(from_record(mapping, TEXT, sizeof TEXT - 1, &ORIGIN, &out, NULL), ERROR_NONE);
    buffer_clear(&out);
    allocations_limit(0);
    enum error_code code = from_record(mapping, TEXT, sizeof TEXT - 1, &ORIGIN, &out, NULL);
    allocations_allow();
    assert_int_equal(code, ERROR_NONE);
    from_record_destroy(mapping);
    buffer_fini(&out);
    plan_destroy(plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_mapping_gives_its_bytes),
        cmocka_unit_test(a_long_is_big_endian_and_exact),
        cmocka_unit_test(many_entries_fill_the_message_in_wire_order),
        cmocka_unit_test(every_refusal_names_the_path),
        cmocka_unit_test(fields_that_overlap_are_refused),
        cmocka_unit_test(what_the_record_has_not_is_zero_or_missing),
        cmocka_unit_test(a_record_cut_anywhere_is_an_error),
        cmocka_unit_test(deep_records_are_refused),
        cmocka_unit_test(every_failed_allocation_is_an_error),
        cmocka_unit_test(a_warm_buffer_needs_no_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
