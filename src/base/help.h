/* The help of a program that is asked for it on the command line. */
#ifndef KAFKA_BRIDGE_BASE_HELP_H
#define KAFKA_BRIDGE_BASE_HELP_H

#include <stdbool.h>

/* What every node takes besides its own parameters. */
#define HELP_OF_NODES                                                                              \
    "\n"                                                                                           \
    "as of every ROS node:\n"                                                                      \
    "  __name:=NAME __ns:=NAMESPACE FROM:=TO\n"                                                    \
    "\n"                                                                                           \
    "What is set by _NAME:=VALUE stays at the ROS master, also for later starts, until\n"          \
    "rosparam delete /NODE/NAME.\n"

/* Whether an argument is --help or -h: then `text` is written to standard output. */
bool help_asked(int argc, char **argv, const char *text);

#endif
