/* What to say of an option that getopt_long did not know, or knew with no value or with one too
 * many. One thread. */
#ifndef KAFKA_BRIDGE_TOOLS_COMMAND_UNKNOWN_OPTION_H
#define KAFKA_BRIDGE_TOOLS_COMMAND_UNKNOWN_OPTION_H

#include "base/error.h"
#include "base/nearest.h"

#include <stdbool.h>

struct unknown_option {
    const char *given;                 /* as it stands in argv; borrowed */
    char name[NEAREST_NAME_LIMIT + 1]; /* without "--" and "=VALUE" */
    struct nearest nearest;            /* among those that were offered; `found` may be NULL */
};

void unknown_option_begin(struct unknown_option *unknown, const char *given);

/* Offers an option that there is, with getopt_long's has_arg. ERROR_NONE: it is another one.
 * ERROR_ARGUMENT: it is this one, and its value is missing or too much. */
enum error_code unknown_option_offer(struct unknown_option *unknown, const char *name, int argument,
                                     struct error *error) MUST_CHECK;

#endif
