#include "support.h"
#include "test_rosc.h"

#include <stdio.h>

static bool on_trigger(char *message, size_t size, void *user)
{
    ++*(int *)user;
    (void)snprintf(message, size, "%s", "pulled");
    return true;
}

static bool on_set_bool(bool data, char *message, size_t size, void *user)
{
    ++*(int *)user;
    (void)snprintf(message, size, "%s", data ? "on" : "off");
    return false;
}

static void on_empty(void *user)
{
    ++*(int *)user;
}

void services_of_a_peer_are_called(void **state)
{
    (void)state;
    bool success = false;
    char message[64] = "";
    char small[5] = "";
    assert_ok(rosc_call_empty("/peer/empty_service", 10, error));
    assert_ok(rosc_call_trigger("/peer/trigger", 10, &success, message, sizeof message, error));
    assert_true(success);
    assert_string_equal(message, "triggered");
    assert_ok(rosc_call_trigger("/peer/trigger", 0, NULL, small, sizeof small, error));
    assert_string_equal(small, "trig");
    assert_ok(
        rosc_call_set_bool("/peer/set_bool", 10, true, &success, message, sizeof message, error));
    assert_false(success);
    assert_string_equal(message, "got True");
}

void a_peer_calls_our_services(void **state)
{
    (void)state;
    int calls = 0;
    bool success = false;
    char message[64] = "";
    struct rosc_queue *queue = NULL;
    struct rosc_spinner *spinner = NULL;
    struct rosc_service *empty = NULL;
    struct rosc_service *trigger = NULL;
    struct rosc_service *set_bool = NULL;
    struct rosc_service *again = NULL;
    assert_ok(rosc_queue_create(&queue, error));
    assert_ok(rosc_spinner_create(queue, 1, &spinner, error));
    assert_ok(rosc_service_create_empty(queue, "empty", on_empty, &calls, &empty, error));
    assert_ok(rosc_service_create_trigger(queue, "trigger", on_trigger, &calls, &trigger, error));
    assert_ok(
        rosc_service_create_set_bool(queue, "set_bool", on_set_bool, &calls, &set_bool, error));
    assert_fails(rosc_service_create_empty(queue, "empty", on_empty, NULL, &again, error),
                 ROSC_ERROR_TYPE, "/robot/empty");
    assert_ok(rosc_call_trigger("/peer/call_tested", 10, &success, message, sizeof message, error));
    assert_true(success);
    assert_string_equal(message, "1 pulled 0 on");
    assert_int_equal(calls, 3);
    rosc_service_destroy(empty);
    rosc_service_destroy(trigger);
    rosc_service_destroy(set_bool);
    assert_fails(rosc_call_empty("empty", 0, error), ROSC_ERROR_NOT_FOUND, "/robot/empty");
    rosc_spinner_destroy(spinner);
    rosc_queue_destroy(queue);
}

void failing_missing_and_mistyped_services_are_told_apart(void **state)
{
    (void)state;
    struct rosc_service *service = NULL;
    const int64_t begin = rosc_time_steady();
    assert_fails(rosc_call_trigger("/peer/failing", 10, NULL, NULL, 0, error), ROSC_ERROR_CALL,
                 "/peer/failing");
    assert_fails(rosc_call_empty("nowhere", 0.2, error), ROSC_ERROR_NOT_FOUND, "/robot/nowhere");
    assert_true(rosc_time_steady() - begin >= 200000000);
    assert_fails(rosc_call_empty("/peer/trigger", 10, error), ROSC_ERROR_TYPE, "std_srvs/Trigger");
    assert_fails(rosc_call_empty("a b", 0, error), ROSC_ERROR_NAME, "' '");
    assert_fails(rosc_service_create_empty(NULL, "1", on_empty, NULL, &service, error),
                 ROSC_ERROR_NAME, "'1'");
    assert_fails(rosc_service_create_empty(NULL, "a", NULL, NULL, &service, error),
                 ROSC_ERROR_ARGUMENT, "callback");
}
