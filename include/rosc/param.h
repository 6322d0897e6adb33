/* rosc: the parameter server. Names are resolved as topic names are: `~x` is private.
 * Every call is one round trip to the master. Any thread. */
#ifndef ROSC_PARAM_H
#define ROSC_PARAM_H

#include <rosc/error.h>

#include <cjson/cJSON.h>
#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The parameter `name` with everything below it as a cJSON tree, which becomes the caller's
 * (cJSON_Delete): dictionaries are objects, lists arrays; int32, double, bool and string are what
 * they are; binary is a base64 string and a date an ISO 8601 string. `~` alone is all private
 * parameters. An integer carries cJSON_Number with its value exact; a double whose value is
 * integral is still a number.
 * Returns ROSC_OK, ROSC_ERROR_NOT_FOUND, ROSC_ERROR_NAME, ROSC_ERROR_MASTER, ROSC_ERROR_MEMORY,
 * ROSC_ERROR_ARGUMENT, ROSC_ERROR_STATE. From rosc_init on. */
ROSC_EXPORT enum rosc_status rosc_param_get_tree(const char *name, cJSON **tree,
                                                 struct rosc_error *error) ROSC_MUST_CHECK;

/* Sets `name` to the tree; null is refused (the server has none). Integral numbers within int32
 * become int, others double. Does not take the tree.
 * Returns ROSC_OK, ROSC_ERROR_ARGUMENT (NULL, or null in the tree: the text says where),
 * ROSC_ERROR_NAME, ROSC_ERROR_MASTER, ROSC_ERROR_MEMORY, ROSC_ERROR_STATE. */
ROSC_EXPORT enum rosc_status rosc_param_set_tree(const char *name, const cJSON *tree,
                                                 struct rosc_error *error) ROSC_MUST_CHECK;
ROSC_EXPORT enum rosc_status rosc_param_set_string(const char *name, const char *value,
                                                   struct rosc_error *error) ROSC_MUST_CHECK;

/* Removes `name` and everything below it. ROSC_ERROR_NOT_FOUND where it was not there. */
ROSC_EXPORT enum rosc_status rosc_param_delete(const char *name,
                                               struct rosc_error *error) ROSC_MUST_CHECK;

#ifdef __cplusplus
}
#endif

#endif
