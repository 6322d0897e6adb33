/* `spool show`: the records of a spool, readable. From main. */
#ifndef KAFKA_BRIDGE_TOOLS_SPOOL_SHOW_H
#define KAFKA_BRIDGE_TOOLS_SPOOL_SHOW_H

#include "tools/command/options.h"
#include "tools/spool/records.h"

#include <stdio.h>

/* Returns the exit status. */
int show_run(const struct options *options, FILE *out);

/* One record, on two lines. */
void show_record(const struct spooled *spooled, FILE *out);

#endif
