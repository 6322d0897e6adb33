#include "bridge/outbox/outbox_private.h"

#include <rosc/time.h>
#include <stdlib.h>

static void init_conditions(struct outbox *outbox)
{
    pthread_condattr_t attributes;
    (void)pthread_condattr_init(&attributes);
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&outbox->filled, &attributes);
    (void)pthread_cond_init(&outbox->settled, &attributes);
    (void)pthread_condattr_destroy(&attributes);
    (void)pthread_mutex_init(&outbox->mutex, NULL);
    (void)pthread_mutex_init(&outbox->reading, NULL);
    batch_pool_init(&outbox->pool);
}

enum error_code outbox_create(const struct outbox_options *options, struct outbox **outbox)
{
    struct outbox *made = calloc(1, sizeof *made);
    if (!made)
        return ERROR_MEMORY;
    made->config = options->config;
    made->spool = options->spool;
    made->origins = options->origins;
    made->restored = options->restored;
    made->backlog = options->restored_batches;
    made->walk = UINT64_MAX;
    made->first_id = spool_next_id(options->spool);
    struct spool_statistics statistics;
    spool_statistics(options->spool, &statistics);
    made->lost_records = statistics.lost_records; /* told by who opened it */
    init_conditions(made);
    *outbox = made;
    return ERROR_NONE;
}

void outbox_destroy(struct outbox *outbox)
{
    if (!outbox)
        return;
    while (outbox->first) {
        struct batch *batch = outbox->first;
        outbox->first = batch->next;
        batch_destroy(batch);
    }
    outbox_free_parts(outbox);
    batch_pool_fini(&outbox->pool);
    (void)pthread_mutex_destroy(&outbox->mutex);
    (void)pthread_mutex_destroy(&outbox->reading);
    (void)pthread_cond_destroy(&outbox->filled);
    (void)pthread_cond_destroy(&outbox->settled);
    free(outbox);
}

struct batch *outbox_begin(struct outbox *outbox)
{
    return batch_pool_take(&outbox->pool, 0);
}

/* With the mutex held. */
static bool has_room(const struct outbox *outbox, const struct batch *batch)
{
    return outbox->backlog == 0 && (!outbox->first || outbox->bytes + batch_charge(batch) <=
                                                          outbox->config->in_flight_max_bytes);
}

bool outbox_pass(struct outbox *outbox, struct batch *batch)
{
    if (!has_room(outbox, batch))
        return false;
    outbox_push(outbox, batch);
    if (!outbox->cursor)
        outbox->cursor = batch;
    (void)pthread_cond_signal(&outbox->filled);
    return true;
}

/* What is loaded in its turn needs room besides what was put behind it. With the mutex. */
static bool is_crowded(const struct outbox *outbox)
{
    return outbox->bytes >= 2 * outbox->config->in_flight_max_bytes;
}

/* The next batch, held; NULL: there is none, or it cannot be sent now. With the mutex, which it
 * gives up meanwhile. */
static struct batch *take_next(struct outbox *outbox)
{
    struct batch *batch;
    do {
        if (outbox->walk != UINT64_MAX && is_crowded(outbox))
            return NULL; /* what waits comes before */
        if (!outbox_take_parked(outbox, &batch) || batch)
            return batch;
        batch = outbox->cursor;
        if (batch)
            outbox->cursor = batch->next;
        /* Where those that were sent are gone through again, their reports may come just now. */
    } while (batch && !batch_hold(batch));
    if (!batch && outbox->backlog > 0 && outbox->bytes < outbox->config->in_flight_max_bytes) {
        (void)pthread_mutex_unlock(&outbox->mutex);
        batch = outbox_load(outbox);
        (void)pthread_mutex_lock(&outbox->mutex);
    }
    return batch;
}

struct batch *outbox_take(struct outbox *outbox, int timeout_ms)
{
    int64_t until = outbox_in_ms(timeout_ms);
    struct batch *batch;
    (void)pthread_mutex_lock(&outbox->mutex);
    do
        batch = take_next(outbox);
    while (!batch && outbox_wait(outbox, &outbox->filled, until));
    (void)pthread_mutex_unlock(&outbox->mutex);
    return batch;
}

void outbox_wake(struct outbox *outbox)
{
    (void)pthread_mutex_lock(&outbox->mutex);
    (void)pthread_cond_signal(&outbox->filled);
    (void)pthread_mutex_unlock(&outbox->mutex);
}

static void call_back(struct batch *batch)
{
    for (uint32_t i = 0; i < batch->block.count; i++)
        (void)atomic_fetch_and(&batch->items[i].state, (unsigned char)~ITEM_SENT);
}

void outbox_rewind(struct outbox *outbox)
{
    (void)pthread_mutex_lock(&outbox->mutex);
    for (struct batch *batch = outbox->first; batch; batch = batch->next)
        call_back(batch);
    outbox->cursor = outbox->first;
    (void)pthread_cond_signal(&outbox->settled);
    (void)pthread_mutex_unlock(&outbox->mutex);
}

bool outbox_is_idle(struct outbox *outbox)
{
    (void)pthread_mutex_lock(&outbox->mutex);
    bool idle = !outbox->cursor && outbox->backlog == 0 &&
                (outbox->walk == UINT64_MAX || outbox->parked == 0);
    (void)pthread_mutex_unlock(&outbox->mutex);
    return idle;
}

void outbox_on_recall(struct outbox *outbox, outbox_recall recall, void *user)
{
    (void)pthread_mutex_lock(&outbox->mutex);
    outbox->recall = recall;
    outbox->recall_user = user;
    (void)pthread_mutex_unlock(&outbox->mutex);
}

void outbox_settle(struct outbox *outbox, struct batch *batch)
{
    (void)pthread_mutex_lock(&outbox->mutex);
    outbox_unlink(outbox, batch);
    outbox->settles++;
    if (batch->pinned) {
        batch->gone = true;
    } else {
        if (batch->kept)
            spool_settle(outbox->spool, batch->block.id);
        outbox_recycle(outbox, batch);
    }
    (void)pthread_cond_signal(&outbox->settled);
    if (outbox->backlog > 0 || outbox->parked > 0)
        (void)pthread_cond_signal(&outbox->filled);
    (void)pthread_mutex_unlock(&outbox->mutex);
}

bool outbox_is_empty(struct outbox *outbox)
{
    (void)pthread_mutex_lock(&outbox->mutex);
    bool empty = !outbox->first && outbox->backlog == 0 && outbox->parked == 0;
    (void)pthread_mutex_unlock(&outbox->mutex);
    return empty;
}

size_t outbox_bytes(struct outbox *outbox)
{
    (void)pthread_mutex_lock(&outbox->mutex);
    size_t bytes = outbox->bytes;
    (void)pthread_mutex_unlock(&outbox->mutex);
    return bytes;
}

/* The end: what is not settled stays in the spool. */
void outbox_close(struct outbox *outbox)
{
    bool spooled = outbox->config->spool.durability != DURABILITY_NONE;
    for (struct batch *batch = outbox->first; batch; batch = batch->next) {
        if (spooled || batch->kept)
            outbox_leave_in_spool(outbox, batch);
        else
            outbox_count_not_delivered(outbox, batch);
    }
    outbox_close_parked(outbox);
}
