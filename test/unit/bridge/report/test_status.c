/* The message on ~status, read back from its bytes; the accounts that are in it. */
#include "test_support.h"

#include "base/buffer.h"
#include "bridge/report/status_message.h"
#include "message/definitions/packages.h"
#include "message/json/to_json.h"

#include <string.h>

static struct status_message *make(void)
{
    struct status_message *message = NULL;
    struct error error;
    assert_int_equal(status_message_create(&message, &error), ERROR_NONE);
    return message;
}

/* Ends the message; its JSON into `json`, NUL-terminated. */
static void read_back(struct status_message *message, struct buffer *json)
{
    const void *bytes;
    size_t size;
    struct error error;
    struct to_json_counts counts = {0};
    assert_int_equal(status_message_end(message, &bytes, &size, &error), ERROR_NONE);
    buffer_init(json, 1U << 24);
    assert_int_equal(
        to_json(status_message_plan(message), bytes, size, NULL, json, &counts, &error),
        ERROR_NONE);
    assert_int_equal(buffer_append(json, "", 1), ERROR_NONE);
}

static void every_digit_and_text_arrives(void **state)
{
    (void)state;
    struct status_message *message = make();
    struct buffer json;
    const struct flow_state flow = {.connected = false,
                                    .trouble = "no \"broker\" \xff\xc3\xa9\n",
                                    .queue_bytes = 1,
                                    .in_flight_bytes = UINT64_MAX,
                                    .spool_records = 9007199254740993U, /* 2^53 + 1 */
                                    .spool_bytes = 4,
                                    .spool_max_bytes = 5};
    const struct status_head head = {.seq = UINT32_MAX,
                                     .stamp = INT64_C(1795258164302960301),
                                     .robot = "warty",
                                     .direction = "ros_to_kafka",
                                     .state = &flow};
    struct account account = {.route = "ros_to_kafka[0]",
                              .ros_topic = "/warty/odom",
                              .kafka_topic = "odometry",
                              .totals = {.received = UINT64_MAX - 1,
                                         .restored = 1,
                                         .delivered = 10,
                                         .spooled = 3,
                                         .dead_lettered = 2,
                                         .missed = 6,
                                         .invalid_utf8 = 7,
                                         .non_finite = 8,
                                         .restamped = 11,
                                         .unheard = 9},
                              .publishers = 2,
                              .waiting_publishers = 1,
                              .waiting_seconds = 2.5};
    account.totals.dropped[DROP_MAX_RATE] = 20;
    account.totals.dropped[DROP_SPOOL_FULL] = 9007199254740993U;
    const struct status_rates rates = {.received = 12.5, .delivered = 0.25};
    status_message_begin(message, &head);
    status_message_add(message, &account, &rates);
    read_back(message, &json);
    assert_string_equal(
        json.data,
        "{\"header\":{\"seq\":4294967295,\"stamp\":{\"secs\":1795258164,\"nsecs\":302960301},"
        "\"frame_id\":\"\"},\"robot\":\"warty\",\"direction\":\"ros_to_kafka\",\"connected\":false,"
        "\"trouble\":\"no \\\"broker\\\" ?\xc3\xa9\\n\",\"queue_bytes\":1,"
        "\"in_flight_bytes\":18446744073709551615,\"spool_records\":9007199254740993,"
        "\"spool_bytes\":4,\"spool_max_bytes\":5,\"routes\":[{\"route\":\"ros_to_kafka[0]\","
        "\"ros_topic\":\"/warty/odom\",\"kafka_topic\":\"odometry\","
        "\"received\":18446744073709551614,\"restored\":1,\"delivered\":10,\"dead_lettered\":2,"
        "\"dropped\":9007199254741013,\"spooled\":3,\"pending\":18437736874454810587,"
        "\"drop_reasons\":[\"max_rate\",\"spool_full\"],\"drop_counts\":[20,9007199254740993],"
        "\"received_rate\":12.5,\"delivered_rate\":0.25,\"missed\":6,\"invalid_utf8\":7,"
        "\"non_finite\":8,\"restamped\":11,\"unheard\":9,\"publishers\":2,\"waiting_publishers\":1,"
        "\"waiting_seconds\":2.5}]}");
    buffer_fini(&json);
    status_message_destroy(message);
}

static void a_message_holds_nothing_of_the_one_before(void **state)
{
    (void)state;
    struct status_message *message = make();
    struct buffer first, second;
    const struct flow_state flow = {.connected = true};
    const struct status_head head = {.robot = "r", .direction = "kafka_to_ros", .state = &flow};
    const struct account account = {.route = "kafka_to_ros[0]", .ros_topic = "", .kafka_topic = ""};
    const struct status_rates rates = {0};
    status_message_begin(message, &head);
    for (int i = 0; i < 500; i++)
        status_message_add(message, &account, &rates);
    read_back(message, &first);
    status_message_begin(message, &head);
    read_back(message, &second);
    assert_true(first.length > 500 * 100);
    assert_non_null(strstr(second.data, "\"routes\":[]"));
    buffer_fini(&first);
    buffer_fini(&second);
    status_message_destroy(message);
}

static void the_definition_is_the_packages(void **state)
{
    (void)state;
    struct status_message *message = make();
    const struct plan *plan = status_message_plan(message);
    struct packages *packages = NULL;
    struct buffer text;
    struct plan *installed = NULL;
    struct error error;
    buffer_init(&text, DEFINITION_TEXT_LIMIT);
    assert_int_equal(packages_create(MESSAGE_PATH, &packages, &error), ERROR_NONE);
    assert_int_equal(packages_definition(packages, STATUS_TYPE, &text, &error), ERROR_NONE);
    assert_int_equal(text.length, strlen(plan_text(plan)));
    assert_memory_equal(text.data, plan_text(plan), text.length);
    assert_int_equal(
        plan_create(STATUS_TYPE, text.data, text.length, plan_md5sum(plan), &installed, &error),
        ERROR_NONE);
    plan_destroy(installed);
    buffer_fini(&text);
    packages_destroy(packages);
    status_message_destroy(message);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_digit_and_text_arrives),
        cmocka_unit_test(a_message_holds_nothing_of_the_one_before),
        cmocka_unit_test(the_definition_is_the_packages),
    };
    return cmocka_run_group_tests_name("status", tests, NULL, NULL);
}
