/* A YAML file as a cJSON tree, as `rosparam load` would read it: for `_config:=FILE.yaml`.
 *
 * Plain scalars become null, booleans, numbers or texts by the rules of YAML 1.1 as far as
 * rosparam's users meet them (true/false/yes/no/on/off in the usual spellings, decimal, 0x and 0o
 * integers, floats with exponent, .inf and .nan); quoted ones are texts. Anchors, aliases and `<<`
 * are resolved within a bound. Duplicate keys are errors.
 */
#ifndef KAFKA_BRIDGE_BRIDGE_CONFIG_YAML_H
#define KAFKA_BRIDGE_BRIDGE_CONFIG_YAML_H

#include "base/error.h"

#include <cjson/cJSON.h>

#define YAML_NODES_LIMIT 100000 /* after aliases are resolved */
#define YAML_DEPTH_LIMIT 64

/* The tree becomes the caller's (cJSON_Delete). ERROR_IO (cannot be read: why), ERROR_SYNTAX (path
 * is "FILE:line:column"), ERROR_DUPLICATE, ERROR_LIMIT, ERROR_MEMORY. */
enum error_code yaml_read_file(const char *file, cJSON **tree, struct error *error) MUST_CHECK;

/* One plain scalar by the same rules; NULL where memory ran out. */
cJSON *yaml_read_scalar(const char *text);

#endif
