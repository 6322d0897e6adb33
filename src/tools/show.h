/* `spool show`: the records of a spool, readable. From main. */
#ifndef KAFKA_BRIDGE_TOOLS_SHOW_H
#define KAFKA_BRIDGE_TOOLS_SHOW_H

#include "tools/options.h"
#include "tools/records.h"

#include <stdio.h>

/* Returns the exit status. */
int show_run(const struct options *options, FILE *out);

/* One record, on two lines. */
void show_record(const struct spooled *spooled, FILE *out);

#endif
