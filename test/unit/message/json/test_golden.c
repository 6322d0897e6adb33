/* The messages in test/data/golden, made by genpy: definition, md5sum, bytes and JSON as files that
 * any implementation can be held to. */
#include "message/json/from_json.h"
#include "message/json/to_json.h"
#include "message/plan/plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define FILE_LIMIT (1U << 20)

static const struct {
    const char *type;
    const char *directory;
    bool lossless; /* the JSON says every value */
} messages[] = {
    {"nav_msgs/Odometry", "nav_msgs.Odometry", false},
    {"diagnostic_msgs/DiagnosticArray", "diagnostic_msgs.DiagnosticArray", true},
    {"sensor_msgs/BatteryState", "sensor_msgs.BatteryState", false},
    {"sensor_msgs/CompressedImage", "sensor_msgs.CompressedImage", true},
    {"std_msgs/Empty", "std_msgs.Empty", true},
};
#define COUNT (sizeof messages / sizeof *messages)

static void read_file(const char *directory, const char *name, struct buffer *out)
{
    char path[1024];
    (void)snprintf(path, sizeof path, "%s/golden/%s/%s", TEST_DATA_DIRECTORY, directory, name);
    FILE *file = fopen(path, "rb");
    if (!file)
        fail_msg("%s is not there", path);
    buffer_init(out, FILE_LIMIT);
    assert_int_equal(buffer_reserve(out, FILE_LIMIT), ERROR_NONE);
    out->length = fread(out->data, 1, FILE_LIMIT, file);
    assert_int_equal(fclose(file), 0);
}

static struct plan *read_plan(size_t i)
{
    struct buffer definition;
    struct buffer md5sum;
    struct error error = {0};
    struct plan *plan = NULL;
    read_file(messages[i].directory, "definition.msg", &definition);
    read_file(messages[i].directory, "md5sum", &md5sum);
    md5sum.data[md5sum.length - 1] = '\0';
    if (plan_create(messages[i].type, definition.data, definition.length, md5sum.data, &plan,
                    &error) != ERROR_NONE)
        fail_msg("%s: %s", error.path, error.text);
    buffer_fini(&definition);
    buffer_fini(&md5sum);
    return plan;
}

static void bytes_become_the_golden_json(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        struct plan *plan = read_plan(i);
        struct buffer bytes;
        struct buffer json;
        struct buffer out;
        read_file(messages[i].directory, "message.bin", &bytes);
        read_file(messages[i].directory, "message.json", &json);
        buffer_init(&out, FILE_LIMIT);
        assert_int_equal(
            to_json(plan, (const uint8_t *)bytes.data, bytes.length, NULL, &out, NULL, NULL),
            ERROR_NONE);
        if (out.length + 1 != json.length || memcmp(out.data, json.data, out.length) != 0)
            fail_msg("%s: %.*s", messages[i].type, (int)out.length, out.data);
        buffer_fini(&out);
        buffer_fini(&json);
        buffer_fini(&bytes);
        plan_destroy(plan);
    }
}

static void the_golden_json_becomes_bytes(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        if (!messages[i].lossless)
            continue;
        struct plan *plan = read_plan(i);
        struct buffer bytes;
        struct buffer json;
        struct buffer out;
        read_file(messages[i].directory, "message.bin", &bytes);
        read_file(messages[i].directory, "message.json", &json);
        buffer_init(&out, FILE_LIMIT);
        assert_int_equal(from_json(plan, json.data, json.length, NULL, &out, NULL), ERROR_NONE);
        assert_int_equal(out.length, bytes.length);
        if (bytes.length > 0)
            assert_memory_equal(out.data, bytes.data, bytes.length);
        buffer_fini(&out);
        buffer_fini(&json);
        buffer_fini(&bytes);
        plan_destroy(plan);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_become_the_golden_json),
        cmocka_unit_test(the_golden_json_becomes_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
