/* All of what `schema` does, into a buffer. */
#ifndef KAFKA_BRIDGE_TOOLS_SCHEMA_SCHEMA_PRINT_H
#define KAFKA_BRIDGE_TOOLS_SCHEMA_SCHEMA_PRINT_H

#include "bridge/config/problems.h"
#include "tools/schema/schema_options.h"

/* Appends the schema that the options ask for to `out`, which may hold a part of it on failure.
 * Problems of the configuration are added to `problems`. Errors: the route's (schema_route.h), the
 * schema's (schema/schema.h) and the writer's. */
enum error_code schema_print(const struct schema_options *options, struct buffer *out,
                             struct problems *problems, struct error *error) MUST_CHECK;

#endif
