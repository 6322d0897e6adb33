/* Where those who show a flow (~status, /metrics) have it from. */
#ifndef KAFKA_BRIDGE_BRIDGE_FLOW_SOURCE_H
#define KAFKA_BRIDGE_BRIDGE_FLOW_SOURCE_H

#include "bridge/counters.h"
#include "bridge/flow_state.h"

/* Both are asked each time, `state` first. Any thread. */
struct flow_source {
    void (*state)(void *flow, struct flow_state *state);
    void (*accounts)(void *flow, account_visitor visit, void *user);
    void *flow; /* outlives whoever asks */
};

#endif
