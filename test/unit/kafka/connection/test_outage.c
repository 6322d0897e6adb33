/* A broker that is not there, that goes and comes back, or that sends its clients astray: one clear
 * line, no loss, no change of order. */
#include "support.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* A socket bound to a free port of loopback; listening where `backlog` is positive. */
static int bind_port(int backlog, int *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int descriptor = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(descriptor >= 0);
    assert_int_equal(bind(descriptor, (struct sockaddr *)&address, size), 0);
    if (backlog > 0)
        assert_int_equal(listen(descriptor, backlog), 0);
    assert_int_equal(getsockname(descriptor, (struct sockaddr *)&address, &size), 0);
    *port = ntohs(address.sin_port);
    return descriptor;
}

static bool has_connection_line(void *argument)
{
    (void)argument;
    return count_lines(KAFKA_LOG_WARN, "cannot be reached") > 0;
}

static bool has_back_line(void *argument)
{
    (void)argument;
    return count_lines(KAFKA_LOG_INFO, "is back") > 0;
}

static void closed_port_is_told_once_with_its_address(void **state)
{
    (void)state;
    watch_log();
    int port;
    int holder = bind_port(0, &port); /* bound and not listening: refused, and nobody else's */
    char address[32];
    (void)snprintf(address, sizeof address, "127.0.0.1:%d", port);
    struct kafka_properties properties;
    kafka_properties_init(&properties);
    set(&properties, "bootstrap.servers", address);
    set(&properties, "reconnect.backoff.max.ms", "100");
    struct reports reports;
    struct kafka_producer *producer = make_producer(&properties, &reports);
    wait_until(has_connection_line, NULL, "the failure is told");
    struct error error = {.code = ERROR_NONE};
    assert_int_equal(kafka_producer_check(producer, 500, &error), ERROR_IO);
    assert_string_equal(error.path, "bootstrap.servers");
    assert_non_null(strstr(error.text, address));
    assert_non_null(strstr(error.text, "Connection refused"));
    assert_int_equal(count_lines(KAFKA_LOG_DEBUG, address), 1);
    assert_int_equal(count_lines(KAFKA_LOG_WARN, "Connection refused"), 1);
    kafka_producer_destroy(producer);
    kafka_properties_fini(&properties);
    (void)close(holder);
}

static void name_that_does_not_resolve_is_told(void **state)
{
    (void)state;
    watch_log();
    struct kafka_properties properties;
    kafka_properties_init(&properties);
    set(&properties, "bootstrap.servers", "no-such-host.invalid:9092");
    struct reports reports;
    struct kafka_producer *producer = make_producer(&properties, &reports);
    struct error error = {.code = ERROR_NONE};
    assert_int_equal(kafka_producer_check(producer, 1000, &error), ERROR_IO);
    assert_non_null(strstr(error.text, "no-such-host.invalid:9092"));
    kafka_producer_destroy(producer);
    kafka_properties_fini(&properties);
}

static void all_arrives_in_order_after_an_outage(void **state)
{
    struct broker *broker = *state;
    struct reports reports;
    struct error error = {.code = ERROR_NONE};
    assert_int_equal(kafka_embedded_create_topic(broker->embedded, "t", 1, &error), ERROR_NONE);
    struct kafka_producer *producer = make_producer(&broker->properties, &reports);
    char text[16];
    for (int i = 0; i < 300; i++) {
        (void)snprintf(text, sizeof text, "%d", i);
        send_text(producer, "t", "k", text, (uint64_t)i);
        if (i == 99)
            assert_int_equal(kafka_producer_flush(producer, PATIENCE_MS), 0);
        if (i == 150) {
            rd_kafka_mock_broker_set_down(broker->cluster, 1);
            wait_until(has_connection_line, NULL, "the outage is told");
        }
    }
    assert_true(kafka_producer_pending(producer) > 0);
    rd_kafka_mock_broker_set_up(broker->cluster, 1);
    assert_int_equal(kafka_producer_flush(producer, PATIENCE_MS), 0);
    wait_until(has_back_line, NULL, "the return is told");
    kafka_producer_destroy(producer);
    assert_int_equal(reports.of_delivery[KAFKA_DELIVERED], 300);
    assert_int_equal(count_lines(KAFKA_LOG_WARN, "cannot be reached"), 1);
    assert_int_equal(count_lines(KAFKA_LOG_INFO, "is back"), 1);
    struct kafka_consumer *consumer =
        make_consumer(&broker->properties, "g", "t", KAFKA_START_STORED, 0);
    for (int i = 0; i < 300; i++)
        assert_int_equal(next_number(consumer, false), i);
    kafka_consumer_destroy(consumer);
}

/* librdkafka, whose time for a topic to appear is over, says at once that there is none. */
static void a_topic_is_not_missing_at_once_after_an_outage(void **state)
{
    struct broker *broker = *state;
    struct reports reports;
    set(&broker->properties, "topic.metadata.propagation.max.ms", "3000");
    rd_kafka_mock_topic_set_error(broker->cluster, "late", RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
    rd_kafka_mock_broker_set_down(broker->cluster, 1);
    struct kafka_producer *producer = make_producer(&broker->properties, &reports);
    send_text(producer, "late", NULL, "v", 1);
    (void)sleep(4);
    assert_int_equal(reports.total, 0);
    rd_kafka_mock_broker_set_up(broker->cluster, 1);
    assert_int_equal(kafka_producer_flush(producer, PATIENCE_MS), 0);
    assert_int_equal(reports.delivery_of_tag[1], KAFKA_NOT_DELIVERED);
    kafka_producer_destroy(producer);
}

static void return_is_told_without_any_record(void **state)
{
    struct broker *broker = *state;
    struct reports reports;
    rd_kafka_mock_broker_set_down(broker->cluster, 1);
    struct kafka_producer *producer = make_producer(&broker->properties, &reports);
    wait_until(has_connection_line, NULL, "the outage is told");
    rd_kafka_mock_broker_set_up(broker->cluster, 1);
    wait_until(has_back_line, NULL, "the return is told");
    kafka_producer_destroy(producer);
}

/* A bootstrap address in front of the broker, which answers that the broker is at a closed port. */
struct misleading {
    int listener;
    int broker_port;
    int closed_port;
    atomic_bool stop;
};

static void mislead(unsigned char *bytes, size_t size, int from, int to)
{
    static const char host[] = "127.0.0.1";
    size_t length = sizeof host - 1;
    for (size_t i = 0; i + length + 4 <= size; i++) {
        unsigned char *port = bytes + i + length;
        if (memcmp(bytes + i, host, length) == 0 && port[0] == 0 && port[1] == 0 &&
            port[2] == from >> 8 && port[3] == (from & 255)) {
            port[2] = (unsigned char)(to >> 8);
            port[3] = (unsigned char)(to & 255);
        }
    }
}

static void forward(struct misleading *misleading, int client)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                                  .sin_port = htons((uint16_t)misleading->broker_port)};
    int broker = socket(AF_INET, SOCK_STREAM, 0);
    bool open = connect(broker, (struct sockaddr *)&address, sizeof address) == 0;
    while (open && !atomic_load(&misleading->stop)) {
        struct pollfd ends[2] = {{.fd = client, .events = POLLIN},
                                 {.fd = broker, .events = POLLIN}};
        if (poll(ends, 2, 20) <= 0)
            continue;
        unsigned char bytes[65536];
        bool answer = ends[1].revents != 0;
        ssize_t size = read(answer ? broker : client, bytes, sizeof bytes);
        if (size > 0 && answer)
            mislead(bytes, (size_t)size, misleading->broker_port, misleading->closed_port);
        open = size > 0 && write(answer ? client : broker, bytes, (size_t)size) == size;
    }
    (void)close(broker);
    (void)close(client);
}

static void *serve_misleading(void *argument)
{
    struct misleading *misleading = argument;
    while (!atomic_load(&misleading->stop)) {
        struct pollfd wait = {.fd = misleading->listener, .events = POLLIN};
        if (poll(&wait, 1, 20) > 0)
            forward(misleading, accept(misleading->listener, NULL, NULL));
    }
    return NULL;
}

static bool has_advice(void *argument)
{
    (void)argument;
    return count_lines(KAFKA_LOG_WARN, "advertised.listeners") > 0;
}

static void wrong_advertised_listener_is_explained(void **state)
{
    struct broker *broker = *state;
    struct misleading misleading = {.broker_port =
                                        (int)strtol(strchr(broker->address, ':') + 1, NULL, 10)};
    int port;
    misleading.listener = bind_port(4, &port);
    int holder = bind_port(0, &misleading.closed_port);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, serve_misleading, &misleading), 0);
    char bootstrap[32], advertised[32];
    (void)snprintf(bootstrap, sizeof bootstrap, "127.0.0.1:%d", port);
    (void)snprintf(advertised, sizeof advertised, "127.0.0.1:%d", misleading.closed_port);
    set(&broker->properties, "bootstrap.servers", bootstrap);
    struct reports reports;
    struct kafka_producer *producer = make_producer(&broker->properties, &reports);
    struct error error = {.code = ERROR_NONE};
    assert_int_equal(kafka_producer_check(producer, PATIENCE_MS, &error), ERROR_IO);
    assert_non_null(strstr(error.text, bootstrap));
    assert_non_null(strstr(error.text, advertised));
    assert_non_null(strstr(error.text, "advertised.listeners"));
    send_text(producer, "t", NULL, "v", 0);
    wait_until(has_advice, NULL, "the log explains it");
    assert_int_equal(count_lines(KAFKA_LOG_WARN, bootstrap), 1);
    assert_int_equal(count_lines(KAFKA_LOG_WARN, advertised), 1);
    kafka_producer_destroy(producer);
    atomic_store(&misleading.stop, true);
    (void)pthread_join(thread, NULL);
    (void)close(misleading.listener);
    (void)close(holder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, start_broker, stop_broker)
        cmocka_unit_test(closed_port_is_told_once_with_its_address),
        cmocka_unit_test(name_that_does_not_resolve_is_told),
        TEST(all_arrives_in_order_after_an_outage),
        TEST(a_topic_is_not_missing_at_once_after_an_outage),
        TEST(return_is_told_without_any_record),
        TEST(wrong_advertised_listener_is_explained),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
