/* What the two nodes do around their work: start ROS, read and check the configuration, find the
 * broker, stop. From main. */
#ifndef KAFKA_BRIDGE_NODES_SETUP_H
#define KAFKA_BRIDGE_NODES_SETUP_H

#include "bridge/config.h"
#include "message/packages.h"

struct setup {
    struct packages *packages;
    struct config *config; /* of the finished setup: checked, with a real bootstrap.servers */
};

/* The whole of a node's main: starts the node `name`, reads its configuration, calls `run`, stops
 * ROS; returns the exit status.
 *
 * The configuration is the file of `_config:=`, over it the node's private parameters, over those
 * `_bootstrap_servers:=`. Waits for the master, and for the embedded broker where it is asked for.
 * With `_check:=true _config:=FILE` on the command line no master is needed. A mistake is told and
 * is EXIT_FAILURE, shutdown meanwhile EXIT_SUCCESS. */
int setup_main(int argc, char **argv, const char *name, int (*run)(const struct setup *setup));

#endif
