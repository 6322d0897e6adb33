/* A direction's topic ~status: kafka_bridge/BridgeStatus every status_period seconds, latched, and
 * once more at the end.
 *
 * A timer on roscpp's global queue publishes; status_destroy is for when nobody serves that queue
 * any more.
 */
#ifndef KAFKA_BRIDGE_BRIDGE_REPORT_STATUS_H
#define KAFKA_BRIDGE_BRIDGE_REPORT_STATUS_H

#include "bridge/config/config.h"
#include "bridge/flow/flow_state.h"

struct status;

/* Publishes the first message on `topic` ("~status", or what a node with two directions has for
 * each, copied) and starts the timer; with a status_period of 0 it does nothing at all, here and
 * later. `direction` is "ros_to_kafka" or "kafka_to_ros" and lives for ever. A master that is away
 * is tried again each time. ERROR_MEMORY, ERROR_IO (no timer). */
enum error_code status_create(const struct config *config, const char *topic, const char *direction,
                              const struct flow_view *source, struct status **status,
                              struct error *error) MUST_CHECK;

/* Publishes the last message and, where somebody listens, gives roscpp 200 ms to send it. May be
 * NULL. */
void status_destroy(struct status *status);

#endif
