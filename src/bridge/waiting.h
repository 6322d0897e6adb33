/* The oldest record that waits for a gate. The sender's thread. */
#ifndef KAFKA_BRIDGE_BRIDGE_WAITING_H
#define KAFKA_BRIDGE_BRIDGE_WAITING_H

#include "bridge/settlement.h"

struct waiting {
    struct settlement *settlement;
    const struct gate *gate;
    struct batch *batch; /* held: give it back with settlement_release */
    uint32_t index;
    bool is_sent; /* it is still under way */
};

/* False: none waits. */
bool waiting_find(struct waiting *waiting, struct settlement *settlement, const struct gate *gate);

/* Batches that only closed gates hold up leave memory where that is short. */
void waiting_park(struct settlement *settlement);

#endif
