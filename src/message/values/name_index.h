/* Names in order, to find one among many and to see which appears twice.
 *
 * The caller owns the struct; the names are borrowed and must stay. Immutable once made: any
 * thread.
 */
#ifndef KAFKA_BRIDGE_MESSAGE_VALUES_NAME_INDEX_H
#define KAFKA_BRIDGE_MESSAGE_VALUES_NAME_INDEX_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct name_index {
    const char *names; /* the first `const char *`; the next is `stride` bytes on */
    size_t stride;
    uint32_t *order; /* positions, by name; equal names by position */
    size_t count;
};

/* Indexes the `count` names that begin at `*names`, `stride` bytes apart. ERROR_LIMIT (2^32 names)
 * or ERROR_MEMORY; name_index_fini may be called after either. */
enum error_code name_index_init(struct name_index *index, const char *const *names, size_t stride,
                                size_t count) MUST_CHECK;
void name_index_fini(struct name_index *index);

/* Finds the first name equal to the `length` bytes at `name`. */
bool name_index_find(const struct name_index *index, const char *name, size_t length,
                     size_t *position);

/* Finds a name that is there twice. */
bool name_index_duplicate(const struct name_index *index, size_t *first, size_t *again);

#endif
