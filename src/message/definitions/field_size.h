/* How many bytes values take on the wire. Any thread. */
#ifndef KAFKA_BRIDGE_MESSAGE_DEFINITIONS_FIELD_SIZE_H
#define KAFKA_BRIDGE_MESSAGE_DEFINITIONS_FIELD_SIZE_H

#include "message/definitions/definition.h"

/* Of one value of `kind`; 0 for KIND_STRING and KIND_MESSAGE, whose size is not the kind's. */
size_t field_kind_size(enum field_kind kind);

/* Of a single value of `field`, whatever its array part says; SIZE_MAX where they differ. */
size_t field_value_size(const struct field *field);

/* Of the shortest single value, which is also that of nothing said: zeros, empty strings and empty
 * variable arrays. */
size_t field_value_minimum(const struct field *field);

/* The same for the whole field, its array part included; SIZE_MAX where it is beyond counting. */
size_t field_minimum(const struct field *field);

#endif
