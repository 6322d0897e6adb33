/* The flow from ROS to Kafka:
 *
 *   ROS callback → queue → writer (plan) → spool → outbox → sender → librdkafka → report → settled
 *
 * Threads, one job each: rosc's spinner receives, the writer encodes and commits to the spool, the
 * sender hands records to librdkafka, the producer's thread takes reports, the caller's looks for
 * topics. All functions here are the caller's thread's, save where said.
 */
#ifndef KAFKA_BRIDGE_BRIDGE_TO_KAFKA_TO_KAFKA_H
#define KAFKA_BRIDGE_BRIDGE_TO_KAFKA_TO_KAFKA_H

#include "bridge/config/config.h"
#include "bridge/flow/counters.h"
#include "bridge/flow/flow_state.h"

struct to_kafka;

/* Opens the spool and makes the producer, which sends what an earlier run left; before rosc_start.
 * `config` outlives the flow. Does not wait for a broker. Errors: those of the spool, the producer,
 * of names, ERROR_MEMORY. */
enum error_code to_kafka_create(const struct config *config, struct to_kafka **flow,
                                struct error *error) MUST_CHECK;

/* Subscribes to the explicit routes, and to the topics of pattern routes that are there now, after
 * rosc_start; once. Errors: of ROS, ERROR_MEMORY; then it
 * is to be stopped and destroyed. */
enum error_code to_kafka_start(struct to_kafka *flow, struct error *error) MUST_CHECK;

/* Looks once for topics of pattern routes and subscribes to new ones. A master that does not answer
 * is logged, and that it is back. */
void to_kafka_discover(struct to_kafka *flow);

/* Says which topics nobody publishes, and when somebody does; to be called about once a second. */
void to_kafka_look_for_publishers(struct to_kafka *flow);

/* Whether there are pattern routes. */
bool to_kafka_discovers(const struct to_kafka *flow);

/* Sums all counters. Any thread. */
void to_kafka_totals(struct to_kafka *flow, struct totals *totals);

/* Calls `visit` for the account of each ROS topic of a route. Any thread. */
void to_kafka_accounts(struct to_kafka *flow, account_visitor visit, void *user);

/* How the flow is now, also after to_kafka_stop. Any thread. */
void to_kafka_state(struct to_kafka *flow, struct flow_state *state);

/* Stops receiving, sends what waits and flushes, for at most the configuration's shutdown_timeout;
 * what is not acknowledged by then stays in the spool (or, without one, is counted as not
 * delivered). `totals` is then final. */
void to_kafka_stop(struct to_kafka *flow, struct totals *totals);
void to_kafka_destroy(struct to_kafka *flow);

#endif
