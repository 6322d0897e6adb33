/* Column types that the configuration says: which can hold which value. */
#include "schema/tree.h"

static const struct {
    const char *name;
    enum schema_type type;
} columns[] = {
    [COLUMN_INT] = {"int", TYPE_INT},
    [COLUMN_BIGINT] = {"bigint", TYPE_BIGINT},
    [COLUMN_FLOAT] = {"float", TYPE_FLOAT},
    [COLUMN_DOUBLE] = {"double", TYPE_DOUBLE},
    [COLUMN_BOOLEAN] = {"boolean", TYPE_BOOLEAN},
    [COLUMN_TEXT] = {"text", TYPE_TEXT},
    [COLUMN_TIMESTAMP] = {"timestamp", TYPE_TIMESTAMP},
};

static const struct {
    const char *name;
    const char *columns; /* that can hold it */
} values[] = {
    [VALUE_BOOLEAN] = {"true or false", "boolean or text"},
    [VALUE_INTEGER] = {"an integer", "int, bigint, float, double, timestamp or text"},
    [VALUE_NUMBER] = {"a number with a fraction", "float, double, timestamp or text"},
    [VALUE_TEXT] = {"a text", "text or timestamp"},
    [VALUE_BASE64] = {"bytes in base64", "text"},
    [VALUE_DATE_TIME] = {"a date and time", "timestamp or text"},
    [VALUE_OBJECT] = {"an object", "text; map its parts to columns of their own, and a time with "
                                   "time: seconds, milliseconds, nanoseconds or iso8601"},
    [VALUE_ARRAY] = {"an array", "text; map elements to columns of their own"},
    [VALUE_CONSTANT] = {"a constant of JSON", "text"},
};

static bool holds(enum column_type column, enum schema_value value)
{
    switch (column) {
    case COLUMN_DEFAULT:
    case COLUMN_TEXT:
        return true;
    case COLUMN_BOOLEAN:
        return value == VALUE_BOOLEAN;
    case COLUMN_INT:
    case COLUMN_BIGINT:
        return value == VALUE_INTEGER;
    case COLUMN_FLOAT:
    case COLUMN_DOUBLE:
        return value == VALUE_INTEGER || value == VALUE_NUMBER;
    case COLUMN_TIMESTAMP:
        return value == VALUE_INTEGER || value == VALUE_NUMBER || value == VALUE_TEXT ||
               value == VALUE_DATE_TIME;
    }
    return false;
}

enum error_code tree_column(struct schema_node *node, enum column_type column, const char *where,
                            struct error *error)
{
    if (!holds(column, node->value))
        return error_set(error, ERROR_TYPE, where, 0,
                         "column: %s cannot hold %s, as the record has it; a column of it is %s",
                         columns[column].name, values[node->value].name,
                         values[node->value].columns);
    if (column != COLUMN_DEFAULT)
        node->type = columns[column].type;
    return ERROR_NONE;
}
