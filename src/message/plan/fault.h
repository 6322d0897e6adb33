/* Where serialized bytes stop being a message: found by a second, slow walk once the fast one has
 * failed. Any thread.
 */
#ifndef KAFKA_BRIDGE_MESSAGE_PLAN_FAULT_H
#define KAFKA_BRIDGE_MESSAGE_PLAN_FAULT_H

#include "base/error.h"
#include "message/definitions/definition.h"

/* Fills `error` with the path (`$.status[3].name`) and the position of the first value that is not
 * whole, of an array of nothing that is too long, or of the first byte too many, and returns its
 * code; ERROR_NONE where the bytes are one message. */
enum error_code fault_describe(const struct message_type *type, const uint8_t *bytes, size_t length,
                               struct error *error) MUST_CHECK;

#endif
