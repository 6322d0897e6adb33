/* How a flow is at this moment, and where those who show it (~status, /metrics) have that from. */
#ifndef KAFKA_BRIDGE_BRIDGE_FLOW_FLOW_STATE_H
#define KAFKA_BRIDGE_BRIDGE_FLOW_FLOW_STATE_H

#include "base/error.h"
#include "bridge/flow/counters.h"

#include <stdbool.h>
#include <stdint.h>

/* Beside the accounts of its messages. */
struct flow_state {
    bool connected;                /* Kafka answers */
    char trouble[ERROR_TEXT_SIZE]; /* why it does not, or some of its topics take nothing; "": all
                                      is well */
    uint64_t queue_bytes;          /* of messages that wait for the encoder */
    uint64_t in_flight_bytes; /* of records that Kafka, messages that subscribers do not have yet */
    uint64_t spool_records;   /* on the disk, those included that were acknowledged just now */
    uint64_t spool_bytes;
    uint64_t spool_max_bytes; /* 0: there is no spool */
};

/* Both are asked each time, `state` first. Any thread. */
struct flow_view {
    void (*state)(void *flow, struct flow_state *state);
    void (*accounts)(void *flow, account_visitor visit, void *user);
    void *flow; /* outlives whoever asks */
};

#endif
