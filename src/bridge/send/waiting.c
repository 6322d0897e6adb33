#include "bridge/send/waiting.h"

static bool waits(struct batch *batch, void *user)
{
    struct waiting *waiting = user;
    const char *topic;
    for (uint32_t i = 0; i < batch->block.count; i++) {
        const struct item *item = &batch->items[i];
        unsigned state = atomic_load(&item->state);
        if (state & ITEM_SETTLED ||
            accounting_gate(waiting->accounting, item, &topic) != waiting->gate)
            continue;
        waiting->index = i;
        waiting->is_sent = state & ITEM_SENT;
        return true;
    }
    return false;
}

enum error_code waiting_find(struct waiting *waiting, struct accounting *accounting,
                             const struct gate *gate)
{
    *waiting = (struct waiting){.accounting = accounting, .gate = gate};
    return outbox_find(accounting->outbox, gate->oldest, waits, waiting, &waiting->batch);
}

/* Whether nothing but closed gates holds it up. */
static bool is_held_up(struct batch *batch, void *user)
{
    uint32_t left = 0;
    const char *topic;
    for (uint32_t i = 0; i < batch->block.count; i++) {
        const struct item *item = &batch->items[i];
        unsigned state = atomic_load(&item->state);
        if (state & ITEM_SETTLED)
            continue;
        if (state & ITEM_SENT || gate_is_open(accounting_gate(user, item, &topic)))
            return false;
        left++;
    }
    return left > 0 && atomic_load(&batch->unsettled) == left; /* nobody holds it */
}

void waiting_park(struct accounting *accounting)
{
    if (atomic_load_explicit(&accounting->gates.any, memory_order_relaxed))
        outbox_park(accounting->outbox, is_held_up, accounting);
}
