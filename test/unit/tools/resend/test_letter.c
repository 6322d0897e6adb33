/* Dead letters read back: the original as it went in. */
#include "test_support.h"

#include "bridge/flow/dead_letter.h"
#include "tools/resend/letter.h"

#include <string.h>

#define TOPIC "results.dead_letter"

static void read_written(const struct dead_letter *written, struct letter *letter)
{
    struct buffer text;
    struct error error;
    buffer_init(&text, 1U << 20);
    assert_int_equal(dead_letter_write(written, &text), ERROR_NONE);
    struct kafka_record record = {
        .topic = TOPIC, .timestamp = 99, .value = text.data, .value_size = text.length};
    if (letter_read(letter, &record, &error) != ERROR_NONE)
        fail_msg("%s", error.text);
    buffer_fini(&text); /* the letter holds what it needs */
}

static void records_come_back_whole(void **state)
{
    (void)state;
    struct error error;
    struct letter letter;
    (void)error_set(&error, ERROR_RANGE, "$.a", 17, "found \"x\"");
    struct kafka_record record = {.topic = "results",
                                  .partition = 2,
                                  .offset = INT64_C(123456789012),
                                  .timestamp = INT64_C(1700000000123),
                                  .key = "k\0\xff",
                                  .key_size = 3,
                                  .headers = {{"a", "1", 1}, {"a", "\0\xfe", 2}, {"b", NULL, 0}},
                                  .header_count = 3};
    struct dead_letter written = {.reason = "range",
                                  .error = &error,
                                  .direction = "kafka_to_ros",
                                  .ros_topic = "/results",
                                  .ros_type = "std_msgs/String",
                                  .ros_md5sum = "992c",
                                  .record = &record,
                                  .content = "record",
                                  .bytes = "{\"data\":\0}",
                                  .size = 10};
    letter_init(&letter);
    read_written(&written, &letter);
    assert_string_equal(letter.reason, "range");
    assert_string_equal(letter.text, "found \"x\"");
    assert_string_equal(letter.path, "$.a");
    assert_string_equal(letter.direction, "kafka_to_ros");
    assert_string_equal(letter.ros_topic, "/results");
    assert_string_equal(letter.ros_md5sum, "992c");
    assert_string_equal(letter.left_out, "");
    assert_false(letter.is_message);
    assert_true(letter.has_bytes);
    const struct kafka_record *original = &letter.original;
    assert_string_equal(original->topic, "results");
    assert_int_equal(original->partition, 2);
    assert_int_equal(original->offset, INT64_C(123456789012));
    assert_int_equal(original->timestamp, INT64_C(1700000000123));
    assert_int_equal(original->key_size, 3);
    assert_memory_equal(original->key, "k\0\xff", 3);
    assert_int_equal(original->value_size, 10);
    assert_memory_equal(original->value, "{\"data\":\0}", 10);
    assert_int_equal(original->header_count, 3);
    assert_string_equal(original->headers[1].name, "a");
    assert_int_equal(original->headers[1].size, 2);
    assert_memory_equal(original->headers[1].value, "\0\xfe", 2);
    assert_null(original->headers[2].value);
    letter_fini(&letter);
}

static void none_and_empty_stay_apart(void **state)
{
    (void)state;
    struct error error = {.code = ERROR_SYNTAX};
    struct letter letter;
    struct kafka_record record = {.topic = "t", .partition = -1, .offset = -1};
    struct dead_letter written = {
        .reason = "syntax", .error = &error, .record = &record, .content = "record"};
    letter_init(&letter);
    read_written(&written, &letter);
    assert_true(letter.has_bytes);
    assert_null(letter.original.key);
    assert_null(letter.original.value);
    assert_int_equal(letter.original.offset, -1);
    assert_int_equal(letter.original.timestamp, 99);
    record.key = "";
    written.bytes = "";
    read_written(&written, &letter);
    assert_non_null(letter.original.key);
    assert_non_null(letter.original.value);
    assert_int_equal(letter.original.value_size, 0);
    letter_fini(&letter);
}

static void messages_say_what_they_are(void **state)
{
    (void)state;
    struct error error = {.code = ERROR_TRUNCATED};
    struct letter letter;
    struct dead_letter written = {.reason = "truncated",
                                  .error = &error,
                                  .direction = "ros_to_kafka",
                                  .ros_topic = "/warty/odom",
                                  .ros_type = "nav_msgs/Odometry",
                                  .ros_md5sum = "cd5e",
                                  .content = "message",
                                  .bytes = "\1\2",
                                  .size = 2};
    letter_init(&letter);
    read_written(&written, &letter);
    assert_true(letter.is_message);
    assert_string_equal(letter.original.topic, "results"); /* of the dead-letter topic's name */
    assert_string_equal(letter.ros_type, "nav_msgs/Odometry");
    assert_memory_equal(letter.original.value, "\1\2", 2);
    letter_fini(&letter);
}

static void what_was_left_out_is_said(void **state)
{
    (void)state;
    struct error error = {.code = ERROR_SYNTAX};
    struct letter letter;
    struct kafka_record record = {.topic = "t", .key = "0123456789", .key_size = 10};
    struct dead_letter written = {.reason = "too_large",
                                  .error = &error,
                                  .record = &record,
                                  .content = "record",
                                  .bytes = "x",
                                  .size = 1,
                                  .limit = 10};
    letter_init(&letter);
    read_written(&written, &letter);
    assert_false(letter.has_bytes);
    assert_string_equal(letter.left_out, "bytes");
    letter_fini(&letter);
}

static void what_is_no_letter_is_told(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "no json",
        "[]",
        "7",
        "{}",
        "{\"reason\":\"range\"}",
        "{\"reason\":\"range\",\"content\":\"other\"}",
        "{\"reason\":3,\"content\":\"record\"}",
        "{\"reason\":\"range\",\"content\":\"record\",\"bytes\":\"*\"}",
        "{\"reason\":\"range\",\"content\":\"record\",\"bytes\":7}",
        "{\"reason\":\"range\",\"content\":\"record\",\"key\":true,\"bytes\":\"\"}",
        "{\"reason\":\"range\",\"content\":\"record\",\"headers\":[7],\"bytes\":\"\"}",
        "{\"reason\":\"range\",\"content\":\"record\",\"headers\":[{\"name\":\"a\"}]}",
    };
    struct letter letter;
    letter_init(&letter);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct error error;
        struct kafka_record record = {
            .topic = TOPIC, .value = texts[i], .value_size = strlen(texts[i])};
        if (letter_read(&letter, &record, &error) != ERROR_SYNTAX)
            fail_msg("%s is taken for a letter", texts[i]);
    }
    struct error error;
    struct kafka_record tombstone = {.topic = TOPIC};
    assert_int_equal(letter_read(&letter, &tombstone, &error), ERROR_SYNTAX);
    letter_fini(&letter);
}

static void topics_have_the_suffix(void **state)
{
    (void)state;
    char topic[16];
    struct error error;
    assert_int_equal(letter_topic(TOPIC, topic, sizeof topic, &error), ERROR_NONE);
    assert_string_equal(topic, "results");
    assert_int_equal(letter_topic("results", topic, sizeof topic, &error), ERROR_RANGE);
    assert_string_equal(error.text,
                        "results is no dead-letter topic; did you mean results.dead_letter?");
    assert_int_equal(letter_topic(".dead_letter", topic, sizeof topic, &error), ERROR_RANGE);
    assert_int_equal(letter_topic("0123456789abcdef.dead_letter", topic, sizeof topic, &error),
                     ERROR_RANGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_come_back_whole),    cmocka_unit_test(none_and_empty_stay_apart),
        cmocka_unit_test(messages_say_what_they_are), cmocka_unit_test(what_was_left_out_is_said),
        cmocka_unit_test(what_is_no_letter_is_told),  cmocka_unit_test(topics_have_the_suffix),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
