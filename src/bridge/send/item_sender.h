/* Hands one record of a batch to the producer: as it is, or a dead letter in its place. The
 * sender's thread. */
#ifndef KAFKA_BRIDGE_BRIDGE_SEND_ITEM_SENDER_H
#define KAFKA_BRIDGE_BRIDGE_SEND_ITEM_SENDER_H

#include "bridge/send/delivery_accounting.h"

struct item_sender {
    struct kafka_producer *producer;
    struct accounting *accounting;
    const _Atomic int64_t *deadline; /* nanoseconds of the steady clock */
    const char *where;               /* what is not sent waits: a spool's path, or "memory" */
    bool alone;                      /* what was sent last shares its batch with nothing */
};

/* Sends the item, waiting for room. A record that cannot be taken at all is marked as refused, and
 * a letter that cannot is settled as dropped. ERROR_NONE: go on with the next, this one was sent
 * unless its gate is closed; ERROR_FULL: the time is over, or a replay is due; ERROR_IO: the
 * producer is of no more use, `error` says why. */
enum error_code item_sender_send(struct item_sender *item_sender, struct batch *batch,
                                 uint32_t index, struct error *error) MUST_CHECK;

/* The same through a closed gate, to try that; the item is the oldest that waits for it. */
enum error_code item_sender_try(struct item_sender *item_sender, struct batch *batch,
                                uint32_t index, struct gate *gate, struct error *error) MUST_CHECK;

#endif
