/* Spark's StructType as JSON. */
#include "schema/json_print.h"
#include "schema/json_tree.h"
#include "schema/writer.h"

#include <string.h>

static cJSON *type_of(const struct schema_node *node);

static cJSON *struct_of(const struct schema_node *columns, size_t count)
{
    cJSON *type = cJSON_CreateObject();
    cJSON *fields = NULL;
    bool good = cJSON_AddStringToObject(type, "type", "struct") &&
                (fields = cJSON_AddArrayToObject(type, "fields"));
    for (size_t i = 0; i < count && good; i++) {
        cJSON *field = cJSON_CreateObject();
        good = json_tree_append(fields, field) &&
               cJSON_AddStringToObject(field, "name", columns[i].name) &&
               json_tree_set(field, "type", type_of(&columns[i])) &&
               cJSON_AddTrueToObject(field, "nullable") &&
               cJSON_AddObjectToObject(field, "metadata");
    }
    if (good)
        return type;
    cJSON_Delete(type);
    return NULL;
}

static cJSON *array_of(const struct schema_node *element)
{
    cJSON *type = cJSON_CreateObject();
    if (cJSON_AddStringToObject(type, "type", "array") &&
        json_tree_set(type, "elementType", type_of(element)) &&
        cJSON_AddTrueToObject(type, "containsNull"))
        return type;
    cJSON_Delete(type);
    return NULL;
}

/* from_json reads a timestamp from a text alone; a number stays what it is. */
static const char *timestamp_of(enum schema_value value)
{
    if (value == VALUE_NUMBER)
        return "double";
    return value == VALUE_INTEGER ? "long" : "timestamp";
}

static cJSON *type_of(const struct schema_node *node)
{
    switch (node->type) {
    case TYPE_BOOLEAN:
        return cJSON_CreateString("boolean");
    case TYPE_INT:
        return cJSON_CreateString("integer");
    case TYPE_BIGINT:
        return cJSON_CreateString("long");
    case TYPE_UINT64:
        return cJSON_CreateString("decimal(20,0)");
    case TYPE_FLOAT:
        return cJSON_CreateString("float");
    case TYPE_DOUBLE:
        return cJSON_CreateString("double");
    case TYPE_TIMESTAMP:
        return cJSON_CreateString(timestamp_of(node->value));
    case TYPE_OBJECT:
        return struct_of(node->list, node->count);
    case TYPE_ARRAY:
        return array_of(node->list);
    case TYPE_TEXT:
    case TYPE_JSON: /* from_json gives the text of whatever stands there */
        break;
    }
    return cJSON_CreateString("string");
}

enum error_code schema_write_spark(const struct schema *schema, const struct schema_target *target,
                                   struct buffer *out, struct error *error)
{
    size_t count = 0;
    (void)target;
    const struct schema_node *columns = schema_columns(schema, &count);
    cJSON *type = struct_of(columns, count);
    enum error_code code = type ? json_print(type, out) : ERROR_MEMORY;
    cJSON_Delete(type);
    return code == ERROR_NONE ? code
                              : error_set(error, code, "", 0, "the schema cannot be printed: %s",
                                          error_code_name(code));
}
