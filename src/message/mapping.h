/* Field mapping, both ways: a few named values of a message as a flat JSON record, and a message
 * filled from chosen places of a JSON record.
 *
 * A mapping is immutable once made and may be used by several threads; it borrows its plan.
 */
#ifndef KAFKA_BRIDGE_MESSAGE_MAPPING_H
#define KAFKA_BRIDGE_MESSAGE_MAPPING_H

#include "base/buffer.h"
#include "message/from_json.h"
#include "message/plan.h"
#include "message/to_json.h"

/* How a time or duration is written and read. */
enum time_form {
    TIME_OBJECT,       /* {"secs":1,"nsecs":2} */
    TIME_SECONDS,      /* 1.000000002, all digits exact */
    TIME_MILLISECONDS, /* integer, rounded towards minus infinity */
    TIME_NANOSECONDS,  /* integer */
    TIME_ISO8601,      /* "1970-01-01T00:00:01.000000002Z" (time only) */
};

#define PRECISION_NONE (-1)
#define PRECISION_MAX  17

/* One entry of `fields:` on the way to Kafka. */
struct to_record_field {
    const char *name;     /* of the JSON member */
    const char *path;     /* `pose.pose.position.x`, `ranges[3]`, `ranges`; `@sequence`, `@stamp`,
                             `@receipt`, `@topic`, `@type`, `@robot`; NULL where `constant` is set */
    const char *constant; /* JSON text written as it is; NULL where `path` is set */
    int precision;        /* decimals that float values are rounded to, half to even on the exact
                             value as Python's round(); PRECISION_NONE keeps every digit */
    const char *fallback; /* JSON text written where an array is shorter than the path's index or
                             the value is not finite; NULL: null */
    enum time_form time_form; /* of a time or duration at `path`, and of @stamp and @receipt */
};

/* What the @-paths say; times in nanoseconds since the epoch. */
struct record_context {
    uint64_t sequence;
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

/* Appends the serialized message. A source that is not in the record leaves zero (or is
 * ERROR_MISSING with `strict`). Errors as from_json's, the path being that of the JSON. */
enum error_code from_record(const struct from_record *mapping, const char *value, size_t length,
                            const struct record_origin *origin, struct buffer *out,
                            struct error *error) MUST_CHECK;

#endif
