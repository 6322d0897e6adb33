/* The help of `spool` and of each of its commands. One thread. */
#ifndef KAFKA_BRIDGE_TOOLS_COMMAND_USAGE_H
#define KAFKA_BRIDGE_TOOLS_COMMAND_USAGE_H

#include "tools/command/options.h"

/* The text for `spool COMMAND --help`, or with COMMAND_NONE for `spool --help`. */
const char *usage_text(enum tool_command command);

#endif
