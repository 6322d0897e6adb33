/* The plans of message types, from the packages installed here or from Kafka's definitions topic.
 * One thread. */
#ifndef KAFKA_BRIDGE_BRIDGE_PUBLISH_TYPES_H
#define KAFKA_BRIDGE_BRIDGE_PUBLISH_TYPES_H

#include "kafka/settings/properties.h"
#include "message/definitions/packages.h"
#include "message/plan/plan.h"

#include <stdint.h>

struct types;

/* `definitions_topic` "" leaves Kafka out. Both texts and `packages` are borrowed. Errors as
 * kafka_definitions_create's. */
enum error_code types_create(const struct kafka_properties *properties,
                             const char *definitions_topic, struct packages *packages,
                             struct types **types, struct error *error) MUST_CHECK;
void types_destroy(struct types *types);

/* How long after it was first looked for a definition may still come, in nanoseconds. */
#define TYPES_PATIENCE INT64_C(30000000000)

/* Types that are waited for, at most; beyond, none is. */
#define TYPES_MISSING 1024

/* The plan of `type` with `md5sum` (NULL: as the package has it, else the newest in Kafka); lives
 * as long as the table. Waits at most `timeout_ms` for the definitions topic. The error's text says
 * where it was looked for. ERROR_UNKNOWN: not there yet, its definition may come a moment after the
 * first record; ERROR_IO: Kafka could not be asked; ERROR_MISSING: it did not come within
 * `patience` nanoseconds, or there is no definitions topic. */
enum error_code types_find(struct types *types, const char *type, const char *md5sum,
                           int timeout_ms, int64_t patience, const struct plan **plan,
                           struct error *error) MUST_CHECK;

#endif
