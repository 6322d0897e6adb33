/* `spool resend`: sends the originals of dead letters again. From main. */
#ifndef KAFKA_BRIDGE_TOOLS_RESEND_RESEND_H
#define KAFKA_BRIDGE_TOOLS_RESEND_RESEND_H

#include "tools/command/options.h"

#include <stdio.h>

/* Writes the account to `out`; returns the exit status. */
int resend_run(const struct options *options, FILE *out);

#endif
