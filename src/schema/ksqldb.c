/* CREATE STREAM of ksqlDB. Source: ksqlDB's documentation, CREATE STREAM, Data types, and
 * Serialization formats. */
#include "schema/identifier.h"
#include "schema/statement.h"
#include "schema/writer.h"

#include <strings.h>

static enum error_code put_type(const struct schema_node *node, struct buffer *out,
                                struct error *error);

static enum error_code put_struct(const struct schema_node *node, struct buffer *out,
                                  struct error *error)
{
    if (node->count == 0) /* STRUCT has at least one field */
        return statement_put(out, "VARCHAR", error);
    enum error_code code = statement_put(out, "STRUCT<", error);
    for (size_t i = 0; i < node->count && code == ERROR_NONE; i++) {
        if (i > 0)
            code = statement_put(out, ", ", error);
        if (code == ERROR_NONE)
            code = identifier_ksql(node->list[i].name, "field", out, error);
        if (code == ERROR_NONE)
            code = statement_put(out, " ", error);
        if (code == ERROR_NONE)
            code = put_type(&node->list[i], out, error);
    }
    return code == ERROR_NONE ? statement_put(out, ">", error) : code;
}

/* ksqlDB reads no timestamp from JSON but milliseconds; anything else stays what it is. */
static const char *timestamp_of(const struct schema_node *node)
{
    if (node->is_milliseconds)
        return "TIMESTAMP";
    if (node->value == VALUE_INTEGER)
        return "BIGINT";
    return node->value == VALUE_NUMBER ? "DOUBLE" : "VARCHAR";
}

static enum error_code put_type(const struct schema_node *node, struct buffer *out,
                                struct error *error)
{
    switch (node->type) {
    case TYPE_BOOLEAN:
        return statement_put(out, "BOOLEAN", error);
    case TYPE_INT:
        return statement_put(out, "INT", error);
    case TYPE_BIGINT:
        return statement_put(out, "BIGINT", error);
    case TYPE_UINT64:
        return statement_put(out, "DECIMAL(20, 0)", error);
    case TYPE_FLOAT:
    case TYPE_DOUBLE:
        return statement_put(out, "DOUBLE", error);
    case TYPE_TIMESTAMP:
        return statement_put(out, timestamp_of(node), error);
    case TYPE_OBJECT:
        return put_struct(node, out, error);
    case TYPE_ARRAY: {
        enum error_code code = statement_put(out, "ARRAY<", error);
        if (code == ERROR_NONE)
            code = put_type(node->list, out, error);
        return code == ERROR_NONE ? statement_put(out, ">", error) : code;
    }
    case TYPE_TEXT:
    case TYPE_JSON:
        break;
    }
    return statement_put(out, "VARCHAR", error);
}

/* A name for the record's key that no column has, or NULL. */
static const char *key_name(const struct schema_node *columns, size_t count)
{
    static const char *const names[] = {"kafka_key", "record_key"};
    for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
        size_t i = 0;
        while (i < count && strcasecmp(columns[i].name, names[k]) != 0)
            i++;
        if (i == count)
            return names[k];
    }
    return NULL;
}

static enum error_code put_column(const struct schema_node *column, struct buffer *out,
                                  struct error *error)
{
    enum error_code code = statement_put(out, ",\n    ", error);
    if (code == ERROR_NONE)
        code = identifier_ksql(column->name, "column", out, error);
    if (code == ERROR_NONE)
        code = statement_put(out, " ", error);
    return code == ERROR_NONE ? put_type(column, out, error) : code;
}

static enum error_code put_head(const struct schema_target *target, const char *key,
                                struct buffer *out, struct error *error)
{
    if (!key)
        return error_set(error, ERROR_DUPLICATE, "kafka_key", 0,
                         "the record has members kafka_key and record_key, so that no name is "
                         "left for the record's key; rename one");
    enum error_code code = statement_put(out, "CREATE STREAM IF NOT EXISTS ", error);
    if (code == ERROR_NONE)
        code = identifier_ksql(target->table, "stream", out, error);
    if (code == ERROR_NONE)
        code = statement_put(out, " (\n    ", error);
    if (code == ERROR_NONE)
        code = statement_put(out, key, error);
    return code == ERROR_NONE ? statement_put(out, " VARCHAR KEY", error) : code;
}

enum error_code schema_write_ksqldb(const struct schema *schema, const struct schema_target *target,
                                    struct buffer *out, struct error *error)
{
    size_t count = 0;
    const struct schema_node *columns = schema_columns(schema, &count);
    enum error_code code = put_head(target, key_name(columns, count), out, error);
    for (size_t i = 0; i < count && code == ERROR_NONE; i++)
        code = put_column(&columns[i], out, error);
    if (code == ERROR_NONE)
        code = statement_put(out, "\n) WITH (KAFKA_TOPIC = '", error); /* topics have no quotes */
    if (code == ERROR_NONE)
        code = statement_put(out, target->kafka_topic, error);
    if (code == ERROR_NONE)
        code = statement_put(out, "', KEY_FORMAT = 'KAFKA', VALUE_FORMAT = ", error);
    return code == ERROR_NONE
               ? statement_put(out, schema_is_text(schema) ? "'KAFKA');\n" : "'JSON');\n", error)
               : code;
}
