/* The plans of message types, from the packages installed here or from Kafka's definitions topic.
 * One thread. */
#ifndef KAFKA_BRIDGE_BRIDGE_TYPES_H
#define KAFKA_BRIDGE_BRIDGE_TYPES_H

#include "kafka/properties.h"
#include "message/packages.h"
#include "message/plan.h"

struct types;

/* `definitions_topic` "" leaves Kafka out. Both texts and `packages` are borrowed. Errors as
 * kafka_definitions_create's. */
enum error_code types_create(const struct kafka_properties *properties,
                             const char *definitions_topic, struct packages *packages,
                             struct types **types, struct error *error) MUST_CHECK;
void types_destroy(struct types *types);

/* The plan of `type` with `md5sum` (NULL: as the package has it, else the newest in Kafka); lives
 * as long as the table. Waits at most `timeout_ms` for the definitions topic. ERROR_UNKNOWN says
 * where it was looked for. */
enum error_code types_find(struct types *types, const char *type, const char *md5sum,
                           int timeout_ms, const struct plan **plan,
                           struct error *error) MUST_CHECK;

#endif
