/* Records as lines of JSON: nothing of them is lost. */
#include "test_support.h"

#include "tools/spool/export_line.h"

#include <stdlib.h>
#include <string.h>

static void assert_line(const struct buffer *out, const char *expected)
{
    if (out->length != strlen(expected) || memcmp(out->data, expected, out->length) != 0)
        fail_msg("found    %.*s\nexpected %s", (int)out->length, out->data, expected);
}

static const struct spool_origin origin = {.id = 1,
                                           .robot = "warty",
                                           .ros_topic = "/warty/odom",
                                           .ros_type = "nav_msgs/Odometry",
                                           .ros_md5sum = "cd5e",
                                           .definition = "",
                                           .kafka_topic = "odometry",
                                           .headers = true};

static void a_record_of_a_spool(void **state)
{
    (void)state;
    struct spool_record record = {.sequence = 17};
    struct spooled spooled = {.record = &record,
                              .origin = &origin,
                              .id = "warty/odometry/17",
                              .kafka = {.topic = "odometry",
                                        .partition = -1,
                                        .offset = -1,
                                        .timestamp = INT64_C(1700000000123),
                                        .key = "warty",
                                        .key_size = 5,
                                        .value = "{\"id\":17}",
                                        .value_size = 9,
                                        .headers = {{"id", "warty/odometry/17", 17}},
                                        .header_count = 1}};
    struct buffer out;
    buffer_init(&out, 4096);
    assert_int_equal(export_line_spooled(&spooled, &out), ERROR_NONE);
    assert_line(&out, "{\"id\":\"warty/odometry/17\",\"kafka_topic\":\"odometry\","
                      "\"timestamp\":1700000000123,\"key\":\"warty\","
                      "\"headers\":[{\"name\":\"id\",\"value\":\"warty/odometry/17\"}],"
                      "\"ros_topic\":\"/warty/odom\",\"ros_type\":\"nav_msgs/Odometry\","
                      "\"ros_md5sum\":\"cd5e\",\"latched\":false,"
                      "\"value\":\"{\\\"id\\\":17}\"}\n");
    buffer_fini(&out);
}

static void bytes_that_are_no_text(void **state)
{
    (void)state;
    struct kafka_record record = {
        .topic = "t",
        .partition = 3,
        .offset = 5,
        .timestamp = 7,
        .key = "\xff",
        .key_size = 1,
        .value = "a\0b\n",
        .value_size = 4,
        .headers = {{"h", "\xc3\xa9", 2}, {"h", "\xc3", 1}, {"n", NULL, 0}},
        .header_count = 3};
    struct buffer out;
    buffer_init(&out, 4096);
    assert_int_equal(export_line_stray(&record, &out), ERROR_NONE);
    assert_line(&out,
                "{\"kafka_topic\":\"t\",\"partition\":3,\"offset\":5,\"timestamp\":7,"
                "\"key_base64\":\"/w==\",\"headers\":[{\"name\":\"h\",\"value\":\"\xc3\xa9\"},"
                "{\"name\":\"h\",\"value_base64\":\"ww==\"},{\"name\":\"n\",\"value\":null}],"
                "\"value\":\"a\\u0000b\\n\"}\n");
    buffer_clear(&out);
    record = (struct kafka_record){.topic = "t", .partition = -1, .offset = -1, .key = ""};
    assert_int_equal(export_line_stray(&record, &out), ERROR_NONE);
    assert_line(&out, "{\"kafka_topic\":\"t\",\"timestamp\":0,\"key\":\"\",\"headers\":[],"
                      "\"value\":null}\n");
    buffer_fini(&out);
}

static void a_letter(void **state)
{
    (void)state;
    struct letter letter = {
        .reason = "range",
        .text = "found 300",
        .path = "$.a",
        .direction = "kafka_to_ros",
        .ros_topic = "/results",
        .ros_type = "std_msgs/UInt8",
        .ros_md5sum = "7c8f",
        .left_out = "bytes",
        .original = {.topic = "results", .partition = 0, .offset = 4, .timestamp = 9}};
    struct kafka_record record = {
        .topic = "results.dead_letter", .partition = 1, .offset = 2, .timestamp = 11};
    struct buffer out;
    buffer_init(&out, 4096);
    assert_int_equal(export_line_letter(&letter, &record, &out), ERROR_NONE);
    assert_line(&out, "{\"kafka_topic\":\"results\",\"partition\":0,\"offset\":4,\"timestamp\":9,"
                      "\"key\":null,\"headers\":[],\"ros_topic\":\"/results\","
                      "\"ros_type\":\"std_msgs/UInt8\",\"ros_md5sum\":\"7c8f\",\"letter\":"
                      "{\"topic\":\"results.dead_letter\",\"partition\":1,\"offset\":2,"
                      "\"timestamp\":11,\"reason\":\"range\",\"text\":\"found 300\","
                      "\"path\":\"$.a\",\"direction\":\"kafka_to_ros\",\"content\":\"record\","
                      "\"left_out\":\"bytes\"}}\n");
    buffer_fini(&out);
}

static void a_line_that_does_not_fit_is_an_error(void **state)
{
    (void)state;
    struct kafka_record record = {.topic = "t", .value = "0123456789", .value_size = 10};
    for (size_t limit = 1; limit < 80; limit++) {
        struct buffer out;
        buffer_init(&out, limit);
        assert_int_equal(export_line_stray(&record, &out), ERROR_LIMIT);
        buffer_fini(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_record_of_a_spool),
        cmocka_unit_test(bytes_that_are_no_text),
        cmocka_unit_test(a_letter),
        cmocka_unit_test(a_line_that_does_not_fit_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
