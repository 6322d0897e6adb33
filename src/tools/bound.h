/* Where reading a topic begins or ends, as it is written: an offset, or a time in ISO 8601. */
#ifndef KAFKA_BRIDGE_TOOLS_BOUND_H
#define KAFKA_BRIDGE_TOOLS_BOUND_H

#include "tools/options.h"

/* ERROR_RANGE with what would be right. */
enum error_code bound_read(const char *text, struct bound *bound, struct error *error) MUST_CHECK;

#endif
