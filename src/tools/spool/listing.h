/* `spool list`: the spools of a directory. From main. */
#ifndef KAFKA_BRIDGE_TOOLS_SPOOL_LISTING_H
#define KAFKA_BRIDGE_TOOLS_SPOOL_LISTING_H

#include "tools/command/options.h"

#include <stdio.h>

/* Returns the exit status. */
int listing_run(const struct options *options, FILE *out);

#endif
