/* What the records of a route to Kafka hold, as a tree: what each value is as JSON, and what a
 * table's column of it is. Made from the route and the message's definition; the writers (writer.h)
 * print it in the words of one reader each.
 *
 * The record is docs/json.md's: the tree follows what message/json/to_json.h and
 * message/mapping/to_record.h write. A schema is immutable once made: any thread.
 */
#ifndef KAFKA_BRIDGE_SCHEMA_SCHEMA_H
#define KAFKA_BRIDGE_SCHEMA_SCHEMA_H

#include "base/error.h"
#include "bridge/config/config.h"

#include <stdbool.h>
#include <stdint.h>

#define SCHEMA_NODES_LIMIT 100000 /* values of a record, those of nested messages counted */

/* What a value is in the record. */
enum schema_value {
    VALUE_BOOLEAN,
    VALUE_INTEGER,
    VALUE_NUMBER,
    VALUE_TEXT,
    VALUE_BASE64,
    VALUE_DATE_TIME, /* ISO 8601 in UTC with nine decimals */
    VALUE_OBJECT,
    VALUE_ARRAY,
    VALUE_CONSTANT, /* an object, an array or null that never changes */
};

/* What a value is in a table. */
enum schema_type {
    TYPE_BOOLEAN,
    TYPE_INT,    /* 32 bits */
    TYPE_BIGINT, /* 64 bits */
    TYPE_UINT64, /* 0…2^64-1 */
    TYPE_FLOAT,
    TYPE_DOUBLE,
    TYPE_TEXT,
    TYPE_TIMESTAMP,
    TYPE_OBJECT,
    TYPE_ARRAY,
    TYPE_JSON, /* any JSON */
};

struct schema_node {
    const char *name; /* of the member; NULL for the record itself and for elements of arrays */
    enum schema_value value;
    enum schema_type type;
    bool nullable;            /* null may stand there */
    bool non_finite_as_text;  /* VALUE_NUMBER: "NaN", "Infinity", "-Infinity" may stand there */
    int64_t minimum;          /* VALUE_INTEGER */
    uint64_t maximum;         /* VALUE_INTEGER */
    int64_t length;           /* VALUE_ARRAY: elements, VALUE_BASE64: bytes; -1: any number */
    const char *constant;     /* the JSON text of the only value there is; NULL: any */
    const char *fallback;     /* JSON text of another kind that stands there now and then; NULL */
    bool is_milliseconds;     /* since the Unix epoch */
    bool is_sequence;         /* the record's number on its Kafka topic */
    struct schema_node *list; /* VALUE_OBJECT: members; VALUE_ARRAY: the element */
    size_t count;
};

struct schema;

/* Makes the schema of what `route` writes of messages of `plan`'s type, which it borrows nothing
 * of. Errors: those of a field that the type has not, or of a `column` that cannot hold the value
 * (ERROR_TYPE); ERROR_TYPE for `format: ros1`; ERROR_LIMIT, ERROR_MEMORY. `error->path` is the
 * configuration's key. */
enum error_code schema_create(const struct to_kafka_route *route, const struct plan *plan,
                              struct schema **schema, struct error *error) MUST_CHECK;
void schema_destroy(struct schema *schema);

/* The record: a VALUE_OBJECT, but of `format: text` the text, named as its column is. */
const struct schema_node *schema_record(const struct schema *schema);

/* Whether the record's value is the text itself, and no JSON. */
bool schema_is_text(const struct schema *schema);

/* Whether the members were chosen by `fields`. */
bool schema_is_mapped(const struct schema *schema);

/* The columns of a table of such records: the members of an object, or the one text. */
const struct schema_node *schema_columns(const struct schema *schema, size_t *count);

#endif
