/* Who holds a spool: a lock on a file beside it, with the process's id in it. It ends with the
 * process, however that ends, and children do not inherit it. */
#ifndef KAFKA_BRIDGE_SPOOL_HOLDER_H
#define KAFKA_BRIDGE_SPOOL_HOLDER_H

#include "base/error.h"

#include <stdbool.h>

/* Takes the lock of the spool at `path`: `*descriptor` is to be closed. ERROR_DUPLICATE (another
 * process, or this one, has it), ERROR_IO, ERROR_FULL. */
enum error_code spool_holder_take(const char *path, int *descriptor,
                                  struct error *error) MUST_CHECK;

/* Whether a process has the lock of the spool at `path` now, and its id (0: not known). */
bool spool_holder_find(const char *path, long *pid);

#endif
