/* The bounded queue between ROS callbacks and the writer: message bytes, copied once.
 *
 * Two buffers: callbacks append to one while the writer works through the other; they change
 * places when it is done, so the lock is held for one copy and nothing is allocated once the
 * buffers have grown. Push from any thread; take and done from one.
 */
#ifndef KAFKA_BRIDGE_BRIDGE_TO_KAFKA_QUEUE_H
#define KAFKA_BRIDGE_BRIDGE_TO_KAFKA_QUEUE_H

#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>

struct queue;

/* A message in the queue; `owner` and `note` are whatever was pushed with it. */
struct queue_entry {
    void *owner;
    void *note;
    int64_t receipt; /* nanoseconds since the epoch */
    const uint8_t *data;
    size_t size;
};

/* Holds at most `max_bytes` of entries that wait, bookkeeping included. ERROR_MEMORY. */
enum error_code queue_create(size_t max_bytes, struct queue **queue) MUST_CHECK;
void queue_destroy(struct queue *queue);

/* Copies the message in. ERROR_FULL: no room, nothing was taken; ERROR_LIMIT: larger than the whole
 * queue; ERROR_MEMORY. */
enum error_code queue_push(struct queue *queue, const struct queue_entry *entry) MUST_CHECK;

/* The oldest entry, waiting for it up to `timeout_ms`; false where none came, or the queue is
 * closed and empty. The entry stays valid, and counts as waiting, until the next call. */
bool queue_take(struct queue *queue, int timeout_ms, struct queue_entry *entry);

/* Wakes a waiting taker; from now on it does not wait for more. */
void queue_close(struct queue *queue);

/* Bytes that wait now. Any thread. */
size_t queue_bytes(struct queue *queue);

#endif
