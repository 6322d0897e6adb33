/* Nodes from the entries of `fields`: what to_record writes of them. */
#include "message/definitions/field_path.h"
#include "schema/tree.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SECONDS_MAXIMUM     (INT64_MAX / 1000000000)
#define NANOSECONDS_MAXIMUM 999999999

static bool is_whole_number(const char *text)
{
    return strpbrk(text, ".eE") == NULL;
}

/* Widens the bounds of an integer by `text`, its digits. False: none could hold all of them. */
static bool widen(struct schema_node *node, const char *text)
{
    errno = 0;
    if (text[0] == '-') {
        int64_t value = strtoll(text, NULL, 10);
        int64_t minimum = value < node->minimum ? value : node->minimum;
        if (errno != 0 || node->maximum > INT64_MAX)
            return false;
        tree_integer(node, minimum, node->maximum);
        return true;
    }
    uint64_t value = strtoull(text, NULL, 10);
    uint64_t maximum = value > node->maximum ? value : node->maximum;
    if (errno != 0 || (maximum > INT64_MAX && node->minimum < 0))
        return false;
    tree_integer(node, node->minimum, maximum);
    return true;
}

static void constant_type(struct schema_node *node, const cJSON *value, const char *text)
{
    node->value = VALUE_CONSTANT;
    node->type = TYPE_JSON;
    if (cJSON_IsBool(value)) {
        node->value = VALUE_BOOLEAN;
        node->type = TYPE_BOOLEAN;
    } else if (cJSON_IsString(value)) {
        node->value = VALUE_TEXT;
        node->type = TYPE_TEXT;
    } else if (cJSON_IsNumber(value) && is_whole_number(text) && widen(node, text)) {
        node->value = VALUE_INTEGER;
    } else if (cJSON_IsNumber(value)) {
        node->value = VALUE_NUMBER;
        node->type = TYPE_DOUBLE;
    } else {
        node->nullable = cJSON_IsNull(value);
    }
}

enum error_code tree_constant(struct schema_tree *tree, struct schema_node *node, const char *text,
                              const char *where, struct error *error)
{
    cJSON *value = cJSON_Parse(text);
    if (!value)
        return error_set(error, ERROR_SYNTAX, where, 0, "the constant %.80s is no JSON value",
                         text);
    constant_type(node, value, text);
    cJSON_Delete(value);
    node->constant = tree_text(tree, text);
    return node->constant ? ERROR_NONE : error_set(error, ERROR_MEMORY, where, 0, "out of memory");
}

/* What the @-paths write. */
static enum error_code context(struct schema_tree *tree, struct schema_node *node,
                               const struct to_record_field *field, const char *where,
                               struct error *error)
{
    static const char *const texts[] = {"@topic", "@type", "@robot"};
    if (strcmp(field->path, "@sequence") == 0) {
        tree_integer(node, 0, INT64_MAX);
        node->is_sequence = true;
        return ERROR_NONE;
    }
    if (strcmp(field->path, "@index") == 0) {
        tree_integer(node, 0, UINT32_MAX);
        return ERROR_NONE;
    }
    if (strcmp(field->path, "@stamp") == 0 || strcmp(field->path, "@receipt") == 0)
        return tree_time(tree, node, field->time_form, (struct tree_bounds){0, SECONDS_MAXIMUM},
                         (struct tree_bounds){0, NANOSECONDS_MAXIMUM}, where, error);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (strcmp(field->path, texts[i]) == 0) {
            node->value = VALUE_TEXT;
            node->type = TYPE_TEXT;
            return ERROR_NONE;
        }
    }
    return error_set(error, ERROR_UNKNOWN, where, 0,
                     "there is no \"%.80s\"; there are @sequence, @stamp, @receipt, @topic, "
                     "@type, @robot and @index",
                     field->path);
}

/* Whether the path goes through an element of an array that may be shorter. */
static bool may_be_absent(const struct field_path *path)
{
    for (size_t i = 0; i < path->count; i++) {
        if (path->parts[i].field->array == ARRAY_VARIABLE &&
            path->parts[i].index != FIELD_PATH_WHOLE)
            return true;
    }
    return false;
}

/* Whether a column of the node's values takes `default`, too. */
static bool fits(struct schema_node *node, const cJSON *fallback, const char *text)
{
    switch (node->value) {
    case VALUE_BOOLEAN:
        return cJSON_IsBool(fallback);
    case VALUE_INTEGER:
        return cJSON_IsNumber(fallback) && is_whole_number(text) && widen(node, text);
    case VALUE_NUMBER:
        return cJSON_IsNumber(fallback);
    case VALUE_TEXT:
        return cJSON_IsString(fallback);
    default:
        return false;
    }
}

/* Takes account of what stands there where the value itself cannot. */
static enum error_code add_fallback(struct schema_tree *tree, struct schema_node *node,
                                    const struct to_record_field *field, bool absent,
                                    const char *where, struct error *error)
{
    bool not_finite = node->value == VALUE_NUMBER && (node->nullable || node->non_finite_as_text);
    if (!field->fallback || !(absent || not_finite)) {
        node->nullable = node->nullable || absent;
        return ERROR_NONE;
    }
    cJSON *fallback = cJSON_Parse(field->fallback);
    if (!fallback)
        return error_set(error, ERROR_SYNTAX, where, 0, "the default %.80s is no JSON value",
                         field->fallback);
    node->nullable = cJSON_IsNull(fallback);
    node->non_finite_as_text = false;
    bool right = cJSON_IsNull(fallback) || fits(node, fallback, field->fallback);
    cJSON_Delete(fallback);
    if (right)
        return ERROR_NONE;
    node->type = TYPE_JSON;
    node->fallback = tree_text(tree, field->fallback);
    if (!node->fallback)
        return error_set(error, ERROR_MEMORY, where, 0, "out of memory");
    if (field->column != COLUMN_TEXT)
        return error_set(error, ERROR_TYPE, where, 0,
                         "the default %.80s is of another type than the value, and a column has "
                         "one; write a default of the value's type, or column: text",
                         field->fallback);
    return ERROR_NONE;
}

static enum error_code value(struct schema_tree *tree, struct schema_node *node,
                             const struct message_type *base, const struct to_record_field *field,
                             const char *where, struct error *error)
{
    struct field_path path;
    enum error_code code = field_path_parse(base, field->path, where, &path, error);
    if (code != ERROR_NONE)
        return code;
    const struct field *leaf = field_path_field(&path);
    bool is_array = field_path_is_array(&path);
    bool is_time = !is_array && (leaf->kind == KIND_TIME || leaf->kind == KIND_DURATION);
    if (is_time && field->time_form != TIME_OBJECT)
        code = tree_time(tree, node, field->time_form, (struct tree_bounds){0, 0},
                         (struct tree_bounds){0, 0}, where, error);
    else
        code = tree_field(tree, node, leaf, !is_array, where, error);
    return code == ERROR_NONE ? add_fallback(tree, node, field, may_be_absent(&path), where, error)
                              : code;
}

enum error_code tree_mapped(struct schema_tree *tree, struct schema_node *node,
                            const struct message_type *base, const struct to_record_field *field,
                            const char *where, struct error *error)
{
    enum error_code code = ERROR_NONE;
    node->name = tree_text(tree, field->name);
    if (!node->name)
        return error_set(error, ERROR_MEMORY, where, 0, "out of memory");
    if (field->constant)
        code = tree_constant(tree, node, field->constant, where, error);
    else if (field->path[0] == '@')
        code = context(tree, node, field, where, error);
    else
        code = value(tree, node, base, field, where, error);
    return code == ERROR_NONE ? tree_column(node, field->column, where, error) : code;
}
