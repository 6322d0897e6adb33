/* The names that a message definition is made of: built-in kinds, packages, types, fields.
 * Source: genmsg's names.py and msgs.py. Any thread.
 */
#ifndef KAFKA_BRIDGE_MESSAGE_DEFINITIONS_TYPE_NAME_H
#define KAFKA_BRIDGE_MESSAGE_DEFINITIONS_TYPE_NAME_H

#include "message/definitions/definition.h"

#include <stdbool.h>
#include <stddef.h>

/* The built-in kind that the `length` bytes at `name` say; KIND_MESSAGE where they say none. */
enum field_kind type_name_kind(const char *name, size_t length);

/* "float64" for KIND_FLOAT64, and so on: the name as definitions write it; "message" for
 * KIND_MESSAGE. */
const char *field_kind_name(enum field_kind kind);

/* A letter, then letters, digits and '_'. */
bool type_name_is_plain(const char *name, size_t length);

/* "package/Type": two plain names with one '/' between. */
bool type_name_is_full(const char *name, size_t length);

#endif
