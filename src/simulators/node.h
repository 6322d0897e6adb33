/* What nodes with parameters of their own have in common at their start. */
#ifndef KAFKA_BRIDGE_SIMULATORS_NODE_H
#define KAFKA_BRIDGE_SIMULATORS_NODE_H

#include "base/buffer.h"

#include <cjson/cJSON.h>
#include <rosc/topic.h>
#include <stdbool.h>

/* Says `help` where the command line asks for it; waits for the master, as the node `name`. False:
 * the node ends with `status`; why is logged, where it was not asked to end while it waited for the
 * master. */
bool node_begin(int argc, char **argv, const char *name, const char *help, int *status);

/* Reads the parameters into `target`: false where something is wrong, with a line for each problem.
 */
typedef bool (*node_reader)(const cJSON *parameters, void *target, struct buffer *problems);

/* Has the node's private parameters read, and joins the ROS graph where they are right, so that one
 * with wrong ones does not end the node that runs under its name; false where something is wrong,
 * which is logged. `*tree`,
 * which texts in `target` may point into, is the caller's to delete, also on failure. */
bool node_read_parameters(cJSON **tree, node_reader read, void *target);

/* Waits until the sockets of all subscribers took what was published: what roscpp still queues is
 * lost when the publisher is destroyed. False where they did not in 5 s. */
bool node_flush(struct rosc_publisher *publisher);

#endif
