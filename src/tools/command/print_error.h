/* What the user is told on standard error. One thread. */
#ifndef KAFKA_BRIDGE_TOOLS_COMMAND_PRINT_ERROR_H
#define KAFKA_BRIDGE_TOOLS_COMMAND_PRINT_ERROR_H

#include "base/error.h"

/* "spool: …". */
void print_error(const char *format, ...) PRINTF_LIKE(1, 2);

/* "spool: PATH: TEXT", without a path that is empty or that the text has. */
void print_error_of(const struct error *error);

#endif
