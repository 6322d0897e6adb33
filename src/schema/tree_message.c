/* Nodes from message definitions: what to_json writes of them. */
#include "schema/tree.h"

#include <string.h>

static void number(struct schema_tree *tree, struct schema_node *node, enum schema_type type)
{
    node->value = VALUE_NUMBER;
    node->type = type;
    node->non_finite_as_text = tree->json.non_finite_as_string;
    node->nullable = !tree->json.non_finite_as_string;
}

static enum error_code single(struct schema_tree *tree, struct schema_node *node,
                              const struct field *field, const char *where, struct error *error)
{
    switch (field->kind) {
    case KIND_BOOL:
        node->value = VALUE_BOOLEAN;
        node->type = TYPE_BOOLEAN;
        return ERROR_NONE;
    case KIND_INT8:
        tree_integer(node, INT8_MIN, INT8_MAX);
        return ERROR_NONE;
    case KIND_UINT8:
        tree_integer(node, 0, UINT8_MAX);
        return ERROR_NONE;
    case KIND_INT16:
        tree_integer(node, INT16_MIN, INT16_MAX);
        return ERROR_NONE;
    case KIND_UINT16:
        tree_integer(node, 0, UINT16_MAX);
        return ERROR_NONE;
    case KIND_INT32:
        tree_integer(node, INT32_MIN, INT32_MAX);
        return ERROR_NONE;
    case KIND_UINT32:
        tree_integer(node, 0, UINT32_MAX);
        return ERROR_NONE;
    case KIND_INT64:
        tree_integer(node, INT64_MIN, INT64_MAX);
        return ERROR_NONE;
    case KIND_UINT64:
        tree_integer(node, 0, UINT64_MAX);
        return ERROR_NONE;
    case KIND_FLOAT32:
        number(tree, node, TYPE_FLOAT);
        return ERROR_NONE;
    case KIND_FLOAT64:
        number(tree, node, TYPE_DOUBLE);
        return ERROR_NONE;
    case KIND_STRING:
        node->value = VALUE_TEXT;
        node->type = TYPE_TEXT;
        return ERROR_NONE;
    case KIND_TIME:
        return tree_time(tree, node, TIME_OBJECT, (struct tree_bounds){0, UINT32_MAX},
                         (struct tree_bounds){0, UINT32_MAX}, where, error);
    case KIND_DURATION:
        return tree_time(tree, node, TIME_OBJECT, (struct tree_bounds){INT32_MIN, INT32_MAX},
                         (struct tree_bounds){INT32_MIN, INT32_MAX}, where, error);
    case KIND_MESSAGE:
        return tree_message(tree, node, field->message, where, error);
    }
    return error_set(error, ERROR_ARGUMENT, where, 0, "a kind of field without a schema");
}

enum error_code tree_field(struct schema_tree *tree, struct schema_node *node,
                           const struct field *field, bool is_single, const char *where,
                           struct error *error)
{
    if (is_single || field->array == ARRAY_NONE)
        return single(tree, node, field, where, error);
    node->length = field->array == ARRAY_VARIABLE ? -1 : field->array;
    if (field->kind == KIND_UINT8 && !tree->json.bytes_as_array) {
        node->value = VALUE_BASE64;
        node->type = TYPE_TEXT;
        return ERROR_NONE;
    }
    node->value = VALUE_ARRAY;
    node->type = TYPE_ARRAY;
    enum error_code code = tree_list(tree, node, 1, where, error);
    return code == ERROR_NONE ? single(tree, node->list, field, where, error) : code;
}

enum error_code tree_message(struct schema_tree *tree, struct schema_node *node,
                             const struct message_type *type, const char *where,
                             struct error *error)
{
    node->value = VALUE_OBJECT;
    node->type = TYPE_OBJECT;
    enum error_code code = tree_list(tree, node, type->field_count, where, error);
    for (size_t i = 0; i < type->field_count && code == ERROR_NONE; i++) {
        node->list[i].name = tree_text(tree, type->fields[i].name);
        code = node->list[i].name
                   ? tree_field(tree, &node->list[i], &type->fields[i], false, where, error)
                   : error_set(error, ERROR_MEMORY, where, 0, "out of memory");
    }
    return code;
}
