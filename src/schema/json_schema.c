/* JSON Schema, draft 2020-12. Source: json-schema.org, "JSON Schema Validation". */
#include "schema/json_print.h"
#include "schema/json_tree.h"
#include "schema/writer.h"

#include <inttypes.h>
#include <stdio.h>

#define DRAFT     "https://json-schema.org/draft/2020-12/schema"
#define DATE_TIME "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{9}Z$"

static bool describe(cJSON *schema, const struct schema_node *node);

/* `type`: `name`, or with "null" where that may stand there. */
static bool set_type(cJSON *schema, const char *name, bool nullable)
{
    if (!nullable)
        return cJSON_AddStringToObject(schema, "type", name) != NULL;
    cJSON *types = cJSON_AddArrayToObject(schema, "type");
    return json_tree_append(types, cJSON_CreateString(name)) &&
           json_tree_append(types, cJSON_CreateString("null"));
}

/* Integers as digits: cJSON's numbers are doubles. */
static bool set_signed(cJSON *schema, const char *name, int64_t value)
{
    char text[32];
    (void)snprintf(text, sizeof text, "%" PRId64, value);
    return cJSON_AddRawToObject(schema, name, text) != NULL;
}

static bool set_unsigned(cJSON *schema, const char *name, uint64_t value)
{
    char text[32];
    (void)snprintf(text, sizeof text, "%" PRIu64, value);
    return cJSON_AddRawToObject(schema, name, text) != NULL;
}

static bool describe_object(cJSON *schema, const struct schema_node *node)
{
    cJSON *properties = NULL;
    cJSON *required = NULL;
    bool good = set_type(schema, "object", node->nullable) &&
                (properties = cJSON_AddObjectToObject(schema, "properties")) &&
                (required = cJSON_CreateArray());
    for (size_t i = 0; i < node->count && good; i++) {
        cJSON *member = cJSON_CreateObject();
        good = json_tree_set(properties, node->list[i].name, member) &&
               describe(member, &node->list[i]) &&
               json_tree_append(required, cJSON_CreateString(node->list[i].name));
    }
    if (!good) {
        cJSON_Delete(required);
        return false;
    }
    return json_tree_set(schema, "required", required) &&
           cJSON_AddFalseToObject(schema, "additionalProperties");
}

static bool describe_array(cJSON *schema, const struct schema_node *node)
{
    cJSON *items = cJSON_CreateObject();
    bool good = set_type(schema, "array", node->nullable) &&
                json_tree_set(schema, "items", items) && describe(items, node->list);
    if (good && node->length >= 0)
        good = set_signed(schema, "minItems", node->length) &&
               set_signed(schema, "maxItems", node->length);
    return good;
}

static bool describe_base64(cJSON *schema, const struct schema_node *node)
{
    bool good = set_type(schema, "string", node->nullable) &&
                cJSON_AddStringToObject(schema, "contentEncoding", "base64");
    int64_t length = (node->length + 2) / 3 * 4;
    if (good && node->length >= 0)
        good = set_signed(schema, "minLength", length) && set_signed(schema, "maxLength", length);
    return good;
}

static bool describe_number(cJSON *schema, const struct schema_node *node)
{
    if (!node->non_finite_as_text)
        return set_type(schema, "number", node->nullable);
    static const char *const texts[] = {"NaN", "Infinity", "-Infinity"};
    cJSON *choices = cJSON_AddArrayToObject(schema, "anyOf");
    cJSON *number = cJSON_CreateObject();
    bool good = json_tree_append(choices, number) && set_type(number, "number", node->nullable);
    return good && json_tree_append(choices, cJSON_CreateObject()) &&
           json_tree_set(cJSON_GetArrayItem(choices, 1), "enum", cJSON_CreateStringArray(texts, 3));
}

static bool describe_integer(cJSON *schema, const struct schema_node *node)
{
    return set_type(schema, "integer", node->nullable) &&
           set_signed(schema, "minimum", node->minimum) &&
           set_unsigned(schema, "maximum", node->maximum);
}

static bool describe_value(cJSON *schema, const struct schema_node *node)
{
    switch (node->value) {
    case VALUE_BOOLEAN:
        return set_type(schema, "boolean", node->nullable);
    case VALUE_INTEGER:
        return describe_integer(schema, node);
    case VALUE_NUMBER:
        return describe_number(schema, node);
    case VALUE_TEXT:
        return set_type(schema, "string", node->nullable);
    case VALUE_BASE64:
        return describe_base64(schema, node);
    case VALUE_DATE_TIME:
        return set_type(schema, "string", node->nullable) &&
               cJSON_AddStringToObject(schema, "format", "date-time") &&
               cJSON_AddStringToObject(schema, "pattern", DATE_TIME);
    case VALUE_OBJECT:
        return describe_object(schema, node);
    case VALUE_ARRAY:
        return describe_array(schema, node);
    case VALUE_CONSTANT: /* set by describe */
        return true;
    }
    return false;
}

/* The value or what stands there instead now and then. */
static bool describe_either(cJSON *schema, const struct schema_node *node)
{
    cJSON *choices = cJSON_AddArrayToObject(schema, "anyOf");
    cJSON *value = cJSON_CreateObject();
    cJSON *fallback = cJSON_CreateObject();
    bool appended = json_tree_append(choices, value);
    return json_tree_append(choices, fallback) && appended && describe_value(value, node) &&
           cJSON_AddRawToObject(fallback, "const", node->fallback);
}

static bool describe(cJSON *schema, const struct schema_node *node)
{
    if (node->constant)
        return cJSON_AddRawToObject(schema, "const", node->constant) != NULL;
    if (node->fallback)
        return describe_either(schema, node);
    return describe_value(schema, node);
}

enum error_code schema_write_json_schema(const struct schema *schema,
                                         const struct schema_target *target, struct buffer *out,
                                         struct error *error)
{
    cJSON *root = cJSON_CreateObject();
    bool good = cJSON_AddStringToObject(root, "$schema", DRAFT) &&
                cJSON_AddStringToObject(root, "title", target->kafka_topic) &&
                cJSON_AddStringToObject(root, "description", target->source) &&
                describe(root, schema_record(schema));
    if (good && schema_is_text(schema))
        good = cJSON_AddStringToObject(root, "$comment",
                                       "the record's value is this text itself, and no JSON");
    enum error_code code = good ? json_print(root, out) : ERROR_MEMORY;
    cJSON_Delete(root);
    return code == ERROR_NONE ? code
                              : error_set(error, code, "", 0, "the schema cannot be printed: %s",
                                          error_code_name(code));
}
