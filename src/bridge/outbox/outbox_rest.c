/* What is left of a batch: counted, or kept in the spool. */
#include "bridge/outbox/outbox_private.h"

/* Calls `add` of the records' counters, in runs of equal ones. */
static void count_all(struct outbox *outbox, const struct batch *batch,
                      void (*add)(struct counters *counters, uint64_t amount))
{
    struct counters *counters = NULL;
    uint64_t run = 0;
    for (uint32_t i = 0; i < batch->block.count; i++) {
        if (atomic_load(&batch->items[i].state) & ITEM_SETTLED)
            continue;
        struct counters *of = batch_counters(batch, i, outbox->restored);
        if (of != counters && run > 0)
            add(counters, run);
        run = of == counters ? run + 1 : 1;
        counters = of;
    }
    if (run > 0)
        add(counters, run);
}

static void add_spool_full(struct counters *counters, uint64_t amount)
{
    counter_add(&counters->dropped[DROP_SPOOL_FULL], amount);
}

static void add_not_delivered(struct counters *counters, uint64_t amount)
{
    counter_add(&counters->dropped[DROP_NOT_DELIVERED], amount);
}

/* The records leave the spool by another way than a report. */
static void add_released_full(struct counters *counters, uint64_t amount)
{
    counter_add(&counters->released, amount);
    add_spool_full(counters, amount);
}

void outbox_count_full(struct outbox *outbox, const struct batch *batch)
{
    count_all(outbox, batch, batch->kept ? add_released_full : add_spool_full);
}

void outbox_count_not_delivered(struct outbox *outbox, const struct batch *batch)
{
    count_all(outbox, batch, add_not_delivered);
}

uint32_t outbox_count_left(const struct batch *batch)
{
    uint32_t left = 0;
    for (uint32_t i = 0; i < batch->block.count; i++)
        left += atomic_load(&batch->items[i].state) & ITEM_SETTLED ? 0 : 1;
    return left;
}

/* The batch is in the spool now: its records that are not settled yet count as accepted. */
void outbox_mark_kept(struct outbox *outbox, struct batch *batch)
{
    for (uint32_t i = 0; i < batch->block.count; i++) {
        unsigned char before = atomic_fetch_or(&batch->items[i].state, ITEM_KEPT);
        if (!(before & ITEM_SETTLED))
            counter_add(&batch_counters(batch, i, outbox->restored)->accepted, 1);
    }
    batch->kept = true;
}

/* What is left of a batch, under its id. NULL: no memory. */
static struct batch *rest_of(struct outbox *outbox, const struct batch *batch)
{
    struct batch *rest = batch_pool_take(&outbox->pool, batch->block.id);
    struct spool_record record;
    for (uint32_t i = 0; rest && i < batch->block.count; i++) {
        if (atomic_load(&batch->items[i].state) & ITEM_SETTLED)
            continue;
        batch_record(batch, i, &record);
        if (batch_add(rest, batch->items[i].origin, &record) == ERROR_NONE)
            continue;
        outbox_recycle(outbox, rest);
        return NULL;
    }
    return rest;
}

enum error_code outbox_keep_rest(struct outbox *outbox, const struct batch *batch,
                                 struct error *error)
{
    struct batch *rest = rest_of(outbox, batch);
    if (!rest)
        return error_set(error, ERROR_MEMORY, "", 0, "out of memory");
    const struct spool_block *block = &rest->block;
    enum error_code code = spool_append(outbox->spool, &block, 1, error); /* in its place */
    outbox_recycle(outbox, rest);
    return code;
}

/* Puts what is left of the batch in its place in the spool. Where that fails a kept batch stays
 * whole: its settled records are sent once more. */
void outbox_leave_in_spool(struct outbox *outbox, struct batch *batch)
{
    struct error error;
    uint32_t left = outbox_count_left(batch);
    if (batch->kept && left == 0)
        spool_settle(outbox->spool, batch->block.id);
    if (left == 0 || (batch->kept && left == batch->block.count))
        return;
    enum error_code code = outbox_keep_rest(outbox, batch, &error);
    if (code == ERROR_NONE && !batch->kept)
        outbox_mark_kept(outbox, batch);
    if (code == ERROR_NONE)
        return;
    ROSC_LOG_ERROR("what Kafka has not taken cannot be kept: %s", error.text);
    if (!batch->kept)
        outbox_count_not_delivered(outbox, batch);
}
