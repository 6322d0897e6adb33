/* The end: what is not settled stays in the spool. */
#include "bridge/outbox_inside.h"

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
