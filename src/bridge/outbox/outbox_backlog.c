/* The backlog: batches that wait on the disk alone. */
#include "bridge/outbox/outbox_private.h"

/* Records of the spool that cannot be sent any more. */
static void count_damaged(struct outbox *outbox, uint64_t records)
{
    counter_add(&outbox->restored->released, records);
    counter_add(&outbox->restored->dropped[DROP_DAMAGED], records);
}

/* What the spool could not read any more, in blocks that it set aside. */
void outbox_look_for_damage(struct outbox *outbox)
{
    struct spool_statistics statistics;
    spool_statistics(outbox->spool, &statistics);
    uint64_t lost = statistics.lost_records - outbox->lost_records;
    if (lost == 0)
        return;
    outbox->lost_records = statistics.lost_records;
    ROSC_LOG_ERROR("%s is damaged: %llu records are lost; what is damaged was set aside",
                   spool_path(outbox->spool), (unsigned long long)lost);
    count_damaged(outbox, lost);
}

/* How many batches wait on the disk alone, and behind which id. */
static uint64_t look_at_backlog(struct outbox *outbox, uint64_t *after)
{
    (void)pthread_mutex_lock(&outbox->mutex);
    uint64_t backlog = outbox->backlog;
    *after = outbox->last_id;
    (void)pthread_mutex_unlock(&outbox->mutex);
    return backlog;
}

/* That many batches of the backlog are on the disk alone no more; `last_id`: of the last. */
static void shorten_backlog(struct outbox *outbox, uint64_t batches, uint64_t last_id)
{
    (void)pthread_mutex_lock(&outbox->mutex);
    outbox->last_id = last_id;
    outbox->backlog -= batches;
    (void)pthread_mutex_unlock(&outbox->mutex);
}

/* Makes the items of a batch that was read, and counts what is lost of it. ERROR_MEMORY. */
static enum error_code restore(struct outbox *outbox, struct batch *batch)
{
    uint32_t lost;
    if (outbox_restore(outbox, batch, &lost) != ERROR_NONE)
        return ERROR_MEMORY;
    if (lost == 0)
        return ERROR_NONE;
    ROSC_LOG_ERROR("%s: %u records of block %llu are lost: nothing is known of their origin",
                   spool_path(outbox->spool), lost, (unsigned long long)batch->block.id);
    count_damaged(outbox, lost);
    return ERROR_NONE;
}

/* With `reading` held: reads the oldest batch that waits on the disk into memory, where it stays
 * part of the backlog. ERROR_MISSING: none waits; ERROR_SYNTAX: it is damaged, go on with the next;
 * ERROR_IO, ERROR_MEMORY. */
static enum error_code read_back(struct outbox *outbox, struct batch **batch, struct error *error)
{
    uint64_t after;
    uint64_t backlog = look_at_backlog(outbox, &after);
    if (backlog == 0)
        return error_set(error, ERROR_MISSING, "", 0, "nothing waits");
    struct batch *made = batch_pool_take(&outbox->pool, 0);
    if (!made)
        return error_set(error, ERROR_MEMORY, "", 0, "out of memory");
    enum error_code code = spool_read(outbox->spool, after, &made->block, error);
    if (code == ERROR_NONE && restore(outbox, made) != ERROR_NONE)
        code = error_set(error, ERROR_MEMORY, "", 0, "out of memory");
    if (code == ERROR_NONE) {
        *batch = made;
        return ERROR_NONE;
    }
    if (code == ERROR_SYNTAX)
        shorten_backlog(outbox, 1, made->block.id);
    else if (code == ERROR_MISSING) /* the spool has lost them; others may have come since */
        shorten_backlog(outbox, backlog, after);
    outbox_recycle(outbox, made);
    return code;
}

/* The oldest batch in memory that nobody has in hand; NULL: none is below `before`. With the mutex.
 */
static struct batch *oldest_in_memory(const struct outbox *outbox, uint64_t before)
{
    struct batch *batch = outbox->first;
    while (batch && outbox_is_in_hand(batch))
        batch = batch->next;
    return batch && batch->block.id < before ? batch : NULL;
}

/* The oldest batch that nobody has in hand, parked or in memory, out of there; NULL: none is below
 * `before`. With `reading`. */
static struct batch *take_oldest(struct outbox *outbox, uint64_t before)
{
    (void)pthread_mutex_lock(&outbox->mutex);
    struct batch *batch = oldest_in_memory(outbox, before);
    struct batch *parked = outbox_unpark_oldest(outbox, batch ? batch->block.id : before);
    if (!parked) {
        batch = oldest_in_memory(outbox, before); /* the mutex was given up */
        if (batch)
            outbox_unlink(outbox, batch);
    }
    (void)pthread_mutex_unlock(&outbox->mutex);
    return parked ? parked : batch;
}

bool outbox_drop_oldest(struct outbox *outbox, uint64_t before)
{
    struct error error;
    (void)pthread_mutex_lock(&outbox->reading); /* what is older may be on its way to memory */
    struct batch *batch = take_oldest(outbox, before);
    if (!batch && before == UINT64_MAX && read_back(outbox, &batch, &error) == ERROR_NONE)
        shorten_backlog(outbox, 1, batch->block.id);
    if (batch) {
        outbox_count_full(outbox, batch);
        if (batch->kept)
            spool_settle(outbox->spool, batch->block.id);
        outbox_recycle(outbox, batch);
    }
    (void)pthread_mutex_unlock(&outbox->reading);
    return batch != NULL;
}

/* Whether the oldest of the disk comes next. It may have been dropped, and newer ones put into
 * memory, since that was asked; with `reading` held it stays so. */
static bool is_next(struct outbox *outbox)
{
    (void)pthread_mutex_lock(&outbox->mutex);
    bool next = !outbox->cursor && outbox->backlog > 0;
    (void)pthread_mutex_unlock(&outbox->mutex);
    return next;
}

/* Reads a batch back from the spool; NULL where that was not possible. */
struct batch *outbox_load(struct outbox *outbox)
{
    struct error error;
    struct batch *batch = NULL;
    enum error_code code;
    (void)pthread_mutex_lock(&outbox->reading);
    do
        code = is_next(outbox) ? read_back(outbox, &batch, &error) : ERROR_MISSING;
    while (code == ERROR_SYNTAX);
    if (code == ERROR_NONE) {
        (void)pthread_mutex_lock(&outbox->mutex);
        outbox_push(outbox, batch);
        (void)atomic_fetch_add(&batch->unsettled, 1); /* also where all of it is lost */
        outbox->backlog--;
        (void)pthread_mutex_unlock(&outbox->mutex);
    } else if (code != ERROR_MISSING &&
               rosc_throttle_pass(&outbox->read_log, OUTBOX_LOG_SECONDS, NULL)) {
        ROSC_LOG_ERROR("%s; trying again", error.text);
    }
    (void)pthread_mutex_unlock(&outbox->reading);
    return batch;
}
