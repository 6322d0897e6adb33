/* The flow from Kafka to ROS:
 *
 *   record → binding → decoder (plan) → publish → in flight → offset stored
 *
 * One thread, the caller's, runs all of it. A record that has to wait holds up its partition alone
 * (lanes.h). An offset is stored only after its message, and all
 * before in its partition, have left the process or their dead letters are acknowledged.
 */
#ifndef KAFKA_BRIDGE_BRIDGE_TO_ROS_TO_ROS_H
#define KAFKA_BRIDGE_BRIDGE_TO_ROS_TO_ROS_H

#include "bridge/config/config.h"
#include "bridge/flow/counters.h"
#include "bridge/flow/flow_state.h"

struct to_ros;

/* Joins the consumer group `group`; `config`, `packages` and `group` outlive the flow. Waits for
 * nobody. */
enum error_code to_ros_create(const struct config *config, struct packages *packages,
                              const char *group, struct to_ros **flow,
                              struct error *error) MUST_CHECK;
void to_ros_destroy(struct to_ros *flow);

/* Runs until rosc_ok() is false. False where librdkafka gave up before that: said in the log. */
bool to_ros_run(struct to_ros *flow);

/* Any thread. */
void to_ros_totals(struct to_ros *flow, struct totals *totals);

/* Calls `visit` for the account of each pair of topics. Any thread. */
void to_ros_accounts(struct to_ros *flow, account_visitor visit, void *user);

/* How the flow is now. Any thread. */
void to_ros_state(struct to_ros *flow, struct flow_state *state);

#endif
