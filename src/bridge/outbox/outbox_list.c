/* The batches in memory, in their order, and how long to wait for a change. */
#include "bridge/outbox/outbox_private.h"

#include <errno.h>
#include <rosc/time.h>
#include <time.h>

bool outbox_wait(struct outbox *outbox, pthread_cond_t *condition, int64_t until)
{
    struct timespec time = {.tv_sec = (time_t)(until / 1000000000),
                            .tv_nsec = (long)(until % 1000000000)};
    return pthread_cond_timedwait(condition, &outbox->mutex, &time) != ETIMEDOUT;
}

int64_t outbox_in_ms(int timeout_ms)
{
    return rosc_time_steady() + (int64_t)timeout_ms * 1000000;
}

void outbox_recycle(struct outbox *outbox, struct batch *batch)
{
    batch_pool_give(&outbox->pool, batch);
}

void outbox_push(struct outbox *outbox, struct batch *batch)
{
    batch->previous = outbox->last;
    batch->next = NULL;
    if (outbox->last)
        outbox->last->next = batch;
    else
        outbox->first = batch;
    outbox->last = batch;
    outbox->bytes += batch_charge(batch);
    outbox->last_id = batch->block.id;
    batch->since = rosc_time_steady();
}

bool outbox_is_in_hand(struct batch *batch)
{
    uint32_t left = 0;
    for (uint32_t i = 0; i < batch->block.count; i++) {
        unsigned state = atomic_load(&batch->items[i].state);
        if (state & ITEM_SETTLED)
            continue;
        if (state & ITEM_SENT)
            return true;
        left++;
    }
    return left == 0 || atomic_load(&batch->unsettled) != left; /* 0: it is about to go */
}

void outbox_unlink(struct outbox *outbox, struct batch *batch)
{
    if (batch->previous)
        batch->previous->next = batch->next;
    else
        outbox->first = batch->next;
    if (batch->next)
        batch->next->previous = batch->previous;
    else
        outbox->last = batch->previous;
    if (outbox->cursor == batch)
        outbox->cursor = batch->next;
    outbox->bytes -= batch_charge(batch);
}

enum error_code outbox_restore(struct outbox *outbox, struct batch *batch, uint32_t *lost)
{
    *lost = 0;
    batch->restored = batch->block.id < outbox->first_id;
    batch->kept = true;
    if (batch_restore(batch, outbox->origins, lost) != ERROR_NONE)
        return ERROR_MEMORY;
    for (uint32_t i = 0; i < batch->block.count; i++)
        (void)atomic_fetch_or(&batch->items[i].state, ITEM_KEPT);
    return ERROR_NONE;
}
