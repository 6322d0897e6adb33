/* The names of a message's fields in one line, for the text of an error. Any thread. */
#ifndef KAFKA_BRIDGE_MESSAGE_DEFINITIONS_FIELD_NAMES_H
#define KAFKA_BRIDGE_MESSAGE_DEFINITIONS_FIELD_NAMES_H

#include "message/definitions/definition.h"

#define FIELD_NAMES_SIZE 300

/* "x, y, z"; "…" behind the last one that fits, "none" where the type has no fields. Returns
 * `text`. */
const char *field_names(const struct message_type *type, char text[FIELD_NAMES_SIZE]);

#endif
