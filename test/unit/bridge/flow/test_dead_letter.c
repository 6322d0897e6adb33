/* Dead letters: what they say, and that what they hold comes out as it went in. */
#include "test_support.h"

#include "bridge/flow/dead_letter.h"
#include "message/values/base64.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

static struct error range_error(void)
{
    struct error error;
    (void)error_set(&error, ERROR_RANGE, "$.a[3]", 17, "found \"x\"");
    return error;
}

static cJSON *write(const struct dead_letter *letter)
{
    struct buffer out;
    buffer_init(&out, 4 << 20);
    assert_int_equal(dead_letter_write(letter, &out), ERROR_NONE);
    assert_int_equal(buffer_append(&out, "", 1), ERROR_NONE);
    cJSON *json = cJSON_Parse(out.data);
    assert_non_null(json);
    buffer_fini(&out);
    return json;
}

static const char *text_of(const cJSON *json, const char *name)
{
    return cJSON_GetStringValue(cJSON_GetObjectItem(json, name));
}

/* Whether the member is the base64 of these bytes. */
static void assert_bytes(const cJSON *json, const char *name, const void *bytes, size_t size)
{
    const char *text = text_of(json, name);
    assert_non_null(text);
    char *decoded = malloc(strlen(text) + 3);
    size_t length = 0;
    assert_non_null(decoded);
    assert_true(base64_decode(text, strlen(text), decoded, &length));
    assert_int_equal(length, size);
    assert_memory_equal(decoded, bytes, size);
    free(decoded);
}

static void it_says_all(void **state)
{
    (void)state;
    struct error error = range_error();
    struct kafka_record record = {.topic = "results",
                                  .partition = 2,
                                  .offset = INT64_C(9007199254740993),
                                  .timestamp = INT64_C(1700000000123),
                                  .key = "k\0y",
                                  .key_size = 3,
                                  .headers = {{"ros_type", "std_msgs/String", 15},
                                              {"ros_type", "\xff\x00", 2},
                                              {"none", NULL, 0},
                                              {"empty", "", 0}},
                                  .header_count = 4};
    struct dead_letter letter = {.reason = "range",
                                 .error = &error,
                                 .direction = "kafka_to_ros",
                                 .ros_type = "std_msgs/String",
                                 .record = &record,
                                 .content = "record",
                                 .bytes = "\x00\xff\x10",
                                 .size = 3};
    struct buffer out;
    buffer_init(&out, 4096);
    assert_int_equal(dead_letter_write(&letter, &out), ERROR_NONE);
    static const char expected[] =
        "{\"reason\":\"range\",\"text\":\"found \\\"x\\\"\",\"path\":\"$.a[3]\",\"position\":17,"
        "\"direction\":\"kafka_to_ros\",\"ros_type\":\"std_msgs/String\","
        "\"kafka_topic\":\"results\",\"partition\":2,\"offset\":9007199254740993,"
        "\"timestamp\":1700000000123,\"key\":\"awB5\","
        "\"headers\":[{\"name\":\"ros_type\",\"value\":\"c3RkX21zZ3MvU3RyaW5n\"},"
        "{\"name\":\"ros_type\",\"value\":\"/wA=\"},{\"name\":\"none\",\"value\":null},"
        "{\"name\":\"empty\",\"value\":\"\"}],"
        "\"content\":\"record\",\"size\":3,\"bytes\":\"AP8Q\"}";
    assert_int_equal(out.length, sizeof expected - 1);
    assert_memory_equal(out.data, expected, out.length);
    buffer_fini(&out);
}

static void none_and_empty_differ(void **state)
{
    (void)state;
    struct error error = range_error();
    struct kafka_record record = {.topic = "t"};
    struct dead_letter letter = {
        .reason = "missing", .error = &error, .record = &record, .content = "record"};
    cJSON *json = write(&letter);
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(json, "bytes")));
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(json, "key")));
    assert_true(cJSON_IsArray(cJSON_GetObjectItem(json, "headers")));
    assert_null(cJSON_GetObjectItem(json, "left_out"));
    assert_null(cJSON_GetObjectItem(json, "timestamp"));
    cJSON_Delete(json);
    record.key = "";
    letter.bytes = "";
    json = write(&letter);
    assert_string_equal(text_of(json, "bytes"), "");
    assert_string_equal(text_of(json, "key"), "");
    cJSON_Delete(json);
    letter.bytes = NULL;
    letter.content = "message";
    json = write(&letter);
    assert_string_equal(text_of(json, "bytes"), "");
    cJSON_Delete(json);
}

static void a_record_that_never_lay_in_kafka_has_no_place(void **state)
{
    (void)state;
    struct error error = range_error();
    struct kafka_record record = {.topic = "t", .partition = -1, .offset = -1};
    struct dead_letter letter = {
        .reason = "refused", .error = &error, .record = &record, .content = "record"};
    cJSON *json = write(&letter);
    assert_string_equal(text_of(json, "kafka_topic"), "t");
    assert_null(cJSON_GetObjectItem(json, "partition"));
    assert_null(cJSON_GetObjectItem(json, "offset"));
    cJSON_Delete(json);
}

static void texts_are_utf8_whatever_they_quote(void **state)
{
    (void)state;
    struct error error;
    (void)error_set(&error, ERROR_UNKNOWN, "$.\xc3", 0, "found \xff\x01");
    struct dead_letter letter = {.reason = "unknown", .error = &error, .content = "record"};
    cJSON *json = write(&letter);
    assert_string_equal(text_of(json, "path"), "$.\xef\xbf\xbd");
    assert_string_equal(text_of(json, "text"), "found \xef\xbf\xbd\x01");
    cJSON_Delete(json);
}

static void every_byte_survives(void **state)
{
    (void)state;
    unsigned char bytes[257];
    struct error error = range_error();
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)i;
    for (size_t size = 254; size <= sizeof bytes; size++) {
        struct kafka_record record = {.topic = "t", .key = bytes, .key_size = size};
        struct dead_letter letter = {.reason = "syntax",
                                     .error = &error,
                                     .record = &record,
                                     .content = "record",
                                     .bytes = bytes,
                                     .size = size};
        cJSON *json = write(&letter);
        assert_bytes(json, "bytes", bytes, size);
        assert_bytes(json, "key", bytes, size);
        cJSON_Delete(json);
    }
}

/* `left_out` as one text: "bytes headers key". */
static void assert_left_out(const struct dead_letter *letter, const char *expected)
{
    cJSON *json = write(letter);
    const cJSON *names = cJSON_GetObjectItem(json, "left_out"), *name;
    char found[64] = "";
    cJSON_ArrayForEach(name, names)
    {
        (void)strncat(found, *found ? " " : "", sizeof found - strlen(found) - 1);
        (void)strncat(found, name->valuestring, sizeof found - strlen(found) - 1);
        if (!letter->record || !letter->record->headers_cut)
            assert_null(cJSON_GetObjectItem(json, name->valuestring));
    }
    assert_string_equal(found, expected);
    assert_int_equal(cJSON_GetObjectItem(json, "size")->valueint, letter->size);
    cJSON_Delete(json);
}

static void what_is_too_large_is_left_out(void **state)
{
    (void)state;
    struct error error = range_error();
    struct kafka_record record = {.topic = "t",
                                  .key = "0123456789",
                                  .key_size = 10,
                                  .headers = {{"name", "0123456", 7}},
                                  .header_count = 1};
    struct dead_letter letter = {.reason = "too_large",
                                 .error = &error,
                                 .record = &record,
                                 .content = "record",
                                 .bytes = "01234",
                                 .size = 5,
                                 .limit = 26};
    assert_left_out(&letter, "");
    letter.limit = 25;
    assert_left_out(&letter, "bytes");
    letter.limit = 20;
    assert_left_out(&letter, "bytes headers");
    letter.limit = 9;
    assert_left_out(&letter, "bytes headers key");
    letter.limit = 0;
    letter.bytes = NULL;
    assert_left_out(&letter, "bytes");
    record.headers_cut = true;
    assert_left_out(&letter, "bytes headers");
    letter.bytes = "01234";
    assert_left_out(&letter, "headers");
}

static void it_stays_within_kafkas_limit(void **state)
{
    (void)state;
    size_t size = DEAD_LETTER_BYTES_LIMIT + 1;
    char *bytes = calloc(size, 1);
    struct error error = range_error();
    struct dead_letter letter = {
        .reason = "syntax", .error = &error, .content = "message", .bytes = bytes, .size = size};
    assert_left_out(&letter, "bytes");
    letter.size--;
    assert_left_out(&letter, "");
    free(bytes);
}

static void a_buffer_without_room_is_an_error(void **state)
{
    (void)state;
    struct error error = range_error();
    struct dead_letter letter = {
        .reason = "range", .error = &error, .content = "record", .bytes = "0123456789", .size = 10};
    for (size_t limit = 0; limit < 130; limit++) {
        struct buffer out;
        buffer_init(&out, limit);
        enum error_code code = dead_letter_write(&letter, &out);
        assert_true(code == ERROR_LIMIT || (code == ERROR_NONE && limit > 100));
        buffer_fini(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_says_all),
        cmocka_unit_test(none_and_empty_differ),
        cmocka_unit_test(a_record_that_never_lay_in_kafka_has_no_place),
        cmocka_unit_test(texts_are_utf8_whatever_they_quote),
        cmocka_unit_test(every_byte_survives),
        cmocka_unit_test(what_is_too_large_is_left_out),
        cmocka_unit_test(it_stays_within_kafkas_limit),
        cmocka_unit_test(a_buffer_without_room_is_an_error),
    };
    return cmocka_run_group_tests_name("dead letter", tests, NULL, NULL);
}
