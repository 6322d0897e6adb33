/* Over values of a message that was checked: how far they reach. Any thread. */
#ifndef KAFKA_BRIDGE_MESSAGE_DEFINITIONS_FIELD_SKIP_H
#define KAFKA_BRIDGE_MESSAGE_DEFINITIONS_FIELD_SKIP_H

#include "message/definitions/definition.h"

/* Behind the whole of `field`, which begins at `bytes`: of an array, behind its last element. */
const uint8_t *field_skip(const struct field *field, const uint8_t *bytes);

/* Behind `count` elements of the array `field`, of which one begins at `bytes`. */
const uint8_t *field_skip_elements(const struct field *field, uint64_t count, const uint8_t *bytes);

#endif
