/* How an outbox counts what no report tells of. */
#include "bridge/outbox_inside.h"

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
