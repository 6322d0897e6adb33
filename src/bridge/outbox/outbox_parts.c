/* What the disk does not know of parked batches: which of their records are settled, a bit a
 * record, and which are letters by now. */
#include "bridge/outbox/outbox_private.h"

#include <stdlib.h>

#define MARKS (ITEM_BAD | ITEM_SHORT)

static struct outbox_part *find(struct outbox *outbox, uint64_t id)
{
    for (size_t i = 0; i < outbox->part_count; i++)
        if (outbox->parts[i].id == id)
            return &outbox->parts[i];
    return NULL;
}

static void release(struct outbox_part *part)
{
    free(part->settled);
    free(part->marks);
}

void outbox_forget_part(struct outbox *outbox, uint64_t id)
{
    struct outbox_part *part = find(outbox, id);
    if (!part)
        return;
    release(part);
    *part = outbox->parts[--outbox->part_count];
}

uint64_t outbox_part_to_shrink(const struct outbox *outbox)
{
    for (size_t i = 0; i < outbox->part_count; i++)
        if (!outbox->parts[i].marks)
            return outbox->parts[i].id;
    return 0;
}

void outbox_free_parts(struct outbox *outbox)
{
    for (size_t i = 0; i < outbox->part_count; i++)
        release(&outbox->parts[i]);
    free(outbox->parts);
}

/* Makes room for one more. False: no memory. */
static bool reserve(struct outbox *outbox)
{
    if (outbox->part_count < outbox->part_capacity)
        return true;
    size_t capacity = outbox->part_capacity ? 2 * outbox->part_capacity : 64;
    struct outbox_part *parts = realloc(outbox->parts, capacity * sizeof *parts);
    if (!parts)
        return false;
    outbox->parts = parts;
    outbox->part_capacity = capacity;
    return true;
}

/* The bits that any of its records has. */
static unsigned all_states(const struct batch *batch)
{
    unsigned states = 0;
    for (uint32_t i = 0; i < batch->block.count; i++)
        states |= atomic_load(&batch->items[i].state);
    return states;
}

bool outbox_remember_part(struct outbox *outbox, const struct batch *batch)
{
    uint32_t count = batch->block.count;
    unsigned states = all_states(batch);
    if (!(states & (ITEM_SETTLED | MARKS))) /* it is whole */
        return true;
    struct outbox_part part = {.id = batch->block.id, .settled = calloc(1, count / 8 + 1)};
    if (states & MARKS)
        part.marks = calloc(count, sizeof *part.marks);
    if (!part.settled || (states & MARKS && !part.marks) || !reserve(outbox)) {
        release(&part);
        return false;
    }
    for (uint32_t i = 0; i < count; i++) {
        unsigned state = atomic_load(&batch->items[i].state);
        if (state & ITEM_SETTLED)
            part.settled[i / 8] = (uint8_t)(part.settled[i / 8] | 1U << i % 8);
        if (part.marks)
            part.marks[i] = (struct outbox_mark){.state = (unsigned char)(state & MARKS),
                                                 .reason = batch->items[i].reason};
    }
    outbox->parts[outbox->part_count++] = part;
    return true;
}

void outbox_apply_part(struct outbox *outbox, struct batch *batch)
{
    const struct outbox_part *part = find(outbox, batch->block.id);
    for (uint32_t i = 0; part && i < batch->block.count; i++) {
        struct item *item = &batch->items[i];
        if (part->marks) {
            (void)atomic_fetch_or(&item->state, part->marks[i].state);
            item->reason = part->marks[i].reason;
        }
        if (part->settled[i / 8] & 1U << i % 8 &&
            !(atomic_fetch_or(&item->state, ITEM_SETTLED) & ITEM_SETTLED))
            (void)atomic_fetch_sub(&batch->unsettled, 1);
    }
}
