/* The fields of a message that a mapping writes: paths resolved against the message's type, and
 * their order on the wire.
 */
#ifndef KAFKA_BRIDGE_MESSAGE_RECORD_TARGET_H
#define KAFKA_BRIDGE_MESSAGE_RECORD_TARGET_H

#include "message/arena.h"
#include "message/definition.h"
#include "message/json_path.h"

/* One path, as the positions that lead to it: a field's, behind it an element's where the path has
 * an index, the next field's, … */
struct record_target {
    const char *path; /* as the user wrote it */
    const struct field *field;
    bool single; /* one element of a fixed array, not all of the field */
    size_t *positions;
    size_t count;
    size_t entry; /* the caller's number for it */
};

/* Resolves `path` in memory of `arena`; `target->path` and `entry` are the caller's to set before.
 * Errors: ERROR_SYNTAX, ERROR_UNKNOWN (lists the fields that are there), ERROR_TYPE (an index on a
 * single value or a variable array, a name behind what is no message), ERROR_RANGE (an index past
 * the array's end), ERROR_MEMORY. */
enum error_code record_target_resolve(struct record_target *target, const struct message_type *type,
                                      struct arena *arena, struct error *error) MUST_CHECK;

/* Puts targets in wire order. ERROR_DUPLICATE where two are the same or one is inside another. */
enum error_code record_targets_sort(struct record_target *targets, size_t count,
                                    struct error *error) MUST_CHECK;

#endif
