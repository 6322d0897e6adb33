/* What ~status publishes, read back from its bytes; roscpp is not there: its publisher and its
 * timer are these. */
#include "test_support.h"

#include "base/buffer.h"
#include "bridge/report/status.h"
#include "message/definitions/packages.h"
#include "message/json/to_json.h"

#include <rosc/rosc.h>
#include <stdlib.h>
#include <string.h>

#define STATUS_TYPE "kafka_bridge/BridgeStatus"

static struct rosc_publisher_options advertised;
static char *published; /* as JSON */
static rosc_timer_callback timer;
static void *timer_user;
static int64_t now; /* nanoseconds of the steady clock */

enum rosc_status __wrap_rosc_publisher_create(const char *topic,
                                              const struct rosc_publisher_options *options,
                                              struct rosc_publisher **publisher,
                                              struct rosc_error *error);
void __wrap_rosc_publisher_destroy(struct rosc_publisher *publisher);
uint32_t __wrap_rosc_publisher_subscriber_count(const struct rosc_publisher *publisher);
enum rosc_status __wrap_rosc_publisher_publish(struct rosc_publisher *publisher, const void *data,
                                               size_t size, struct rosc_error *error);
enum rosc_status __wrap_rosc_timer_create(struct rosc_queue *queue, enum rosc_clock clock,
                                          double period, bool oneshot, rosc_timer_callback callback,
                                          void *user, struct rosc_timer **made,
                                          struct rosc_error *error);
void __wrap_rosc_timer_destroy(struct rosc_timer *gone);
int64_t __wrap_rosc_time_now(void);
int64_t __wrap_rosc_time_steady(void);

/* The plan of the packages' files: what the bytes and the advertised md5sum are held to. */
static struct plan *installed_plan(struct buffer *text)
{
    struct packages *packages = NULL;
    struct plan *plan = NULL;
    struct error error;
    buffer_init(text, DEFINITION_TEXT_LIMIT);
    assert_int_equal(packages_create(MESSAGE_PATH, &packages, &error), ERROR_NONE);
    assert_int_equal(packages_definition(packages, STATUS_TYPE, text, &error), ERROR_NONE);
    assert_int_equal(plan_create(STATUS_TYPE, text->data, text->length, NULL, &plan, &error),
                     ERROR_NONE);
    packages_destroy(packages);
    return plan;
}

enum rosc_status __wrap_rosc_publisher_create(const char *topic,
                                              const struct rosc_publisher_options *options,
                                              struct rosc_publisher **publisher,
                                              struct rosc_error *error)
{
    (void)error;
    assert_string_equal(topic, "~status");
    advertised = *options;
    *publisher = (struct rosc_publisher *)&advertised;
    return ROSC_OK;
}

void __wrap_rosc_publisher_destroy(struct rosc_publisher *publisher)
{
    (void)publisher;
}

uint32_t __wrap_rosc_publisher_subscriber_count(const struct rosc_publisher *publisher)
{
    (void)publisher;
    return 0;
}

enum rosc_status __wrap_rosc_publisher_publish(struct rosc_publisher *publisher, const void *data,
                                               size_t size, struct rosc_error *error)
{
    struct buffer text, json;
    struct to_json_counts counts = {0};
    struct error failure;
    struct plan *plan = installed_plan(&text);
    (void)publisher;
    (void)error;
    buffer_init(&json, 1U << 24);
    assert_int_equal(to_json(plan, data, size, NULL, &json, &counts, &failure), ERROR_NONE);
    assert_int_equal(buffer_append(&json, "", 1), ERROR_NONE);
    free(published);
    published = strdup(json.data);
    buffer_fini(&json);
    buffer_fini(&text);
    plan_destroy(plan);
    return ROSC_OK;
}

enum rosc_status __wrap_rosc_timer_create(struct rosc_queue *queue, enum rosc_clock clock,
                                          double period, bool oneshot, rosc_timer_callback callback,
                                          void *user, struct rosc_timer **made,
                                          struct rosc_error *error)
{
    (void)queue, (void)clock, (void)period, (void)oneshot, (void)error;
    timer = callback;
    timer_user = user;
    *made = NULL;
    return ROSC_OK;
}

void __wrap_rosc_timer_destroy(struct rosc_timer *gone)
{
    (void)gone;
}

int64_t __wrap_rosc_time_now(void)
{
    return INT64_C(1795258164302960301);
}

int64_t __wrap_rosc_time_steady(void)
{
    return now;
}

/* A flow of one account, `times` over. */
struct flow {
    struct flow_state state;
    struct account account;
    int times;
};

static void give_state(void *user, struct flow_state *state)
{
    *state = ((struct flow *)user)->state;
}

static void give_accounts(void *user, account_visitor visit, void *visitor)
{
    const struct flow *flow = user;
    for (int i = 0; i < flow->times; i++)
        visit(&flow->account, visitor);
}

static struct status *start(struct flow *flow)
{
    static const struct config config = {.robot = "warty", .status_period = 1};
    const struct flow_view view = {give_state, give_accounts, flow};
    struct status *status = NULL;
    struct error error;
    now = 1000000000;
    assert_int_equal(status_create(&config, "~status", "ros_to_kafka", &view, &status, &error),
                     ERROR_NONE);
    assert_non_null(published);
    return status;
}

static void every_digit_and_text_arrives(void **state)
{
    (void)state;
    struct flow flow = {.times = 1,
                        .state = {.connected = false,
                                  .trouble = "no \"broker\" \xff\xc3\xa9\n",
                                  .queue_bytes = 1,
                                  .in_flight_bytes = UINT64_MAX,
                                  .spool_records = 9007199254740993U, /* 2^53 + 1 */
                                  .spool_bytes = 4,
                                  .spool_max_bytes = 5}};
    flow.account = (struct account){.route = "ros_to_kafka[0]",
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
    flow.account.totals.dropped[DROP_MAX_RATE] = 20;
    flow.account.totals.dropped[DROP_SPOOL_FULL] = 9007199254740993U;
    struct status *status = start(&flow);
    assert_string_equal(
        published,
        "{\"header\":{\"seq\":0,\"stamp\":{\"secs\":1795258164,\"nsecs\":302960301},"
        "\"frame_id\":\"\"},\"robot\":\"warty\",\"direction\":\"ros_to_kafka\",\"connected\":false,"
        "\"trouble\":\"no \\\"broker\\\" ?\xc3\xa9\\n\",\"queue_bytes\":1,"
        "\"in_flight_bytes\":18446744073709551615,\"spool_records\":9007199254740993,"
        "\"spool_bytes\":4,\"spool_max_bytes\":5,\"routes\":[{\"route\":\"ros_to_kafka[0]\","
        "\"ros_topic\":\"/warty/odom\",\"kafka_topic\":\"odometry\","
        "\"received\":18446744073709551614,\"restored\":1,\"delivered\":10,\"dead_lettered\":2,"
        "\"dropped\":9007199254741013,\"spooled\":3,\"pending\":18437736874454810587,"
        "\"drop_reasons\":[\"max_rate\",\"spool_full\"],\"drop_counts\":[20,9007199254740993],"
        "\"received_rate\":0.0,\"delivered_rate\":0.0,\"missed\":6,\"invalid_utf8\":7,"
        "\"non_finite\":8,\"restamped\":11,\"unheard\":9,\"publishers\":2,\"waiting_publishers\":1,"
        "\"waiting_seconds\":2.5}]}");
    status_destroy(status);
}

static void the_rates_are_of_the_time_between_two_messages(void **state)
{
    (void)state;
    struct flow flow = {
        .times = 1, .account = {.route = "ros_to_kafka[0]", .ros_topic = "", .kafka_topic = ""}};
    struct status *status = start(&flow);
    flow.account.totals.received = 25;
    flow.account.totals.delivered = 1;
    now += 2000000000;
    timer(NULL, timer_user);
    assert_non_null(strstr(published, "\"seq\":1,"));
    assert_non_null(strstr(published, "\"received_rate\":12.5,\"delivered_rate\":0.5,"));
    now += 2000000000;
    timer(NULL, timer_user);
    assert_non_null(strstr(published, "\"received_rate\":0.0,\"delivered_rate\":0.0,"));
    status_destroy(status);
}

static void a_message_holds_nothing_of_the_one_before(void **state)
{
    (void)state;
    struct flow flow = {
        .times = 500, .account = {.route = "kafka_to_ros[0]", .ros_topic = "", .kafka_topic = ""}};
    struct status *status = start(&flow);
    assert_true(strlen(published) > 500 * 100);
    flow.times = 0;
    now += 1000000000;
    timer(NULL, timer_user);
    assert_non_null(strstr(published, "\"routes\":[]"));
    status_destroy(status);
}

static void the_definition_is_the_packages(void **state)
{
    (void)state;
    struct flow flow = {0};
    struct buffer text;
    struct plan *installed = installed_plan(&text), *plan = NULL;
    struct error error;
    status_destroy(start(&flow));
    assert_string_equal(advertised.type, STATUS_TYPE);
    assert_string_equal(advertised.md5sum, plan_md5sum(installed));
    assert_int_equal(plan_create(advertised.type, advertised.definition,
                                 strlen(advertised.definition), advertised.md5sum, &plan, &error),
                     ERROR_NONE);
    plan_destroy(plan);
    plan_destroy(installed);
    buffer_fini(&text);
}

static int forget(void **state)
{
    (void)state;
    free(published);
    published = NULL;
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_digit_and_text_arrives),
        cmocka_unit_test(the_rates_are_of_the_time_between_two_messages),
        cmocka_unit_test(a_message_holds_nothing_of_the_one_before),
        cmocka_unit_test(the_definition_is_the_packages),
    };
    return cmocka_run_group_tests_name("status", tests, NULL, forget);
}
