/* What the two nodes do before their work: start ROS, read and check the configuration, find the
 * broker. From main. */
#ifndef KAFKA_BRIDGE_NODES_SETUP_H
#define KAFKA_BRIDGE_NODES_SETUP_H

#include "bridge/config.h"
#include "bridge/counters.h"
#include "message/packages.h"

#include <stdbool.h>

struct setup {
    struct packages *packages;
    struct config *config; /* of the finished setup: checked, with a real bootstrap.servers */
};

enum setup_result {
    SETUP_READY,   /* go on */
    SETUP_CHECKED, /* `_check:=true` and nothing is wrong: exit with 0 */
    SETUP_STOPPED, /* shutdown was asked for meanwhile: exit with 0 */
    SETUP_FAILED,  /* said what is wrong: exit with 1 */
};

/* Starts the node `name` and reads its configuration: the file of `_config:=`, over it the node's
 * private parameters, over those `_bootstrap_servers:=`. Waits for the master, and for the embedded
 * broker where it is asked for. With `_check:=true _config:=FILE` on the command line no master is
 * needed. */
enum setup_result setup_init(struct setup *setup, int *argc, char **argv, const char *name);

/* Frees the configuration and stops ROS. */
void setup_fini(struct setup *setup);

#endif
