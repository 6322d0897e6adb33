/* CREATE TABLE of MySQL and MariaDB. Source: the MySQL 8 manual, CREATE TABLE and Data Types. */
#include "schema/identifier.h"
#include "schema/statement.h"
#include "schema/table.h"
#include "schema/writer.h"

#include <strings.h>

/* Texts that are keys need a length, and to be compared byte by byte. */
#define KEY_TEXT  "varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"
#define KEY_ASCII "varchar(520) CHARACTER SET ascii COLLATE ascii_bin"
_Static_assert(TABLE_ID_LENGTH == 520, "KEY_ASCII holds a record's id");

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
        return "bigint unsigned";
    case TYPE_FLOAT:
        return "float";
    case TYPE_DOUBLE:
        return "double";
    case TYPE_TIMESTAMP:
        return "datetime";
    case TYPE_OBJECT:
    case TYPE_ARRAY:
    case TYPE_JSON:
        return "json";
    case TYPE_TEXT:
        break;
    }
    return "longtext"; /* `text` ends at 65535 bytes */
}

static enum error_code put_type(const struct table *table, const struct schema_target *target,
                                const struct schema_node *column, struct buffer *out,
                                struct error *error)
{
    if (column == &table->added)
        return statement_put(out, KEY_ASCII, error);
    if (column == table->key && column->type == TYPE_TEXT)
        return statement_put(out, KEY_TEXT, error);
    enum error_code code = statement_put(out, type_of(column), error);
    if (column->type != TYPE_TIMESTAMP || target->fraction == 0)
        return code;
    if (code == ERROR_NONE)
        code = statement_put(out, "(", error);
    if (code == ERROR_NONE)
        code = statement_put_number(out, target->fraction, error);
    return code == ERROR_NONE ? statement_put(out, ")", error) : code;
}

static enum error_code put_column(const struct table *table, const struct schema_target *target,
                                  const struct schema_node *column, struct buffer *out,
                                  struct error *error)
{
    enum error_code code = statement_put(out, "    ", error);
    if (code == ERROR_NONE)
        code = identifier_mysql(column->name, "column", out, error);
    if (code == ERROR_NONE)
        code = statement_put(out, " ", error);
    if (code == ERROR_NONE)
        code = put_type(table, target, column, out, error);
    if (code == ERROR_NONE && column == table->key)
        code = statement_put(
            out, target->auto_increment ? " AUTO_INCREMENT PRIMARY KEY" : " PRIMARY KEY", error);
    return code;
}

/* MySQL's columns are one where they differ in capitals only. */
static enum error_code check_capitals(const struct table *table, struct error *error)
{
    for (size_t i = 0; i < table->count; i++) {
        for (size_t j = 0; j < i; j++) {
            if (strcasecmp(table->columns[i].name, table->columns[j].name) == 0)
                return error_set(error, ERROR_DUPLICATE, table->columns[i].name, 0,
                                 "%s and %s are one name for MySQL, which knows no capitals in "
                                 "columns; rename one of them",
                                 table->columns[j].name, table->columns[i].name);
        }
    }
    return ERROR_NONE;
}

static enum error_code check_increment(const struct table *table,
                                       const struct schema_target *target, struct error *error)
{
    bool whole = table->key->type == TYPE_INT || table->key->type == TYPE_BIGINT ||
                 table->key->type == TYPE_UINT64;
    if (!target->auto_increment || whole)
        return ERROR_NONE;
    return error_set(error, ERROR_TYPE, "--auto-increment", 0,
                     "the key %s is no integer; name one that is with --key", table->key->name);
}

/* AUTO_INCREMENT takes 0, the first @sequence, as a wish for the next number. */
#define ZERO                                                                                       \
    "-- Write with sql_mode NO_AUTO_VALUE_ON_ZERO: the first record's key is 0, which MySQL "      \
    "would\n"                                                                                      \
    "-- replace by a number of its own.\n"

static enum error_code put_database(const struct schema_target *target, struct buffer *out,
                                    struct error *error)
{
    if (!target->database)
        return ERROR_NONE;
    enum error_code code = statement_put(out, "CREATE DATABASE IF NOT EXISTS ", error);
    if (code == ERROR_NONE)
        code = identifier_mysql(target->database, "database", out, error);
    if (code == ERROR_NONE)
        code = statement_put(out, " CHARACTER SET utf8mb4;\n\n", error);
    return code;
}

static enum error_code put_head(const struct table *table, const struct schema_target *target,
                                struct buffer *out, struct error *error)
{
    enum error_code code = put_database(target, out, error);
    if (code == ERROR_NONE && target->auto_increment && table->key->is_sequence)
        code = statement_put(out, ZERO, error);
    if (code == ERROR_NONE)
        code = statement_put(out, "CREATE TABLE IF NOT EXISTS ", error);
    if (code == ERROR_NONE && target->database)
        code = identifier_mysql(target->database, "database", out, error);
    if (code == ERROR_NONE && target->database)
        code = statement_put(out, ".", error);
    if (code == ERROR_NONE)
        code = identifier_mysql(target->table, "table", out, error);
    return code == ERROR_NONE ? statement_put(out, " (\n", error) : code;
}

enum error_code schema_write_mysql(const struct schema *schema, const struct schema_target *target,
                                   struct buffer *out, struct error *error)
{
    struct table table;
    const struct schema_node *column = NULL;
    enum error_code code = table_init(&table, schema, target, error);
    if (code == ERROR_NONE)
        code = check_capitals(&table, error);
    if (code == ERROR_NONE)
        code = check_increment(&table, target, error);
    if (code == ERROR_NONE)
        code = put_head(&table, target, out, error);
    for (size_t i = 0; code == ERROR_NONE && (column = table_column(&table, i)); i++) {
        if (i > 0)
            code = statement_put(out, ",\n", error);
        if (code == ERROR_NONE)
            code = put_column(&table, target, column, out, error);
    }
    return code == ERROR_NONE ? statement_put(out, "\n) DEFAULT CHARACTER SET utf8mb4;\n", error)
                              : code;
}
