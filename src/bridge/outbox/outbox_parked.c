/* Parked batches: all that is left of them waits for closed gates, so they are on the disk alone,
 * in their places among those that were taken. The sender's thread, save that the writer drops the
 * oldest, and makes them smaller by what is settled of them.
 */
#include "bridge/outbox/outbox_private.h"

#include <rosc/time.h>

#define SHRINK_PAUSE INT64_C(1000000000) /* ns, where the disk does not take what is left */

void outbox_park(struct outbox *outbox, bool (*wants)(struct batch *batch, void *user), void *user)
{
    (void)pthread_mutex_lock(&outbox->mutex);
    bool crowded = outbox->bytes > outbox->config->in_flight_max_bytes / 2;
    for (struct batch *batch = outbox->first, *next; crowded && batch && batch != outbox->cursor;
         batch = next) {
        next = batch->next;
        /* `kept` is written while it is pinned, without the mutex. */
        if (batch->pinned || !batch->kept || !wants(batch, user) ||
            !outbox_remember_part(outbox, batch))
            continue;
        outbox_unlink(outbox, batch);
        if (outbox->parked++ == 0 || batch->block.id < outbox->parked_first)
            outbox->parked_first = batch->block.id;
        if (batch->block.id > outbox->parked_last)
            outbox->parked_last = batch->block.id;
        outbox_recycle(outbox, batch);
    }
    if (outbox->backlog > 0)
        (void)pthread_cond_signal(&outbox->filled);
    (void)pthread_mutex_unlock(&outbox->mutex);
}

/* Puts the batch into its place in memory. With the mutex. */
static void put_back(struct outbox *outbox, struct batch *batch)
{
    struct batch *next = outbox->first;
    while (next && next->block.id < batch->block.id)
        next = next->next;
    struct batch *previous = next ? next->previous : outbox->last;
    batch->next = next;
    batch->previous = previous;
    if (previous)
        previous->next = batch;
    else
        outbox->first = batch;
    if (next)
        next->previous = batch;
    else
        outbox->last = batch;
    outbox->bytes += batch_charge(batch);
    batch->since = rosc_time_steady();
    outbox->parked--;
    outbox_forget_part(outbox, batch->block.id);
}

/* The first batch in memory with an id above `after`. With the mutex. */
static struct batch *first_after(const struct outbox *outbox, uint64_t after)
{
    struct batch *batch = outbox->first;
    while (batch && batch->block.id <= after)
        batch = batch->next;
    return batch;
}

static bool is_in_memory(const struct outbox *outbox, uint64_t id)
{
    const struct batch *batch = first_after(outbox, id - 1);
    return batch && batch->block.id == id;
}

/* The last id from `after` on below which all behind it are in memory. With the mutex. */
static uint64_t skip_memory(const struct outbox *outbox, uint64_t after)
{
    for (const struct batch *batch = first_after(outbox, after);
         batch && batch->block.id == after + 1; batch = batch->next)
        after++;
    return after;
}

/* Takes both locks, where the mutex is held: nothing that is parked comes to memory, and none of it
 * is dropped, until the caller gives `reading` back. */
static void hold_parked(struct outbox *outbox)
{
    (void)pthread_mutex_unlock(&outbox->mutex);
    (void)pthread_mutex_lock(&outbox->reading);
    (void)pthread_mutex_lock(&outbox->mutex);
}

/* The next batch of the disk with an id above `after`, in memory or not. As spool_read. */
static enum error_code read_next(struct outbox *outbox, uint64_t after, struct batch *batch,
                                 struct error *error)
{
    uint32_t lost; /* was counted when it came to memory first */
    enum error_code code = spool_read(outbox->spool, after, &batch->block, error);
    if (code == ERROR_NONE && outbox_restore(outbox, batch, &lost) != ERROR_NONE)
        code = error_set(error, ERROR_MEMORY, "", 0, "out of memory");
    return code;
}

/* It is damaged, and told elsewhere. With the mutex. */
static void forget_damaged(struct outbox *outbox, uint64_t id)
{
    if (id > outbox->parked_last || is_in_memory(outbox, id))
        return;
    outbox->parked--;
    outbox_forget_part(outbox, id);
}

/* The next parked batch with an id above `after`, with what is settled of it. ERROR_MISSING: there
 * is none; ERROR_MEMORY, or as spool_read: it cannot be read now, which is said. With both locks;
 * the mutex is given up meanwhile. */
static enum error_code read_parked(struct outbox *outbox, uint64_t after, struct batch **parked)
{
    struct error error;
    *parked = NULL;
    if (outbox->parked == 0)
        return ERROR_MISSING;
    struct batch *batch = batch_pool_take(&outbox->pool, 0);
    enum error_code code =
        batch ? ERROR_NONE : error_set(&error, ERROR_MEMORY, "", 0, "out of memory");
    while (code == ERROR_NONE) {
        after = skip_memory(outbox, after);
        if (outbox->parked == 0 || after >= outbox->parked_last) {
            code = ERROR_MISSING;
            break;
        }
        uint64_t settles = outbox->settles;
        (void)pthread_mutex_unlock(&outbox->mutex);
        code = read_next(outbox, after, batch, &error);
        (void)pthread_mutex_lock(&outbox->mutex);
        uint64_t id = batch->block.id;
        if (code == ERROR_SYNTAX) {
            forget_damaged(outbox, id);
            after = id;
            code = ERROR_NONE;
        } else if (code == ERROR_NONE && id > outbox->parked_last) {
            code = ERROR_MISSING;
        } else if (code == ERROR_NONE && is_in_memory(outbox, id)) {
            after = id;
        } else if (code == ERROR_NONE && settles == outbox->settles) {
            outbox_apply_part(outbox, batch);
            *parked = batch;
            return ERROR_NONE;
        } /* else it may have been in memory, and was settled: look again */
    }
    if (code != ERROR_MISSING && rosc_throttle_pass(&outbox->parked_log, OUTBOX_LOG_SECONDS, NULL))
        ROSC_LOG_ERROR("%s; trying again", error.text);
    if (batch)
        outbox_recycle(outbox, batch);
    return code;
}

bool outbox_take_parked(struct outbox *outbox, struct batch **batch)
{
    *batch = NULL;
    if (outbox->walk == UINT64_MAX || (outbox->cursor && outbox->cursor->block.id <= outbox->walk))
        return true;
    hold_parked(outbox);
    enum error_code code = read_parked(outbox, outbox->walk > 0 ? outbox->walk - 1 : 0, batch);
    if (code == ERROR_MISSING)
        outbox->walk = UINT64_MAX;
    if (*batch) {
        outbox->walk = (*batch)->block.id;
        if (outbox->cursor && outbox->cursor->block.id < outbox->walk) {
            outbox_recycle(outbox, *batch); /* its turn is after that */
            *batch = NULL;
        } else {
            put_back(outbox, *batch);
            (void)atomic_fetch_add(&(*batch)->unsettled, 1);
            outbox->walk++;
        }
    }
    (void)pthread_mutex_unlock(&outbox->reading);
    return code == ERROR_NONE || code == ERROR_MISSING;
}

struct batch *outbox_unpark_oldest(struct outbox *outbox, uint64_t before)
{
    if (outbox->parked == 0 || outbox->parked_first >= before)
        return NULL;
    struct batch *batch;
    if (read_parked(outbox, outbox->parked_first - 1, &batch) != ERROR_NONE)
        return NULL;
    outbox->parked_first = batch->block.id;
    if (outbox->parked_first >= before) {
        outbox_recycle(outbox, batch);
        return NULL;
    }
    if (--outbox->parked == 0)
        outbox->walk = UINT64_MAX;
    outbox_forget_part(outbox, batch->block.id);
    return batch;
}

/* The next batch above `after`, in memory or parked; `*is_parked`: it is the caller's. As
 * read_parked. With both locks; the mutex is given up meanwhile. */
static enum error_code next_of_all(struct outbox *outbox, uint64_t after, struct batch **next,
                                   bool *is_parked)
{
    struct batch *parked;
    enum error_code code = read_parked(outbox, after, &parked);
    *is_parked = false;
    *next = NULL;
    if (code != ERROR_NONE && code != ERROR_MISSING)
        return code;
    *next = first_after(outbox, after);
    *is_parked = parked && (!*next || parked->block.id < (*next)->block.id);
    if (*is_parked)
        *next = parked;
    else if (parked)
        outbox_recycle(outbox, parked);
    return *next ? ERROR_NONE : ERROR_MISSING;
}

/* The batch is back in memory out of its turn: where those of the disk are gone through, and it
 * would still have come, it is the next in memory. With the mutex. */
static void keep_turn(struct outbox *outbox, struct batch *batch)
{
    if (batch->block.id >= outbox->walk &&
        (!outbox->cursor || outbox->cursor->block.id > batch->block.id))
        outbox->cursor = batch;
}

enum error_code outbox_find(struct outbox *outbox, uint64_t from,
                            bool (*wants)(struct batch *batch, void *user), void *user,
                            struct batch **found)
{
    uint64_t after = from > 0 ? from - 1 : 0;
    bool is_parked, wanted = false;
    struct batch *batch;
    enum error_code code;
    (void)pthread_mutex_lock(&outbox->mutex);
    do {
        hold_parked(outbox);
        code = next_of_all(outbox, after, &batch, &is_parked);
        wanted = batch && wants(batch, user) && batch_hold(batch);
        if (batch)
            after = batch->block.id;
        if (wanted && is_parked) {
            put_back(outbox, batch);
            keep_turn(outbox, batch);
        } else if (batch && is_parked) {
            outbox_recycle(outbox, batch);
        }
        (void)pthread_mutex_unlock(&outbox->reading);
    } while (batch && !wanted);
    (void)pthread_mutex_unlock(&outbox->mutex);
    *found = wanted ? batch : NULL;
    return code;
}

static bool is_untouched(const struct batch *batch)
{
    for (uint32_t i = 0; i < batch->block.count; i++)
        if (atomic_load(&batch->items[i].state) & (ITEM_SENT | ITEM_SETTLED))
            return false;
    return !batch->pinned && batch->kept && atomic_load(&batch->unsettled) == batch->block.count;
}

/* What was put into memory behind the cursor and is on the disk too goes from memory, for what
 * waits before it. With the mutex. */
static void make_room(struct outbox *outbox)
{
    while (outbox->bytes > outbox->config->in_flight_max_bytes / 2 && outbox->cursor &&
           outbox->last != outbox->cursor && outbox->last->block.id > outbox->parked_last &&
           is_untouched(outbox->last)) {
        struct batch *batch = outbox->last;
        outbox_unlink(outbox, batch);
        outbox->backlog++;
        outbox->last_id = batch->block.id - 1;
        outbox_recycle(outbox, batch);
    }
}

void outbox_resume(struct outbox *outbox, uint64_t from)
{
    (void)pthread_mutex_lock(&outbox->mutex);
    make_room(outbox);
    struct batch *batch = outbox->first;
    while (batch && batch != outbox->cursor && batch->block.id < from)
        batch = batch->next;
    outbox->cursor = batch;
    if (outbox->parked > 0 && from < outbox->walk)
        outbox->walk = from;
    (void)pthread_mutex_unlock(&outbox->mutex);
}

void outbox_shrink_parked(struct outbox *outbox)
{
    struct error error;
    (void)pthread_mutex_lock(&outbox->mutex);
    if (outbox_part_to_shrink(outbox) == 0 || rosc_time_steady() < outbox->shrink_at) {
        (void)pthread_mutex_unlock(&outbox->mutex);
        return;
    }
    hold_parked(outbox);
    uint64_t id = outbox_part_to_shrink(outbox); /* the mutex was given up */
    struct batch *batch = NULL;
    if (id > 0 && read_parked(outbox, id - 1, &batch) == ERROR_NONE && batch->block.id == id &&
        outbox_count_left(batch) > 0 && outbox_keep_rest(outbox, batch, &error) == ERROR_NONE)
        outbox_forget_part(outbox, id);
    else
        outbox->shrink_at = rosc_time_steady() + SHRINK_PAUSE;
    if (batch)
        outbox_recycle(outbox, batch);
    (void)pthread_mutex_unlock(&outbox->reading);
    (void)pthread_mutex_unlock(&outbox->mutex);
}

void outbox_close_parked(struct outbox *outbox)
{
    (void)pthread_mutex_lock(&outbox->mutex);
    hold_parked(outbox);
    while (outbox->part_count > 0) {
        uint64_t id = outbox->parts[0].id;
        struct batch *batch;
        if (read_parked(outbox, id - 1, &batch) == ERROR_NONE && batch->block.id == id)
            outbox_leave_in_spool(outbox, batch);
        if (batch)
            outbox_recycle(outbox, batch);
        outbox_forget_part(outbox, id);
    }
    (void)pthread_mutex_unlock(&outbox->reading);
    (void)pthread_mutex_unlock(&outbox->mutex);
}
