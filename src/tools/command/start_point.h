/* Where reading a topic begins or ends, as it is written: an offset, or a time in ISO 8601. */
#ifndef KAFKA_BRIDGE_TOOLS_COMMAND_START_POINT_H
#define KAFKA_BRIDGE_TOOLS_COMMAND_START_POINT_H

#include "tools/command/options.h"

/* ERROR_RANGE with what would be right. */
enum error_code start_point_read(const char *text, struct bound *bound,
                                 struct error *error) MUST_CHECK;

#endif
