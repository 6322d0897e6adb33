/* The two directions of the bridge, as a node runs them: ros_to_kafka and kafka_to_ros have one
 * each, bridge has both (nodes/part.h). */
#ifndef KAFKA_BRIDGE_NODES_DIRECTION_H
#define KAFKA_BRIDGE_NODES_DIRECTION_H

#include "base/error.h"
#include "bridge/config/config.h"
#include "bridge/flow/flow_state.h"
#include "message/definitions/packages.h"

#include <stdbool.h>
#include <stddef.h>

/* What a direction is made from; outlives it. */
struct setup {
    struct packages *packages;
    struct config *config; /* checked, with a real bootstrap.servers */
};

/* `flow` is NULL until prepare or start has made it. All from one thread, save where said. */
struct direction {
    const char *name; /* of its routes in the configuration, its status and its metrics */
    bool (*is_configured)(const struct config *config);
    /* Whatever can fail of the start without a registration: the master ends the node that runs
     * under the same name when this one registers. NULL: there is none. */
    enum error_code (*prepare)(const struct setup *setup, void **flow, struct error *error);
    /* Registered: the work begins. A flow that was made is to be stopped and destroyed, also where
     * this fails. */
    enum error_code (*start)(const struct setup *setup, void **flow, struct error *error);
    /* The work of a thread of its own, until rosc_ok() is false; false where it gave up before,
     * which it has said. NULL: the flow has all its threads. */
    bool (*run)(void *flow);
    /* The totals as a line. Any thread. */
    void (*describe)(void *flow, char *text, size_t size);
    void (*state)(void *flow, struct flow_state *state);
    void (*accounts)(void *flow, account_visitor visit, void *user);
    /* Takes nothing more and finishes what it has; the totals are then final. NULL: run did. */
    void (*stop)(void *flow);
    void (*destroy)(void *flow);
};

extern const struct direction direction_to_kafka;
extern const struct direction direction_to_ros;

#endif
