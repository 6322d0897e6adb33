/* The queue between ROS callbacks and the encoder. */
#include "test_support.h"

#include "bridge/to_kafka/queue.h"

#include <pthread.h>
#include <string.h>

static enum error_code push(struct queue *queue, void *owner, int64_t receipt, const uint8_t *data,
                            size_t size)
{
    const struct queue_entry entry = {
        .owner = owner, .receipt = receipt, .data = data, .size = size};
    return queue_push(queue, &entry);
}

static struct queue *make(size_t max_bytes)
{
    struct queue *queue = NULL;
    assert_int_equal(queue_create(max_bytes, &queue), ERROR_NONE);
    return queue;
}

static void messages_keep_order_bytes_and_owner(void **state)
{
    (void)state;
    struct queue *queue = make(1 << 16);
    struct queue_entry entry;
    int owners[3];
    assert_int_equal(push(queue, &owners[0], 1, (const uint8_t *)"abc", 3), ERROR_NONE);
    assert_int_equal(push(queue, &owners[1], 2, NULL, 0), ERROR_NONE);
    assert_true(queue_take(queue, 0, &entry));
    assert_ptr_equal(entry.owner, &owners[0]);
    assert_int_equal(entry.receipt, 1);
    assert_int_equal(entry.size, 3);
    assert_memory_equal(entry.data, "abc", 3);
    assert_int_equal(push(queue, &owners[2], 3, (const uint8_t *)"z", 1), ERROR_NONE);
    assert_true(queue_take(queue, 0, &entry));
    assert_ptr_equal(entry.owner, &owners[1]);
    assert_int_equal(entry.size, 0);
    assert_true(queue_take(queue, 0, &entry));
    assert_ptr_equal(entry.owner, &owners[2]);
    assert_false(queue_take(queue, 0, &entry));
    assert_int_equal(queue_bytes(queue), 0);
    queue_destroy(queue);
}

static void a_full_queue_refuses_and_recovers(void **state)
{
    (void)state;
    struct queue *queue = make(1024);
    const uint8_t bytes[300] = {0};
    struct queue_entry entry;
    int taken = 0;
    while (push(queue, NULL, taken, bytes, sizeof bytes) == ERROR_NONE)
        taken++;
    assert_int_equal(taken, 3);
    assert_int_equal(push(queue, NULL, 0, bytes, sizeof bytes), ERROR_FULL);
    assert_true(queue_take(queue, 0, &entry));
    assert_int_equal(push(queue, NULL, 0, bytes, sizeof bytes), ERROR_FULL);
    assert_true(queue_take(queue, 0, &entry)); /* done with the first */
    assert_int_equal(entry.receipt, 1);
    assert_int_equal(push(queue, NULL, 3, bytes, sizeof bytes), ERROR_NONE);
    assert_int_equal(push(queue, NULL, 0, bytes, 2000), ERROR_LIMIT);
    assert_int_equal(push(queue, NULL, 0, bytes, SIZE_MAX - 4), ERROR_LIMIT);
    queue_destroy(queue);
}

static void a_closed_queue_is_emptied_without_waiting(void **state)
{
    (void)state;
    struct queue *queue = make(1024);
    struct queue_entry entry;
    assert_int_equal(push(queue, NULL, 7, NULL, 0), ERROR_NONE);
    queue_close(queue);
    assert_true(queue_take(queue, 60000, &entry));
    assert_false(queue_take(queue, 60000, &entry));
    queue_destroy(queue);
}

enum { MESSAGES = 200000 };

static void *push_all(void *user)
{
    struct queue *queue = user;
    for (uint32_t i = 0; i < MESSAGES;) {
        uint8_t bytes[64];
        memset(bytes, (int)(i & 0xff), sizeof bytes);
        if (push(queue, NULL, i, bytes, i % sizeof bytes) == ERROR_NONE)
            i++;
    }
    queue_close(queue);
    return NULL;
}

static void nothing_is_lost_between_two_threads(void **state)
{
    (void)state;
    struct queue *queue = make(8192);
    pthread_t pusher;
    assert_int_equal(pthread_create(&pusher, NULL, push_all, queue), 0);
    struct queue_entry entry;
    uint32_t next = 0;
    while (next < MESSAGES) {
        if (!queue_take(queue, 1000, &entry))
            continue;
        assert_int_equal(entry.receipt, next);
        assert_int_equal(entry.size, next % 64);
        for (size_t i = 0; i < entry.size; i++)
            assert_int_equal(entry.data[i], next & 0xff);
        next++;
    }
    assert_int_equal(pthread_join(pusher, NULL), 0);
    assert_false(queue_take(queue, 0, &entry));
    queue_destroy(queue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_keep_order_bytes_and_owner),
        cmocka_unit_test(a_full_queue_refuses_and_recovers),
        cmocka_unit_test(a_closed_queue_is_emptied_without_waiting),
        cmocka_unit_test(nothing_is_lost_between_two_threads),
    };
    return cmocka_run_group_tests_name("queue", tests, NULL, NULL);
}
