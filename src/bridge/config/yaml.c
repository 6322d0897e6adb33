#include "bridge/config/yaml.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <yaml.h>

struct conversion {
    const char *file;
    yaml_document_t *document;
    size_t nodes;
    struct error *error;
};

static enum error_code convert(struct conversion *conversion, yaml_node_t *node, int depth,
                               cJSON **value);

static enum error_code fail(struct conversion *conversion, enum error_code code,
                            const yaml_mark_t *mark, const char *text)
{
    char path[ERROR_PATH_SIZE];
    (void)snprintf(path, sizeof path, "%s:%zu:%zu", conversion->file, mark->line + 1,
                   mark->column + 1);
    return error_set(conversion->error, code, path, mark->index, "%s", text);
}

static cJSON *resolve_bool(const char *text)
{
    static const char *const truths[] = {"true", "yes", "on"};
    static const char *const lies[] = {"false", "no", "off"};
    for (size_t i = 0; i < sizeof truths / sizeof *truths; i++) {
        if (strcasecmp(text, truths[i]) == 0)
            return cJSON_CreateTrue();
        if (strcasecmp(text, lies[i]) == 0)
            return cJSON_CreateFalse();
    }
    return NULL;
}

static cJSON *resolve_number(const char *text)
{
    const char *digits = text + (*text == '-' || *text == '+');
    if (strcasecmp(digits, ".inf") == 0 || strcasecmp(text, ".nan") == 0) {
        double infinity = *text == '-' ? -(double)INFINITY : (double)INFINITY;
        return cJSON_CreateNumber(digits[1] == 'i' || digits[1] == 'I' ? infinity : (double)NAN);
    }
    if (strspn(digits, ".0123456789") == 0)
        return NULL;
    char *end = NULL;
    if (digits[0] == '0' && digits[1] == 'o') {
        double value = (double)strtoll(digits + 2, &end, 8);
        return *end ? NULL : cJSON_CreateNumber(*text == '-' ? -value : value);
    }
    double value = strtod(text, &end);
    return end == text || *end ? NULL : cJSON_CreateNumber(value);
}

cJSON *yaml_read_scalar(const char *text)
{
    if (*text == '\0' || strcmp(text, "~") == 0 || strcasecmp(text, "null") == 0)
        return cJSON_CreateNull();
    cJSON *value = resolve_bool(text);
    if (!value && (value = resolve_number(text)))
        value->valuestring = strdup(text); /* freed with the item; see yaml.h */
    return value ? value : cJSON_CreateString(text);
}

static cJSON *convert_scalar(const yaml_node_t *node)
{
    const char *text = (const char *)node->data.scalar.value;
    return node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE ? yaml_read_scalar(text)
                                                              : cJSON_CreateString(text);
}

static enum error_code convert_sequence(struct conversion *conversion, yaml_node_t *node, int depth,
                                        cJSON *array)
{
    for (yaml_node_item_t *item = node->data.sequence.items.start;
         item < node->data.sequence.items.top; item++) {
        cJSON *value = NULL;
        enum error_code code = convert(
            conversion, yaml_document_get_node(conversion->document, *item), depth + 1, &value);
        if (code != ERROR_NONE)
            return code;
        cJSON_AddItemToArray(array, value);
    }
    return ERROR_NONE;
}

/* Merges the mapping that `<<` refers to: keys already there win. Takes `merged`. */
static enum error_code merge(struct conversion *conversion, const yaml_node_t *node, cJSON *object,
                             cJSON *merged)
{
    if (!cJSON_IsObject(merged)) {
        cJSON_Delete(merged);
        return fail(conversion, ERROR_TYPE, &node->start_mark,
                    "<< must refer to a mapping (an alias such as *defaults)");
    }
    while (merged->child) {
        cJSON *item = cJSON_DetachItemViaPointer(merged, merged->child);
        if (cJSON_GetObjectItemCaseSensitive(object, item->string))
            cJSON_Delete(item);
        else
            cJSON_AddItemToObject(object, item->string, item);
    }
    cJSON_Delete(merged);
    return ERROR_NONE;
}

static enum error_code convert_pair(struct conversion *conversion, const yaml_node_pair_t *pair,
                                    int depth, cJSON *object)
{
    yaml_node_t *key = yaml_document_get_node(conversion->document, pair->key);
    yaml_node_t *node = yaml_document_get_node(conversion->document, pair->value);
    if (key->type != YAML_SCALAR_NODE)
        return fail(conversion, ERROR_TYPE, &key->start_mark, "a key must be a text");
    const char *name = (const char *)key->data.scalar.value;
    cJSON *value = NULL;
    enum error_code code = convert(conversion, node, depth + 1, &value);
    if (code != ERROR_NONE)
        return code;
    if (strcmp(name, "<<") == 0)
        return merge(conversion, key, object, value);
    if (cJSON_GetObjectItemCaseSensitive(object, name)) {
        cJSON_Delete(value);
        return fail(conversion, ERROR_DUPLICATE, &key->start_mark,
                    "this key stands twice in one mapping; keep one of them");
    }
    /* It returns nothing before cJSON 1.7.13; an item that was added has its name. */
    cJSON_AddItemToObject(object, name, value);
    if (!value->string) {
        cJSON_Delete(value);
        return fail(conversion, ERROR_MEMORY, &key->start_mark, "out of memory");
    }
    return ERROR_NONE;
}

static enum error_code convert_mapping(struct conversion *conversion, yaml_node_t *node, int depth,
                                       cJSON *object)
{
    /* Merges come last, so that the mapping's own keys win wherever `<<` stands. */
    for (int merges = 0; merges < 2; merges++) {
        for (yaml_node_pair_t *pair = node->data.mapping.pairs.start;
             pair < node->data.mapping.pairs.top; pair++) {
            const yaml_node_t *key = yaml_document_get_node(conversion->document, pair->key);
            bool is_merge = key->type == YAML_SCALAR_NODE &&
                            strcmp((const char *)key->data.scalar.value, "<<") == 0;
            if (is_merge != (merges == 1))
                continue;
            enum error_code code = convert_pair(conversion, pair, depth, object);
            if (code != ERROR_NONE)
                return code;
        }
    }
    return ERROR_NONE;
}

static enum error_code convert(struct conversion *conversion, yaml_node_t *node, int depth,
                               cJSON **value)
{
    if (depth > YAML_DEPTH_LIMIT || ++conversion->nodes > YAML_NODES_LIMIT)
        return fail(conversion, ERROR_LIMIT, &node->start_mark,
                    "too deep or too large for a configuration");
    enum error_code code = ERROR_NONE;
    cJSON *made = NULL;
    switch (node->type) {
    case YAML_SCALAR_NODE:
        made = convert_scalar(node);
        break;
    case YAML_SEQUENCE_NODE:
        made = cJSON_CreateArray();
        code = made ? convert_sequence(conversion, node, depth, made) : ERROR_NONE;
        break;
    case YAML_MAPPING_NODE:
        made = cJSON_CreateObject();
        code = made ? convert_mapping(conversion, node, depth, made) : ERROR_NONE;
        break;
    case YAML_NO_NODE:
        return fail(conversion, ERROR_SYNTAX, &node->start_mark, "an empty node");
    }
    if (!made)
        return fail(conversion, ERROR_MEMORY, &node->start_mark, "out of memory");
    if (code != ERROR_NONE) {
        cJSON_Delete(made);
        return code;
    }
    *value = made;
    return ERROR_NONE;
}

static enum error_code convert_document(const char *file, yaml_document_t *document, cJSON **tree,
                                        struct error *error)
{
    struct conversion conversion = {.file = file, .document = document, .error = error};
    yaml_node_t *root = yaml_document_get_root_node(document);
    if (!root)
        return error_set(error, ERROR_SYNTAX, file, 0,
                         "the file is empty; a mapping with ros_to_kafka or kafka_to_ros is "
                         "expected");
    return convert(&conversion, root, 0, tree);
}

enum error_code yaml_read_file(const char *file, cJSON **tree, struct error *error)
{
    FILE *stream = fopen(file, "rb");
    if (!stream)
        return error_set(error, ERROR_IO, file, 0, "cannot be read: %s", strerror(errno));

    enum error_code code;
    yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser)) {
        (void)fclose(stream);
        return error_set(error, ERROR_MEMORY, file, 0, "out of memory");
    }
    yaml_parser_set_input_file(&parser, stream);

    yaml_document_t document;
    if (yaml_parser_load(&parser, &document)) {
        code = convert_document(file, &document, tree, error);
        yaml_document_delete(&document);
    } else {
        char path[ERROR_PATH_SIZE];
        (void)snprintf(path, sizeof path, "%s:%zu:%zu", file, parser.problem_mark.line + 1,
                       parser.problem_mark.column + 1);
        code = error_set(error, ERROR_SYNTAX, path, parser.problem_offset, "not YAML: %s%s%s",
                         parser.problem ? parser.problem : "cannot be read",
                         parser.context ? ", " : "", parser.context ? parser.context : "");
    }
    yaml_parser_delete(&parser);
    (void)fclose(stream);
    return code;
}
