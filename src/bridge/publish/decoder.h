/* A record → message bytes, for one route and definition. Immutable once made; borrows its route
 * and plan. */
#ifndef KAFKA_BRIDGE_BRIDGE_PUBLISH_DECODER_H
#define KAFKA_BRIDGE_BRIDGE_PUBLISH_DECODER_H

#include "base/buffer.h"
#include "bridge/config/config.h"
#include "kafka/record/record.h"
#include "message/plan/plan.h"

struct decoder;

/* Errors as from_record_create's, with the key's path (`kafka_to_ros[0].fields`). */
enum error_code decoder_create(const struct to_ros_route *route, const struct plan *plan,
                               struct decoder **decoder, struct error *error) MUST_CHECK;
void decoder_destroy(struct decoder *decoder);

/* Writes the message; what `out` held before is forgotten. Errors as from_json's and
 * plan_validate's; a record without a value is ERROR_MISSING. */
enum error_code decoder_decode(const struct decoder *decoder, const struct kafka_record *record,
                               struct buffer *out, struct error *error) MUST_CHECK;

#endif
