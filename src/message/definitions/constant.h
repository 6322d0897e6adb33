/* The value of a constant in a message definition, checked as genmsg checks it. Any thread. */
#ifndef KAFKA_BRIDGE_MESSAGE_DEFINITIONS_CONSTANT_H
#define KAFKA_BRIDGE_MESSAGE_DEFINITIONS_CONSTANT_H

#include "message/definitions/definition.h"

/* Whether the `length` bytes at `text` (no space around them) are a value of `kind`: decimal
 * integers within the kind's range; decimal floats, inf and nan; True, False or an integer; any
 * text for a string. Returns ERROR_NONE, ERROR_SYNTAX, ERROR_RANGE, or ERROR_TYPE for a kind that
 * has no constants. */
enum error_code constant_check(enum field_kind kind, const char *text, size_t length) MUST_CHECK;

#endif
