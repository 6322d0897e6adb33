#include "bridge/to_kafka/queue.h"

#include "base/buffer.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

/* What stands before a message's bytes; both are padded to its alignment. */
struct slot {
    void *owner;
    void *note;
    int64_t receipt;
    size_t size;
};

struct queue {
    pthread_mutex_t mutex;
    pthread_cond_t filled;
    size_t max_bytes;
    size_t bytes; /* of all entries not yet done with; guarded by the mutex */
    bool closed;
    struct buffer incoming; /* guarded by the mutex */
    struct buffer outgoing; /* the taker's */
    size_t position;        /* of the next entry in outgoing */
    size_t taken;           /* bytes of the entry that the taker holds now */
};

static size_t slot_bytes(size_t size)
{
    size_t alignment = _Alignof(struct slot);
    return sizeof(struct slot) + (size + alignment - 1) / alignment * alignment;
}

enum error_code queue_create(size_t max_bytes, struct queue **queue)
{
    struct queue *made = calloc(1, sizeof *made);
    if (!made)
        return ERROR_MEMORY;
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_mutex_init(&made->mutex, NULL);
    pthread_cond_init(&made->filled, &attributes);
    pthread_condattr_destroy(&attributes);
    made->max_bytes = max_bytes;
    buffer_init(&made->incoming, max_bytes);
    buffer_init(&made->outgoing, max_bytes);
    *queue = made;
    return ERROR_NONE;
}

void queue_destroy(struct queue *queue)
{
    if (!queue)
        return;
    buffer_fini(&queue->incoming);
    buffer_fini(&queue->outgoing);
    pthread_cond_destroy(&queue->filled);
    pthread_mutex_destroy(&queue->mutex);
    free(queue);
}

enum error_code queue_push(struct queue *queue, const struct queue_entry *entry)
{
    size_t size = entry->size;
    if (size > queue->max_bytes || slot_bytes(size) > queue->max_bytes)
        return ERROR_LIMIT;
    size_t needed = slot_bytes(size);
    pthread_mutex_lock(&queue->mutex);
    enum error_code code = ERROR_FULL;
    if (needed <= queue->max_bytes - queue->bytes)
        code = buffer_reserve(&queue->incoming, needed);
    if (code == ERROR_NONE) {
        struct buffer *incoming = &queue->incoming;
        struct slot slot = {
            .owner = entry->owner, .note = entry->note, .receipt = entry->receipt, .size = size};
        bool was_empty = incoming->length == 0;
        memcpy(incoming->data + incoming->length, &slot, sizeof slot);
        if (size > 0)
            memcpy(incoming->data + incoming->length + sizeof slot, entry->data, size);
        incoming->length += needed;
        queue->bytes += needed;
        if (was_empty)
            pthread_cond_signal(&queue->filled);
    }
    pthread_mutex_unlock(&queue->mutex);
    return code;
}

static struct timespec deadline_in(int timeout_ms)
{
    struct timespec deadline;
    clock_gettime(CLOCK_MONOTONIC, &deadline);
    deadline.tv_sec += timeout_ms / 1000;
    deadline.tv_nsec += (long)(timeout_ms % 1000) * 1000000;
    if (deadline.tv_nsec >= 1000000000) {
        deadline.tv_sec++;
        deadline.tv_nsec -= 1000000000;
    }
    return deadline;
}

/* With the mutex held: waits for something to come in and makes it the outgoing buffer. */
static bool refill(struct queue *queue, int timeout_ms)
{
    struct timespec deadline = deadline_in(timeout_ms);
    while (timeout_ms > 0 && queue->incoming.length == 0 && !queue->closed)
        if (pthread_cond_timedwait(&queue->filled, &queue->mutex, &deadline) == ETIMEDOUT)
            break;
    if (queue->incoming.length == 0)
        return false;
    struct buffer emptied = queue->outgoing;
    queue->outgoing = queue->incoming;
    queue->incoming = emptied;
    buffer_clear(&queue->incoming);
    queue->position = 0;
    return true;
}

bool queue_take(struct queue *queue, int timeout_ms, struct queue_entry *entry)
{
    pthread_mutex_lock(&queue->mutex);
    queue->bytes -= queue->taken;
    queue->taken = 0;
    bool there = queue->position < queue->outgoing.length || refill(queue, timeout_ms);
    pthread_mutex_unlock(&queue->mutex);
    if (!there)
        return false;

    struct slot slot;
    const char *at = queue->outgoing.data + queue->position;
    memcpy(&slot, at, sizeof slot);
    *entry = (struct queue_entry){.owner = slot.owner,
                                  .note = slot.note,
                                  .receipt = slot.receipt,
                                  .data = (const uint8_t *)at + sizeof slot,
                                  .size = slot.size};
    queue->taken = slot_bytes(slot.size);
    queue->position += queue->taken;
    return true;
}

void queue_close(struct queue *queue)
{
    pthread_mutex_lock(&queue->mutex);
    queue->closed = true;
    pthread_cond_broadcast(&queue->filled);
    pthread_mutex_unlock(&queue->mutex);
}

size_t queue_bytes(struct queue *queue)
{
    pthread_mutex_lock(&queue->mutex);
    size_t bytes = queue->bytes;
    pthread_mutex_unlock(&queue->mutex);
    return bytes;
}
