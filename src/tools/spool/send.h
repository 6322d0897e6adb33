/* `spool send`: delivers to Kafka what a spool holds, without its node. From main. */
#ifndef KAFKA_BRIDGE_TOOLS_SPOOL_SEND_H
#define KAFKA_BRIDGE_TOOLS_SPOOL_SEND_H

#include "tools/command/options.h"

#include <stdio.h>

/* Writes the account to `out`; returns the exit status. */
int send_run(const struct options *options, FILE *out);

#endif
