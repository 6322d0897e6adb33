/* Building cJSON trees with versions of the library whose functions do not say whether they
 * succeeded (before 1.7.14). */
#ifndef KAFKA_BRIDGE_SCHEMA_JSON_TREE_H
#define KAFKA_BRIDGE_SCHEMA_JSON_TREE_H

#include <cjson/cJSON.h>
#include <stdbool.h>

/* Adds `item`, which is freed where that is not possible. False: no memory, or one of them is NULL.
 */
bool json_tree_set(cJSON *object, const char *name, cJSON *item);
bool json_tree_append(cJSON *array, cJSON *item);

#endif
