/* What the bridge's nodes do around their work: start ROS, read and check the configuration, find
 * the broker, stop. From main. */
#ifndef KAFKA_BRIDGE_NODES_SETUP_H
#define KAFKA_BRIDGE_NODES_SETUP_H

#include "nodes/direction.h"

/* The whole of a node's main: reads its configuration, registers the node at the master, and works
 * in its `directions` (one or two; of one thread's and none's the latter first) until shutdown;
 * returns the exit status.
 *
 * The configuration is the file of `_config:=`, over it the node's private parameters, over those
 * `_bootstrap_servers:=`. Waits for the master, and for the embedded broker where it is asked for.
 * With `_check:=true _config:=FILE` on the command line no master is needed. A mistake is told and
 * is EXIT_FAILURE, shutdown meanwhile EXIT_SUCCESS. */
int setup_main(int argc, char **argv, const char *name, const struct direction *const directions[],
               size_t count);

#endif
