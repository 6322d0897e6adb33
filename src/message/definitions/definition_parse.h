/* The text of a definition taken apart into blocks, one per message type, and their lines into
 * fields and constants. Nested types are left as names; definition.c joins them.
 */
#ifndef KAFKA_BRIDGE_MESSAGE_DEFINITIONS_DEFINITION_PARSE_H
#define KAFKA_BRIDGE_MESSAGE_DEFINITIONS_DEFINITION_PARSE_H

#include "message/definitions/definition.h"
#include "message/values/arena.h"

#define DEFINITION_NAME_LIMIT 255 /* bytes of a name of a type, field or constant */

/* One type's part of the text. */
struct definition_block {
    const char *name; /* "package/Type", in the arena */
    const char *text; /* its lines, without the separator and the MSG: line */
    size_t length;
    struct field *fields; /* in the arena; `message` is NULL yet */
    unsigned *lines;      /* the line of each field, from 1 */
    size_t field_count;
    struct constant *constants;
    size_t constant_count;
};

/* Splits `text` at its separator lines. `*blocks` (in the arena) begins with that of `type`; the
 * others' names are from their MSG: lines. */
enum error_code definition_split(struct arena *arena, const char *type, const char *text,
                                 size_t length, struct definition_block **blocks, size_t *count,
                                 struct error *error) MUST_CHECK;

/* Fills the fields and constants of `block`. */
enum error_code definition_parse_block(struct arena *arena, struct definition_block *block,
                                       struct error *error) MUST_CHECK;

/* error_set with "package/Type:line" as path. */
enum error_code definition_error(struct error *error, enum error_code code, const char *type,
                                 unsigned line, const char *format, ...) PRINTF_LIKE(5, 6);

#endif
