/* What the user is told on standard error. One thread. */
#ifndef KAFKA_BRIDGE_TOOLS_COMPLAINT_H
#define KAFKA_BRIDGE_TOOLS_COMPLAINT_H

#include "base/error.h"

/* "spool: …". */
void complain(const char *format, ...) PRINTF_LIKE(1, 2);

/* "spool: PATH: TEXT", without a path that is empty or that the text has. */
void complain_error(const struct error *error);

#endif
