/* What --help says of the bridge's nodes. */
#ifndef KAFKA_BRIDGE_NODES_SETUP_HELP_H
#define KAFKA_BRIDGE_NODES_SETUP_HELP_H

/* Of the node that is called `name` ("ros_to_kafka", …) where nobody renames it. */
const char *setup_help(const char *name);

#endif
