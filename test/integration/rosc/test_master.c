/* rosc without a master, and with one that comes late, and its order to stop. */
#include "support.h"

#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <rostest_report.h>

static char uri[64];
static char port_text[8];
static pid_t master;

/* A port on which nobody listens. */
static unsigned free_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof address;
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, size) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &size) != 0)
        abort();
    close(fd);
    return ntohs(address.sin_port);
}

static pid_t spawn(const char *const *arguments)
{
    const pid_t pid = fork();
    if (pid == 0) {
        (void)setenv("ROS_MASTER_URI", uri, 1);
        execvp(arguments[0], (char *const *)(uintptr_t)arguments);
        _exit(127);
    }
    return pid;
}

static void starting_without_a_master_ends_in_time(void **state)
{
    (void)state;
    char words[96];
    (void)snprintf(words, sizeof words, "no ROS master answers at %s within 1 s", uri);
    const int64_t begin = rosc_time_steady();
    assert_false(rosc_master_check());
    assert_fails(rosc_start(1, error), ROSC_ERROR_TIMEOUT, words);
    const int64_t took = rosc_time_steady() - begin;
    assert_true(took >= 1000000000);
    assert_true(took < 4000000000);
    assert_fails(rosc_start((double)__builtin_nan(""), error), ROSC_ERROR_ARGUMENT, "number");
    assert_true(rosc_ok());
}

static void parameters_without_a_master_are_an_error_of_the_master(void **state)
{
    (void)state;
    cJSON *tree = NULL;
    struct rosc_topic_list list;
    assert_fails(rosc_param_get_tree("a", &tree, error), ROSC_ERROR_MASTER, uri);
    assert_fails(rosc_param_set_string("a", "b", error), ROSC_ERROR_MASTER, uri);
    assert_fails(rosc_param_delete("a", error), ROSC_ERROR_MASTER, uri);
    assert_fails(rosc_topic_list_init(&list, error), ROSC_ERROR_MASTER, uri);
}

static void a_master_that_comes_late_is_found(void **state)
{
    (void)state;
    static const char *const arguments[] = {"rosmaster", "--core", "-p", port_text, NULL};
    master = spawn(arguments);
    assert_true(master > 0);
    assert_ok(rosc_start(-1, error));
    assert_true(rosc_master_check());
    cJSON *tree = NULL;
    assert_ok(rosc_param_get_tree("~given", &tree, error));
    assert_true(tree->valuedouble == 2.5);
    cJSON_Delete(tree);
}

static bool asked_to_stop(void *with)
{
    (void)with;
    return !rosc_ok();
}

static void the_order_to_stop_leaves_time_to_flush(void **state)
{
    (void)state;
    const char *const arguments[] = {"rosnode", "kill", rosc_node_name(), NULL};
    int status = 0;
    const pid_t killer = spawn(arguments);
    assert_true(killer > 0);
    serve_until(NULL, asked_to_stop, NULL, "the order to stop");
    assert_int_equal(waitpid(killer, &status, 0), killer);
    assert_ok(rosc_param_set_string("last", "word", error));
    struct rosc_publisher *publisher = string_publisher("last", true);
    assert_ok(rosc_publisher_publish(publisher, "\0\0\0\0", 4, error));
    rosc_publisher_destroy(publisher);
}

static void a_master_that_goes_is_an_error_of_the_master(void **state)
{
    (void)state;
    const struct rosc_publisher_options options = {
        .type = "std_msgs/String", .md5sum = STRING_MD5SUM, .definition = STRING_DEFINITION};
    struct rosc_publisher *publisher = NULL;
    int status = 0;
    assert_int_equal(kill(master, SIGTERM), 0);
    assert_int_equal(waitpid(master, &status, 0), master);
    master = 0;
    assert_false(rosc_master_check());
    assert_fails(rosc_publisher_create("gone", &options, &publisher, error), ROSC_ERROR_MASTER,
                 uri);
    rosc_shutdown();
}

int main(int argc, char **argv)
{
    rostest_report(argc, argv);
    const unsigned port = free_port();
    char remapping[80];
    char name[] = "test_rosc_master";
    char given[] = "_given:=2.5";
    (void)snprintf(port_text, sizeof port_text, "%u", port);
    (void)snprintf(uri, sizeof uri, "http://127.0.0.1:%u", port);
    (void)snprintf(remapping, sizeof remapping, "__master:=%s", uri);
    char *arguments[] = {name, remapping, given, NULL};
    int count = 3;
    struct rosc_error error = {ROSC_OK, ""};
    if (rosc_init(&count, arguments, "without_master", ROSC_INIT_NO_ROSOUT, &error) != ROSC_OK) {
        ROSC_LOG_FATAL("%s", error.text);
        return 1;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(starting_without_a_master_ends_in_time),
        cmocka_unit_test(parameters_without_a_master_are_an_error_of_the_master),
        cmocka_unit_test(a_master_that_comes_late_is_found),
        cmocka_unit_test(the_order_to_stop_leaves_time_to_flush),
        cmocka_unit_test(a_master_that_goes_is_an_error_of_the_master),
    };
    const int failures = cmocka_run_group_tests_name("rosc_master", tests, NULL, NULL);
    if (master > 0) {
        (void)kill(master, SIGTERM);
        (void)waitpid(master, NULL, 0);
    }
    return failures;
}
