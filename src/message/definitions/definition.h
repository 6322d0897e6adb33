/* ROS 1 message definitions: the text of a .msg file with those of its nested types behind it, as
 * connection headers, bags and `gendeps --cat` carry it.
 *
 * Source: the ROS wiki's msg page, genmsg's msg_loader (names, constants) and genpy (the md5 text).
 * A definition is immutable once parsed; any number of threads may read it.
 */
#ifndef KAFKA_BRIDGE_MESSAGE_DEFINITIONS_DEFINITION_H
#define KAFKA_BRIDGE_MESSAGE_DEFINITIONS_DEFINITION_H

#include "base/buffer.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The kinds of a field's value. `byte` is int8 and `char` is uint8, as genpy has them. */
enum field_kind {
    KIND_BOOL,
    KIND_INT8,
    KIND_UINT8,
    KIND_INT16,
    KIND_UINT16,
    KIND_INT32,
    KIND_UINT32,
    KIND_INT64,
    KIND_UINT64,
    KIND_FLOAT32,
    KIND_FLOAT64,
    KIND_STRING,
    KIND_TIME,
    KIND_DURATION,
    KIND_MESSAGE,
};

#define ARRAY_NONE     (-2) /* a single value */
#define ARRAY_VARIABLE (-1) /* T[]; 0 and more: T[n] */

struct field {
    const char *name;
    const char *type_text; /* as written, without the array part: "Header", "byte", "Point" */
    enum field_kind kind;
    int64_t array;                      /* ARRAY_NONE, ARRAY_VARIABLE, or the fixed length */
    const struct message_type *message; /* KIND_MESSAGE: the nested type; else NULL */
};

struct constant {
    const char *name;
    const char *type_text;
    enum field_kind kind;
    const char *value_text; /* as written; of a string constant everything behind '=', trimmed as
                               genmsg does */
};

struct message_type {
    const char *name; /* "package/Type" */
    const struct field *fields;
    size_t field_count;
    const struct constant *constants;
    size_t constant_count;
    size_t fixed_size;   /* bytes on the wire where every value of the type has the same, else
                            SIZE_MAX */
    size_t minimum_size; /* bytes of the shortest value */
};

struct definition;

/* Bounds on what is accepted, so that a hostile definition costs little. */
#define DEFINITION_TEXT_LIMIT  (4U << 20) /* bytes of text */
#define DEFINITION_DEPTH_LIMIT 64         /* nesting of types */
#define DEFINITION_STEPS_LIMIT 1000000    /* fields after expansion of nested types */

/* Parses `text` (`length` bytes, need not be terminated) as the definition of `type`
 * ("package/Type"). Nested types are looked for in the blocks behind the separator lines; a name
 * without a package is the enclosing type's package's, and `Header` is std_msgs/Header.
 * Recursion of types is an error. `*definition` is the caller's, to destroy.
 * Errors: ERROR_SYNTAX, ERROR_UNKNOWN (a nested type that is nowhere), ERROR_DUPLICATE,
 * ERROR_RANGE (a constant), ERROR_LIMIT, ERROR_MEMORY; path is "package/Type:line". */
enum error_code definition_parse(const char *type, const char *text, size_t length,
                                 struct definition **definition, struct error *error) MUST_CHECK;
void definition_destroy(struct definition *definition);

/* The message itself; lives as long as the definition. */
const struct message_type *definition_type(const struct definition *definition);

/* 32 hexadecimal digits and NUL: equal to genpy's and rosmsg's. */
const char *definition_md5sum(const struct definition *definition);

/* The text as it was handed in, NUL-terminated. */
const char *definition_text(const struct definition *definition);

/* One type's part of a definition. */
struct definition_part {
    size_t number;    /* below definition_part_count */
    const char *text; /* its own lines; not NUL-terminated */
    size_t length;
    const char *md5sum;
};

/* How many blocks there are, those that the message does not need included. */
size_t definition_part_count(const struct definition *definition);

/* The part of `type`, which is the message or a type that it holds; lives as long as the
 * definition. */
struct definition_part definition_part(const struct definition *definition,
                                       const struct message_type *type);

/* Appends the definition of `type` alone, which is the message or a type that it holds: its own
 * text and the blocks of what it needs, each once, as `gendeps --cat` has them. ERROR_LIMIT,
 * ERROR_MEMORY. */
enum error_code definition_extract(const struct definition *definition,
                                   const struct message_type *type, struct buffer *out) MUST_CHECK;

#endif
