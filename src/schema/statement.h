/* The text of a statement, piece by piece. Any thread. */
#ifndef KAFKA_BRIDGE_SCHEMA_STATEMENT_H
#define KAFKA_BRIDGE_SCHEMA_STATEMENT_H

#include "base/buffer.h"
#include "base/error.h"

/* Appends `text`. Errors: ERROR_LIMIT, ERROR_MEMORY. */
enum error_code statement_put(struct buffer *out, const char *text, struct error *error) MUST_CHECK;

/* The same for a whole number. */
enum error_code statement_put_number(struct buffer *out, int number,
                                     struct error *error) MUST_CHECK;

#endif
