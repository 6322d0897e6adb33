/* `spool export`: the records of a spool, or dead letters, as lines of JSON. From main. */
#ifndef KAFKA_BRIDGE_TOOLS_SPOOL_EXPORT_H
#define KAFKA_BRIDGE_TOOLS_SPOOL_EXPORT_H

#include "tools/command/options.h"

#include <stdio.h>

/* Writes to `out` unless --output says another file. Returns the exit status. */
int export_run(const struct options *options, FILE *out);

#endif
