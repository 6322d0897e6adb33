/* Paths to a value within a message: `pose.pose.position.x`, `ranges[3]`, `status[0].name`.
 *
 * The caller owns the struct; it borrows the message type. Immutable once made: any thread.
 */
#ifndef KAFKA_BRIDGE_MESSAGE_DEFINITIONS_FIELD_PATH_H
#define KAFKA_BRIDGE_MESSAGE_DEFINITIONS_FIELD_PATH_H

#include "base/error.h"
#include "message/definitions/definition.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FIELD_PATH_WHOLE (-1) /* no index: a single value, or all of an array */

struct field_path_part {
    const struct field *field;
    int64_t index; /* into an array, or FIELD_PATH_WHOLE */
};

struct field_path {
    struct field_path_part parts[DEFINITION_DEPTH_LIMIT];
    size_t count; /* at least 1 */
};

/* Finds what `text` names in `type`. Only the last part may be a whole array. Errors:
 * ERROR_SYNTAX, ERROR_UNKNOWN (lists the fields that are there), ERROR_TYPE (an index on a single
 * value, a name below a value that has none), ERROR_RANGE (an index past a fixed array);
 * `error->path` is `where`. */
enum error_code field_path_parse(const struct message_type *type, const char *text,
                                 const char *where, struct field_path *path,
                                 struct error *error) MUST_CHECK;

/* The last part's field. */
static inline const struct field *field_path_field(const struct field_path *path)
{
    return path->parts[path->count - 1].field;
}

/* Whether the path leads to a whole array. */
static inline bool field_path_is_array(const struct field_path *path)
{
    const struct field_path_part *last = &path->parts[path->count - 1];
    return last->field->array != ARRAY_NONE && last->index == FIELD_PATH_WHOLE;
}

/* Goes from `bytes`, where the field of part `part` begins, to the path's value. The bytes must be
 * part of a message that was checked. NULL where a variable array is shorter than the path's index.
 */
const uint8_t *field_path_follow(const struct field_path *path, size_t part, const uint8_t *bytes);

#endif
