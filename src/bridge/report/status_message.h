/* kafka_bridge/BridgeStatus as serialized bytes. Its definition is compiled in, so that no package
 * has to be installed where the node runs. One thread.
 *
 *   status_message_begin, status_message_add for each account, status_message_end
 */
#ifndef KAFKA_BRIDGE_BRIDGE_REPORT_STATUS_MESSAGE_H
#define KAFKA_BRIDGE_BRIDGE_REPORT_STATUS_MESSAGE_H

#include "bridge/flow/counters.h"
#include "bridge/flow/flow_state.h"
#include "message/plan/plan.h"

#define STATUS_TYPE "kafka_bridge/BridgeStatus"

struct status_message;

/* ERROR_MEMORY. */
enum error_code status_message_create(struct status_message **message,
                                      struct error *error) MUST_CHECK;
void status_message_destroy(struct status_message *message);

/* Type, md5sum and definition, for whoever advertises it. */
const struct plan *status_message_plan(const struct status_message *message);

/* What a message begins with. */
struct status_head {
    uint32_t seq;
    int64_t stamp; /* nanoseconds of ROS time */
    const char *robot;
    const char *direction; /* "ros_to_kafka", "kafka_to_ros" */
    const struct flow_state *state;
};

void status_message_begin(struct status_message *message, const struct status_head *head);

/* Messages per second of an account. */
struct status_rates {
    double received;
    double delivered;
};

void status_message_add(struct status_message *message, const struct account *account,
                        const struct status_rates *rates);

/* The serialized message; valid until the next one begins. Bytes in a text that are not UTF-8 are
 * '?'. ERROR_MEMORY, ERROR_MISSING (memory ran out while it was made), ERROR_LIMIT. */
enum error_code status_message_end(struct status_message *message, const void **bytes, size_t *size,
                                   struct error *error) MUST_CHECK;

#endif
