#include "support.h"
#include "test_rosc.h"

#include <stdatomic.h>
#include <string.h>

enum { messages = 2000 };

static struct {
    atomic_uint next;
    atomic_uint disordered;
    atomic_int inside;
    atomic_uint overlapped;
} ordered;

static void on_numbered(const struct rosc_message *message, void *user)
{
    (void)user;
    unsigned number = 0;
    if (atomic_fetch_add(&ordered.inside, 1) != 0)
        atomic_fetch_add(&ordered.overlapped, 1);
    memcpy(&number, message->data, sizeof number);
    if (atomic_fetch_add(&ordered.next, 1) != number)
        atomic_fetch_add(&ordered.disordered, 1);
    atomic_fetch_sub(&ordered.inside, 1);
}

static bool all_came(void *with)
{
    (void)with;
    return atomic_load(&ordered.next) >= messages;
}

void many_threads_keep_the_order_of_a_subscription(void **state)
{
    (void)state;
    struct rosc_queue *queue = NULL;
    struct rosc_spinner *spinner = NULL;
    struct rosc_subscription *subscription = NULL;
    struct rosc_publisher *publisher = string_publisher("numbers", false);
    assert_ok(rosc_queue_create(&queue, error));
    assert_ok(
        rosc_subscription_create(queue, "numbers", NULL, on_numbered, NULL, &subscription, error));
    assert_ok(rosc_spinner_create(queue, 4, &spinner, error));
    for (unsigned i = 0; i < messages; i++)
        assert_ok(rosc_publisher_publish(publisher, &i, sizeof i, error));
    serve_until(NULL, all_came, NULL, "all numbers");
    assert_int_equal(atomic_load(&ordered.next), messages);
    assert_int_equal(atomic_load(&ordered.disordered), 0);
    assert_int_equal(atomic_load(&ordered.overlapped), 0);
    rosc_spinner_destroy(spinner);
    rosc_subscription_destroy(subscription);
    rosc_publisher_destroy(publisher);
    rosc_queue_destroy(queue);
}

static struct {
    atomic_bool entered;
    atomic_bool left;
} slow;

static void on_slow(const struct rosc_message *message, void *user)
{
    (void)message;
    (void)user;
    atomic_store(&slow.entered, true);
    rosc_time_sleep(0.3);
    atomic_store(&slow.left, true);
}

static bool slow_entered(void *with)
{
    (void)with;
    return atomic_load(&slow.entered);
}

void destroy_waits_for_the_running_callback(void **state)
{
    (void)state;
    uint8_t bytes[260];
    struct rosc_queue *queue = NULL;
    struct rosc_spinner *spinner = NULL;
    struct rosc_subscription *subscription = NULL;
    struct rosc_publisher *publisher = string_publisher("slow", true);
    assert_ok(rosc_queue_create(&queue, error));
    assert_ok(rosc_spinner_create(queue, 2, &spinner, error));
    assert_ok(rosc_subscription_create(queue, "slow", NULL, on_slow, NULL, &subscription, error));
    assert_ok(rosc_publisher_publish(publisher, bytes, string_serialize("x", bytes), error));
    serve_until(NULL, slow_entered, NULL, "the slow callback");
    assert_false(atomic_load(&slow.left));
    rosc_subscription_destroy(subscription);
    assert_true(atomic_load(&slow.left));

    atomic_store(&slow.entered, false);
    atomic_store(&slow.left, false);
    assert_ok(rosc_subscription_create(queue, "slow", NULL, on_slow, NULL, &subscription, error));
    serve_until(NULL, slow_entered, NULL, "the slow callback, with the latched message");
    rosc_spinner_destroy(spinner);
    assert_true(atomic_load(&slow.left));
    rosc_subscription_destroy(subscription);
    rosc_publisher_destroy(publisher);
    rosc_queue_destroy(queue);
}

void spinners_refuse_bad_thread_counts(void **state)
{
    (void)state;
    struct rosc_spinner *spinner = NULL;
    assert_fails(rosc_spinner_create(NULL, 0, &spinner, error), ROSC_ERROR_ARGUMENT, "0 threads");
    assert_fails(rosc_spinner_create(NULL, 257, &spinner, error), ROSC_ERROR_ARGUMENT, "256");
    assert_fails(rosc_spinner_create(NULL, 1, NULL, error), ROSC_ERROR_ARGUMENT, "place");
    assert_ok(rosc_spinner_create(NULL, 1, &spinner, error));
    rosc_spinner_destroy(spinner);
}
