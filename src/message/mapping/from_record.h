/* Field mapping on the way to ROS: a message filled from chosen places of a JSON record.
 *
 * A mapping is immutable once made and may be used by several threads; it borrows its plan.
 */
#ifndef KAFKA_BRIDGE_MESSAGE_MAPPING_FROM_RECORD_H
#define KAFKA_BRIDGE_MESSAGE_MAPPING_FROM_RECORD_H

#include "base/buffer.h"
#include "message/json/from_json.h"
#include "message/plan/plan.h"
#include "message/values/time_form.h"

/* One entry of `fields:` on the way to ROS. */
struct from_record_field {
    const char *path; /* of the ROS field: `histogram.counts`, `pose.covariance[3]` (fixed arrays
                         only) */
    const char
        *source;          /* JSON path: `$.Chamber_1.Hist_1.Counts`, `Chamber_1.Count`, `a[0].b`,
                             `$["Total Count"]`, `$` for the whole value; or `@key`, `@value` (the raw
                             bytes, a string field; of format long the number), `@timestamp`
                             (milliseconds), `@topic`, `@partition`, `@offset`; NULL with `constant` */
    const char *constant; /* JSON text; NULL where `source` is set */
    const char *fallback; /* JSON text, in the place of a source that is null or not in the record;
                             NULL: there that is an error, but for null where the field is of
                             float32 or float64 (NaN), and for @key and @timestamp */
    enum time_form time_form; /* how a number or string at `source` is read into a time */
};

/* What the @-sources say. */
struct record_origin {
    const char *key; /* NULL: no key */
    size_t key_length;
    int64_t timestamp; /* milliseconds since the epoch, -1 where there is none */
    const char *topic;
    int32_t partition;
    int64_t offset;
};

/* What the record's value is. */
enum record_form {
    RECORD_JSON, /* a JSON text */
    RECORD_TEXT, /* UTF-8 as it is: only @value can be mapped */
    RECORD_LONG, /* 8 bytes, big endian, signed (Kafka's LongSerializer): only @value */
};

struct from_record;

/* Fields that no entry names are zero. Errors as to_record_create's. */
enum error_code from_record_create(const struct plan *plan, const struct from_record_field *fields,
                                   size_t count, enum record_form form,
                                   const struct from_json_options *options,
                                   struct from_record **mapping, struct error *error) MUST_CHECK;
void from_record_destroy(struct from_record *mapping);

/* Appends the serialized message. A source that is not in the record is ERROR_MISSING unless the
 * field has a fallback; a key or timestamp that the record has not is zero without one, and
 * ERROR_MISSING with `strict`. Errors as from_json's, the path being that of the JSON. */
enum error_code from_record(const struct from_record *mapping, const char *value, size_t length,
                            const struct record_origin *origin, struct buffer *out,
                            struct error *error) MUST_CHECK;

#endif
