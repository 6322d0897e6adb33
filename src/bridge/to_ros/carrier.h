/* Carries one record of Kafka to ROS: binding → decoder (plan) → publish → in flight; what cannot
 * be published becomes a dead letter. One thread. */
#ifndef KAFKA_BRIDGE_BRIDGE_TO_ROS_CARRIER_H
#define KAFKA_BRIDGE_BRIDGE_TO_ROS_CARRIER_H

#include "base/buffer.h"
#include "bridge/config/config.h"
#include "bridge/flow/lines.h"
#include "bridge/publish/binding.h"
#include "bridge/publish/ros_delivery.h"
#include "bridge/publish/task.h"
#include "bridge/to_ros/dead_letter_producer.h"
#include "bridge/to_ros/ros_accounts.h"

struct carrier {
    struct types *types;
    struct bindings *bindings;
    struct dead_letter_producer *dead_letter_producer;
    struct ros_delivery ros_delivery;
    struct ros_accounts ros_accounts;
    struct buffer message;
    struct lines waiting_lines, missing_lines, letter_lines, refused_lines, unlatched_lines;
};

/* Errors as dead_letter_producer_create's, types_create's and bindings_create's. To be finished in
 * any case.
 */
enum error_code carrier_init(struct carrier *carrier, const struct config *config,
                             struct packages *packages, struct error *error) MUST_CHECK;
void carrier_fini(struct carrier *carrier);

/* True: the record is dealt with. False: it is to be tried again when the task is due. Of a task
 * that is `restoring` the record is done with, whatever became of it: `*published` says. */
bool carrier_try(struct carrier *carrier, struct task *task, bool *published);

#endif
