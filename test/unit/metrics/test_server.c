/* The HTTP server, asked over its socket: what is where, what is refused, and how many at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "metrics/server.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define ANSWER_SIZE 65536

static void write_figures(struct metrics_text *text, void *user)
{
    metrics_text_family(text, "asked_total", METRICS_COUNTER, "How often this was asked for.");
    metrics_text_count(text, NULL, 0, ++*(uint64_t *)user);
}

static void write_too_much(struct metrics_text *text, void *user)
{
    (void)user;
    metrics_text_family(text, "endless", METRICS_GAUGE, "Does not fit.");
    while (text->code == ERROR_NONE)
        metrics_text_count(text, NULL, 0, UINT64_MAX);
}

struct fixture {
    uint64_t asked;
    struct metrics_server *server;
    char answer[ANSWER_SIZE];
};

static struct metrics_server_options options_of(struct fixture *fixture)
{
    return (struct metrics_server_options){
        .address = "127.0.0.1", .name = "a node", .write = write_figures, .user = &fixture->asked};
}

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    const struct metrics_server_options options = options_of(fixture);
    *state = fixture;
    return metrics_server_create(&options, &fixture->server, NULL);
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    metrics_server_destroy(fixture->server);
    free(fixture);
    return 0;
}

static int connect_to(const struct metrics_server *server)
{
    const struct sockaddr_in address = {.sin_family = AF_INET,
                                        .sin_port = htons(metrics_server_port(server)),
                                        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const struct timeval patience = {.tv_sec = 300};
    int handle = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(setsockopt(handle, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience), 0);
    assert_int_equal(connect(handle, (const struct sockaddr *)&address, sizeof address), 0);
    return handle;
}

/* Reads until the server closes. */
static void read_all(int handle, char *answer)
{
    size_t length = 0;
    ssize_t got;
    while ((got = read(handle, answer + length, ANSWER_SIZE - 1 - length)) > 0)
        length += (size_t)got;
    answer[length] = '\0';
    (void)close(handle);
}

/* The whole answer, headers and body. */
static const char *ask(struct fixture *fixture, const char *request)
{
    char text[512];
    int handle = connect_to(fixture->server);
    int length =
        snprintf(text, sizeof text, "%s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", request);
    assert_int_equal(write(handle, text, (size_t)length), length);
    read_all(handle, fixture->answer);
    return fixture->answer;
}

static const char *body(const char *answer)
{
    const char *end = strstr(answer, "\r\n\r\n");
    assert_non_null(end);
    return end + 4;
}

static void figures_are_at_metrics(void **state)
{
    const char *answer = ask(*state, "GET /metrics");
    assert_ptr_equal(strstr(answer, "HTTP/1.1 200 "), answer);
    assert_non_null(strstr(answer, "Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"));
    assert_string_equal(body(answer), "# HELP asked_total How often this was asked for.\n"
                                      "# TYPE asked_total counter\nasked_total 1\n");
    assert_non_null(strstr(ask(*state, "GET /metrics?a=b"), "\nasked_total 2\n"));
}

static void a_head_has_no_body(void **state)
{
    const char *answer = ask(*state, "HEAD /metrics");
    assert_ptr_equal(strstr(answer, "HTTP/1.1 200 "), answer);
    assert_string_equal(body(answer), "");
}

static void health_is_cheap(void **state)
{
    struct fixture *fixture = *state;
    const char *answer = ask(fixture, "GET /healthz");
    assert_ptr_equal(strstr(answer, "HTTP/1.1 200 "), answer);
    assert_string_equal(body(answer), "ok\n");
    assert_int_equal(fixture->asked, 0);
}

static void other_paths_are_told_where_it_is(void **state)
{
    static const char *const paths[] = {"GET /", "GET /metrics/", "GET /../etc/passwd"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        const char *answer = ask(*state, paths[i]);
        assert_ptr_equal(strstr(answer, "HTTP/1.1 404 "), answer);
        assert_string_equal(body(answer), "nothing is here: the figures of a node are at /metrics, "
                                          "and /healthz says ok\n");
    }
}

static void other_methods_are_refused(void **state)
{
    const char *answer = ask(*state, "DELETE /metrics");
    assert_ptr_equal(strstr(answer, "HTTP/1.1 405 "), answer);
    assert_non_null(strstr(answer, "Allow: GET, HEAD\r\n"));
}

static void what_is_no_request_does_no_harm(void **state)
{
    struct fixture *fixture = *state;
    char junk[40000];
    memset(junk, 'x', sizeof junk);
    int handle = connect_to(fixture->server);
    (void)send(handle, junk, sizeof junk, MSG_NOSIGNAL);
    read_all(handle, fixture->answer);
    assert_null(strstr(fixture->answer, " 200 "));
    assert_non_null(strstr(ask(fixture, "GET /healthz"), "ok\n"));
}

static bool is_closed(int handle)
{
    char nothing;
    return recv(handle, &nothing, 1, MSG_DONTWAIT) == 0;
}

/* One above the limit takes the place of the one that has done nothing for the longest. */
static void connections_are_bounded(void **state)
{
    struct fixture *fixture = *state;
    int handles[METRICS_CONNECTIONS];
    for (size_t i = 0; i < METRICS_CONNECTIONS; i++) {
        handles[i] = connect_to(fixture->server);
        /* An answer says that the server has taken it. */
        static const char request[] = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";
        assert_int_equal(write(handles[i], request, sizeof request - 1), sizeof request - 1);
        assert_true(read(handles[i], fixture->answer, ANSWER_SIZE) > 0);
    }
    assert_non_null(strstr(ask(fixture, "GET /healthz"), "ok\n"));
    assert_int_equal(read(handles[0], fixture->answer, 1), 0);
    for (size_t i = 1; i < METRICS_CONNECTIONS; i++)
        assert_false(is_closed(handles[i]));
    for (size_t i = 0; i < METRICS_CONNECTIONS; i++)
        (void)close(handles[i]);
    assert_non_null(strstr(ask(fixture, "GET /healthz"), "ok\n"));
}

/* Whoever is at it when another comes is heard, however many send a line now and then. */
static void slow_clients_keep_nobody_out(void **state)
{
    struct fixture *fixture = *state;
    int handles[3 * METRICS_CONNECTIONS];
    size_t count = sizeof handles / sizeof handles[0];
    static const char begin[] = "GET /metrics HTTP/1.1\r\nHost: x\r\n";
    static const char more[] = "X-Slow: 1\r\n";
    static const char whole[] = "GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    for (size_t i = 0; i < count; i++) {
        handles[i] = connect_to(fixture->server);
        (void)send(handles[i], begin, sizeof begin - 1, MSG_NOSIGNAL);
    }
    for (int asked = 0; asked < 3; asked++) {
        int handle = connect_to(fixture->server);
        ssize_t got = -1;
        assert_int_equal(write(handle, whole, sizeof whole - 1), sizeof whole - 1);
        for (int rounds = 0; got < 0 && rounds < 600; rounds++) {
            for (size_t i = 0; i < count && rounds % 10 == 0; i++)
                (void)send(handles[i], more, sizeof more - 1, MSG_NOSIGNAL);
            (void)usleep(100000);
            got = recv(handle, fixture->answer, ANSWER_SIZE - 1, MSG_DONTWAIT);
        }
        assert_true(got > 0);
        assert_memory_equal(fixture->answer, "HTTP/1.1 200", 12);
        (void)close(handle);
    }
    for (size_t i = 0; i < count; i++)
        (void)close(handles[i]);
}

static void a_port_in_use_is_named(void **state)
{
    struct fixture *fixture = *state;
    struct metrics_server *second = NULL;
    struct error error;
    char expected[128];
    struct metrics_server_options options = options_of(fixture);
    options.port = metrics_server_port(fixture->server);
    assert_int_equal(metrics_server_create(&options, &second, &error), ERROR_IO);
    (void)snprintf(expected, sizeof expected,
                   "cannot listen at 127.0.0.1, port %u: Address already in use",
                   (unsigned)options.port);
    assert_string_equal(error.text, expected);
    /* Once it is free it is to be had at once. */
    assert_non_null(strstr(ask(fixture, "GET /healthz"), "ok\n"));
    metrics_server_destroy(fixture->server);
    fixture->server = NULL;
    assert_int_equal(metrics_server_create(&options, &fixture->server, &error), ERROR_NONE);
}

static void addresses_are_digits(void **state)
{
    struct fixture *fixture = *state;
    struct metrics_server *server = NULL;
    struct error error;
    struct metrics_server_options options = options_of(fixture);
    assert_true(metrics_server_is_address("0.0.0.0") && metrics_server_is_address("::1"));
    assert_false(metrics_server_is_address("localhost") || metrics_server_is_address("") ||
                 metrics_server_is_address("127.0.0.1:80"));
    options.address = "localhost";
    assert_int_equal(metrics_server_create(&options, &server, &error), ERROR_ARGUMENT);
    options.address = "192.0.2.1"; /* of nobody: RFC 5737 */
    assert_int_equal(metrics_server_create(&options, &server, &error), ERROR_IO);
    assert_non_null(strstr(error.text, "192.0.2.1"));
}

static void what_is_too_long_is_said(void **state)
{
    struct fixture *fixture = *state;
    struct metrics_server_options options = options_of(fixture);
    options.write = write_too_much;
    metrics_server_destroy(fixture->server);
    assert_int_equal(metrics_server_create(&options, &fixture->server, NULL), ERROR_NONE);
    const char *answer = ask(fixture, "GET /metrics");
    assert_ptr_equal(strstr(answer, "HTTP/1.1 500 "), answer);
    assert_string_equal(body(answer), "endless: the figures take more than 134217728 bytes\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(figures_are_at_metrics, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_head_has_no_body, set_up, tear_down),
        cmocka_unit_test_setup_teardown(health_is_cheap, set_up, tear_down),
        cmocka_unit_test_setup_teardown(other_paths_are_told_where_it_is, set_up, tear_down),
        cmocka_unit_test_setup_teardown(other_methods_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_no_request_does_no_harm, set_up, tear_down),
        cmocka_unit_test_setup_teardown(connections_are_bounded, set_up, tear_down),
        cmocka_unit_test_setup_teardown(slow_clients_keep_nobody_out, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_port_in_use_is_named, set_up, tear_down),
        cmocka_unit_test_setup_teardown(addresses_are_digits, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_too_long_is_said, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
