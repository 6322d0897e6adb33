/* JSON laid out for reading: what fits on a line stays on one, else a line for each member, two
 * spaces deeper. Numbers and raw texts are printed as cJSON does.
 */
#ifndef KAFKA_BRIDGE_SCHEMA_JSON_PRINT_H
#define KAFKA_BRIDGE_SCHEMA_JSON_PRINT_H

#include "base/buffer.h"

#include <cjson/cJSON.h>

#define JSON_PRINT_WIDTH 100 /* bytes of a line */

/* Appends `value` and a newline. ERROR_LIMIT, ERROR_MEMORY. */
enum error_code json_print(const cJSON *value, struct buffer *out) MUST_CHECK;

#endif
