/* CREATE KEYSPACE and CREATE TABLE in CQL. Source: Cassandra's documentation, "CQL", Data
 * Definition and Data Types. */
#include "schema/identifier.h"
#include "schema/statement.h"
#include "schema/table.h"
#include "schema/writer.h"

static const char *type_of(const struct schema_node *node)
{
    switch (node->type) {
    case TYPE_BOOLEAN:
        return "boolean";
    case TYPE_INT:
        return "int";
    case TYPE_BIGINT:
        return "bigint";
    case TYPE_UINT64:
        return "varint";
    case TYPE_FLOAT:
        return "float";
    case TYPE_DOUBLE:
        return "double";
    case TYPE_TIMESTAMP:
        return "timestamp";
    case TYPE_TEXT:
    case TYPE_OBJECT: /* a collection takes no null, which arrays may have: the JSON itself */
    case TYPE_ARRAY:
    case TYPE_JSON:
        break;
    }
    return "text";
}

static enum error_code put_column(const struct table *table, const struct schema_node *column,
                                  bool first, struct buffer *out, struct error *error)
{
    enum error_code code = statement_put(out, first ? "    " : ",\n    ", error);
    if (code == ERROR_NONE)
        code = identifier_cql(column->name, "column", out, error);
    if (code == ERROR_NONE)
        code = statement_put(out, " ", error);
    if (code == ERROR_NONE)
        code = statement_put(out, type_of(column), error);
    if (code == ERROR_NONE && column == table->key)
        code = statement_put(out, " PRIMARY KEY", error);
    return code;
}

static enum error_code put_keyspace(const struct schema_target *target, struct buffer *out,
                                    struct error *error)
{
    enum error_code code = statement_put(out, "CREATE KEYSPACE IF NOT EXISTS ", error);
    if (code == ERROR_NONE)
        code = identifier_cql_table(target->keyspace, "keyspace", out, error);
    if (code == ERROR_NONE)
        code = statement_put(
            out,
            "\n    WITH replication = {'class': 'SimpleStrategy', 'replication_factor': "
            "1};\n\n",
            error);
    return code;
}

enum error_code schema_write_cassandra(const struct schema *schema,
                                       const struct schema_target *target, struct buffer *out,
                                       struct error *error)
{
    struct table table;
    const struct schema_node *column = NULL;
    enum error_code code = table_init(&table, schema, target, error);
    if (code == ERROR_NONE)
        code = put_keyspace(target, out, error);
    if (code == ERROR_NONE)
        code = statement_put(out, "CREATE TABLE IF NOT EXISTS ", error);
    if (code == ERROR_NONE)
        code = identifier_cql_table(target->keyspace, "keyspace", out, error);
    if (code == ERROR_NONE)
        code = statement_put(out, ".", error);
    if (code == ERROR_NONE)
        code = identifier_cql_table(target->table, "table", out, error);
    if (code == ERROR_NONE)
        code = statement_put(out, " (\n", error);
    for (size_t i = 0; code == ERROR_NONE && (column = table_column(&table, i)); i++)
        code = put_column(&table, column, i == 0, out, error);
    return code == ERROR_NONE ? statement_put(out, "\n);\n", error) : code;
}
