/* The oldest record that waits for a gate. The sender's thread. */
#ifndef KAFKA_BRIDGE_BRIDGE_SEND_WAITING_H
#define KAFKA_BRIDGE_BRIDGE_SEND_WAITING_H

#include "bridge/send/delivery_accounting.h"

struct waiting {
    struct accounting *accounting;
    const struct gate *gate;
    struct batch *batch; /* held: give it back with accounting_release */
    uint32_t index;
    bool is_sent; /* it is still under way */
};

/* Errors as outbox_find's. */
enum error_code waiting_find(struct waiting *waiting, struct accounting *accounting,
                             const struct gate *gate) MUST_CHECK;

/* Batches that only closed gates hold up leave memory where that is short. */
void waiting_park(struct accounting *accounting);

#endif
