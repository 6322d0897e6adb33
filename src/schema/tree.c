#include "schema/tree.h"

#include <string.h>

enum error_code tree_list(struct schema_tree *tree, struct schema_node *node, size_t count,
                          const char *where, struct error *error)
{
    if (count > SCHEMA_NODES_LIMIT - tree->nodes)
        return error_set(error, ERROR_LIMIT, where, 0,
                         "the record has more than %d values with those of nested messages; map "
                         "the ones that are needed with format: fields",
                         SCHEMA_NODES_LIMIT);
    tree->nodes += count;
    node->count = count;
    node->list = arena_alloc(&tree->arena, count + 1, sizeof *node->list);
    return node->list ? ERROR_NONE : error_set(error, ERROR_MEMORY, where, 0, "out of memory");
}

const char *tree_text(struct schema_tree *tree, const char *text)
{
    return text ? arena_copy(&tree->arena, text, strlen(text)) : NULL;
}

void tree_integer(struct schema_node *node, int64_t minimum, uint64_t maximum)
{
    node->value = VALUE_INTEGER;
    node->minimum = minimum;
    node->maximum = maximum;
    if (minimum >= INT32_MIN && maximum <= INT32_MAX)
        node->type = TYPE_INT;
    else
        node->type = maximum <= INT64_MAX ? TYPE_BIGINT : TYPE_UINT64;
}

static enum error_code time_object(struct schema_tree *tree, struct schema_node *node,
                                   struct tree_bounds seconds, struct tree_bounds nanoseconds,
                                   const char *where, struct error *error)
{
    node->value = VALUE_OBJECT;
    node->type = TYPE_OBJECT;
    enum error_code code = tree_list(tree, node, 2, where, error);
    if (code != ERROR_NONE)
        return code;
    node->list[0].name = "secs";
    node->list[1].name = "nsecs";
    tree_integer(&node->list[0], seconds.minimum, seconds.maximum);
    tree_integer(&node->list[1], nanoseconds.minimum, nanoseconds.maximum);
    return ERROR_NONE;
}

enum error_code tree_time(struct schema_tree *tree, struct schema_node *node, enum time_form form,
                          struct tree_bounds seconds, struct tree_bounds nanoseconds,
                          const char *where, struct error *error)
{
    switch (form) {
    case TIME_OBJECT:
        return time_object(tree, node, seconds, nanoseconds, where, error);
    case TIME_SECONDS:
        node->value = VALUE_NUMBER;
        node->type = TYPE_DOUBLE;
        break;
    case TIME_MILLISECONDS:
    case TIME_NANOSECONDS:
        node->is_milliseconds = form == TIME_MILLISECONDS;
        tree_integer(node, INT64_MIN, INT64_MAX);
        break;
    case TIME_ISO8601:
        node->value = VALUE_DATE_TIME;
        node->type = TYPE_TEXT;
        break;
    }
    return ERROR_NONE;
}
