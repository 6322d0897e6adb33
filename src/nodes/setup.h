/* What the two nodes do around their work: start ROS, read and check the configuration, find the
 * broker, stop. From main. */
#ifndef KAFKA_BRIDGE_NODES_SETUP_H
#define KAFKA_BRIDGE_NODES_SETUP_H

#include "bridge/config.h"
#include "message/packages.h"

struct setup {
    struct packages *packages;
    struct config *config; /* of the finished setup: checked, with a real bootstrap.servers */
    void *flow;            /* what prepare made */
};

enum setup_result {
    SETUP_READY,   /* go on */
    SETUP_DONE,    /* nothing is wrong, and there is nothing to do */
    SETUP_STOPPED, /* shutdown was asked for meanwhile */
    SETUP_FAILED,  /* said what is wrong */
};

struct node {
    const char *name;
    /* Whatever can fail of the start without a registration: the master ends the node that runs
     * under the same name when this one registers. */
    enum setup_result (*prepare)(struct setup *setup);
    /* Registered: the work; returns the exit status. */
    int (*run)(const struct setup *setup);
    /* In the place of run, where shutdown was asked for first. NULL: there is nothing to undo. */
    void (*discard)(const struct setup *setup);
};

/* The whole of a node's main: reads its configuration, calls `prepare`, registers the node at the
 * master, calls `run`, stops ROS; returns the exit status.
 *
 * The configuration is the file of `_config:=`, over it the node's private parameters, over those
 * `_bootstrap_servers:=`. Waits for the master, and for the embedded broker where it is asked for.
 * With `_check:=true _config:=FILE` on the command line no master is needed. A mistake is told and
 * is EXIT_FAILURE, shutdown meanwhile EXIT_SUCCESS. */
int setup_main(int argc, char **argv, const struct node *node);

#endif
