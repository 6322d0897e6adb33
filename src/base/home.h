/* `~/` at the beginning of a path, for paths that no shell has seen. */
#ifndef KAFKA_BRIDGE_BASE_HOME_H
#define KAFKA_BRIDGE_BASE_HOME_H

#include <stdbool.h>
#include <stddef.h>

#define HOME_PATH_SIZE 4096

/* Writes `path` with $HOME for its `~`, where it begins with `~/` and $HOME is set, else as it
 * stands. False: it does not fit into `size` bytes. */
bool home_expand(const char *path, char *expanded, size_t size);

#endif
