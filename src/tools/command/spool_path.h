/* Which file somebody means who writes FILE or ROBOT. One thread. */
#ifndef KAFKA_BRIDGE_TOOLS_COMMAND_SPOOL_PATH_H
#define KAFKA_BRIDGE_TOOLS_COMMAND_SPOOL_PATH_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

#define PLACE_SUFFIX  ".db"          /* of a spool's file */
#define PLACE_DAMAGED ".db.damaged-" /* stands in the name of one that was set aside */

/* The path of the spool into `path` (`size` bytes): `name` itself where it has a '/' or there is
 * such a file here, else one of that name in `directory`, else the spool of the robot of that name
 * there. ERROR_MISSING says which robots have one; ERROR_LIMIT. */
enum error_code spool_path_find(const char *name, const char *directory, char *path, size_t size,
                                struct error *error) MUST_CHECK;

/* Whether a file of this name is a spool: one in use, or one that was set aside (`*damaged`). */
bool spool_path_is_spool(const char *name, bool *damaged);

/* The robot's name: that of the file up to PLACE_SUFFIX. `robot` holds `size` bytes. */
void spool_path_robot(const char *path, char *robot, size_t size);

/* The names in `directory` that are spools, in order, as an array that ends with NULL and is freed
 * with spool_path_list_free. ERROR_IO, ERROR_MEMORY. */
enum error_code spool_path_list(const char *directory, char ***names,
                                struct error *error) MUST_CHECK;
void spool_path_list_free(char **names);

#endif
