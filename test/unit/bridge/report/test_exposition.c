/* What /metrics says of a flow. */
#include "test_support.h"

#include "bridge/report/exposition.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NODE(direction)    "robot=\"warty\",direction=\"" direction "\""
#define ACCOUNT(direction) NODE(direction) ",route=\"r[0]\",ros_topic=\"/a\",kafka_topic=\"a\""

/* A flow of `count` accounts, all alike but for their topic's name. */
struct flow {
    struct account account;
    struct flow_state state;
    size_t count;
};

static void get_state(void *user, struct flow_state *state)
{
    *state = ((struct flow *)user)->state;
}

static void get_accounts(void *user, account_visitor visit, void *visitor)
{
    const struct flow *flow = user;
    for (size_t i = 0; i < flow->count; i++)
        visit(&flow->account, visitor);
}

static struct flow a_flow(void)
{
    struct flow flow = {
        .account = {.route = "r[0]",
                    .ros_topic = "/a",
                    .kafka_topic = "a",
                    .totals = {.received = 100,
                               .given_back = 7,
                               .restored = 5,
                               .delivered = UINT64_C(60),
                               .spooled = 20,
                               .dead_lettered = 4,
                               .missed = 11,
                               .invalid_utf8 = 12,
                               .non_finite = 13,
                               .restamped = 17,
                               .unheard = 14},
                    .publishers = 15,
                    .waiting_publishers = 16},
        .state = {.connected = true,
                  .trouble = "broker.example:9092: no",
                  .queue_bytes = 1,
                  .in_flight_bytes = 2,
                  .spool_records = 3,
                  .spool_bytes = 4,
                  .spool_max_bytes = 5},
        .count = 1,
    };
    flow.account.totals.dropped[DROP_MAX_RATE] = 6;
    return flow;
}

/* The text, NUL-terminated; the caller frees. */
static char *write_of(struct flow *flow, const char *direction)
{
    const struct flow_view source = {get_state, get_accounts, flow};
    struct exposition exposition;
    struct metrics_text text;
    metrics_text_init(&text, 1U << 24);
    exposition_init(&exposition, "warty", direction, &source);
    exposition_write(&exposition, &text); /* twice: what was there is read anew */
    metrics_text_begin(&text);
    exposition_write(&exposition, &text);
    assert_int_equal(metrics_text_finish(&text, NULL), ERROR_NONE);
    assert_int_equal(buffer_append(&text.bytes, "", 1), ERROR_NONE);
    char *copy = strdup(text.bytes.data);
    exposition_fini(&exposition);
    metrics_text_fini(&text);
    return copy;
}

static void assert_line(const char *text, const char *line)
{
    char whole[512];
    (void)snprintf(whole, sizeof whole, "\n%s\n", line);
    if (!strstr(text, whole))
        fail_msg("no line %s in\n%s", line, text);
}

static void an_account_is_all_there(void **state)
{
    static const char *const lines[] = {
        "# TYPE kafka_bridge_messages_received_total counter",
        "kafka_bridge_messages_received_total{" ACCOUNT("ros_to_kafka") "} 107",
        "kafka_bridge_messages_given_back_total{" ACCOUNT("ros_to_kafka") "} 7",
        "kafka_bridge_messages_restored_total{" ACCOUNT("ros_to_kafka") "} 5",
        "kafka_bridge_messages_delivered_total{" ACCOUNT("ros_to_kafka") "} 60",
        "kafka_bridge_messages_dead_lettered_total{" ACCOUNT("ros_to_kafka") "} 4",
        "kafka_bridge_messages_dropped_total{" ACCOUNT("ros_to_kafka") ",reason=\"max_rate\"} 6",
        "kafka_bridge_messages_dropped_total{" ACCOUNT("ros_to_kafka") ",reason=\"queue_full\"} 0",
        "kafka_bridge_messages_dropped_total{" ACCOUNT("ros_to_kafka") ",reason=\"damaged\"} 0",
        "# TYPE kafka_bridge_messages_spooled gauge",
        "kafka_bridge_messages_spooled{" ACCOUNT("ros_to_kafka") "} 20",
        "kafka_bridge_messages_pending{" ACCOUNT("ros_to_kafka") "} 15",
        "kafka_bridge_messages_missed_total{" ACCOUNT("ros_to_kafka") "} 11",
        "kafka_bridge_invalid_utf8_bytes_total{" ACCOUNT("ros_to_kafka") "} 12",
        "kafka_bridge_non_finite_numbers_total{" ACCOUNT("ros_to_kafka") "} 13",
        "kafka_bridge_records_restamped_total{" ACCOUNT("ros_to_kafka") "} 17",
        "kafka_bridge_messages_unheard_total{" ACCOUNT("ros_to_kafka") "} 14",
        "kafka_bridge_publishers{" ACCOUNT("ros_to_kafka") "} 15",
        "kafka_bridge_publishers_waiting{" ACCOUNT("ros_to_kafka") "} 16",
    };
    struct flow flow = a_flow();
    (void)state;
    char *text = write_of(&flow, "ros_to_kafka");
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        assert_line(text, lines[i]);
    free(text);
}

static void the_state_is_there_and_nothing_of_kafka(void **state)
{
    struct flow flow = a_flow();
    (void)state;
    char *text = write_of(&flow, "ros_to_kafka");
    assert_line(text, "kafka_bridge_connected{" NODE("ros_to_kafka") "} 1");
    assert_line(text, "kafka_bridge_queue_bytes{" NODE("ros_to_kafka") "} 1");
    assert_line(text, "kafka_bridge_in_flight_bytes{" NODE("ros_to_kafka") "} 2");
    assert_line(text, "kafka_bridge_spool_records{" NODE("ros_to_kafka") "} 3");
    assert_line(text, "kafka_bridge_spool_bytes{" NODE("ros_to_kafka") "} 4");
    assert_line(text, "kafka_bridge_spool_max_bytes{" NODE("ros_to_kafka") "} 5");
    assert_non_null(strstr(text, "\nkafka_bridge_build_info{" NODE("ros_to_kafka") ",version=\""));
    assert_null(strstr(text, "broker.example"));
    free(text);
    flow.state.connected = false;
    text = write_of(&flow, "ros_to_kafka");
    assert_line(text, "kafka_bridge_connected{" NODE("ros_to_kafka") "} 0");
    free(text);
}

static void the_way_back_has_no_spool(void **state)
{
    struct flow flow = a_flow();
    (void)state;
    char *text = write_of(&flow, "kafka_to_ros");
    assert_line(text, "kafka_bridge_messages_delivered_total{" ACCOUNT("kafka_to_ros") "} 60");
    assert_null(strstr(text, "kafka_bridge_spool"));
    assert_null(strstr(text, "messages_spooled"));
    assert_null(strstr(text, "restored"));
    assert_null(strstr(text, "queue_bytes"));
    free(text);
}

static size_t count_of(const char *text, const char *what)
{
    size_t count = 0;
    for (const char *at = strstr(text, what); at; at = strstr(at + 1, what))
        count++;
    return count;
}

static void families_stand_together_however_many_accounts(void **state)
{
    struct flow flow = a_flow();
    (void)state;
    flow.count = 1000;
    char *text = write_of(&flow, "ros_to_kafka");
    assert_int_equal(count_of(text, "\nkafka_bridge_messages_received_total{"), 1000);
    assert_int_equal(count_of(text, "\nkafka_bridge_messages_dropped_total{"), 1000 * DROP_COUNT);
    assert_int_equal(count_of(text, "# TYPE kafka_bridge_messages_received_total "), 1);
    free(text);
    flow.count = 0;
    text = write_of(&flow, "ros_to_kafka");
    assert_int_equal(count_of(text, "\nkafka_bridge_messages_received_total{"), 0);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_account_is_all_there),
        cmocka_unit_test(the_state_is_there_and_nothing_of_kafka),
        cmocka_unit_test(the_way_back_has_no_spool),
        cmocka_unit_test(families_stand_together_however_many_accounts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
