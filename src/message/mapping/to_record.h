/* Field mapping on the way to Kafka: a few named values of a message as a flat JSON record.
 *
 * A mapping is immutable once made and may be used by several threads; it borrows its plan.
 */
#ifndef KAFKA_BRIDGE_MESSAGE_MAPPING_TO_RECORD_H
#define KAFKA_BRIDGE_MESSAGE_MAPPING_TO_RECORD_H

#include "base/buffer.h"
#include "message/json/to_json.h"
#include "message/plan/plan.h"
#include "message/values/column.h"
#include "message/values/time_form.h"

#define PRECISION_NONE (-1)
#define PRECISION_MAX  17

/* One entry of `fields:` on the way to Kafka. */
struct to_record_field {
    const char *name;     /* of the JSON member */
    const char *path;     /* `pose.pose.position.x`, `ranges[3]`, `ranges`; `@sequence`, `@stamp`,
                             `@receipt`, `@topic`, `@type`, `@robot`, `@index`; NULL where
                             `constant` is set */
    const char *constant; /* JSON text written as it is; NULL where `path` is set */
    int precision;        /* decimals that float values are rounded to, half to even on the exact
                             value as Python's round(); PRECISION_NONE keeps every digit */
    const char *fallback; /* JSON text written where an array is shorter than the path's index or
                             the value is not finite; NULL: null */
    enum time_form time_form; /* of a time or duration at `path`, and of @stamp and @receipt */
    enum column_type column;  /* what tables have it as; the record does not depend on it */
};

/* What the @-paths say; times in nanoseconds since the epoch. */
struct record_context {
    uint64_t sequence;
    uint64_t index; /* of the element that the record is made of; else 0 */
    int64_t stamp;
    int64_t receipt;
    const char *topic;
    const char *robot;
};

struct to_record;

/* `fields` is copied. Errors: ERROR_UNKNOWN (a path that names no field: lists those that are
 * there), ERROR_TYPE (an index on a single value), ERROR_RANGE (an index past a fixed array, a
 * precision), ERROR_SYNTAX (a path or a JSON constant), ERROR_DUPLICATE; `path` is the field's
 * name. */
enum error_code to_record_create(const struct plan *plan, const struct to_record_field *fields,
                                 size_t count, const struct to_json_options *options,
                                 struct to_record **mapping, struct error *error) MUST_CHECK;
void to_record_destroy(struct to_record *mapping);

/* Appends the record as compact JSON, members in the order given. The whole message is checked, not
 * only the mapped fields. Errors as to_json's. */
enum error_code to_record(const struct to_record *mapping, const uint8_t *bytes, size_t length,
                          const struct record_context *context, struct buffer *out,
                          struct to_json_counts *counts, struct error *error) MUST_CHECK;

#endif
