#include "schema/schema.h"

#include "message/definitions/field_path.h"
#include "schema/tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct schema {
    struct schema_tree tree;
    struct schema_node record;
    bool is_text;
    bool is_mapped;
};

/* What the bridge itself would refuse has no schema either. */
static enum error_code check_fields(const struct to_kafka_route *route, const struct plan *plan,
                                    struct error *error)
{
    struct to_record *mapping = NULL;
    struct error found = {0};
    enum error_code code =
        to_record_create(plan, route->fields, route->field_count, &route->json, &mapping, &found);
    to_record_destroy(mapping);
    if (code == ERROR_NONE)
        return code;
    char where[2 * ERROR_PATH_SIZE];
    (void)snprintf(where, sizeof where, "%s.fields.%s", route->path, found.path);
    return error_set(error, code, where, found.position, "%s", found.text);
}

static enum error_code from_fields(struct schema *schema, const struct to_kafka_route *route,
                                   const struct plan *plan, struct error *error)
{
    enum error_code code = check_fields(route, plan, error);
    if (code != ERROR_NONE)
        return code;
    struct schema_node *record = &schema->record;
    schema->is_mapped = true;
    record->value = VALUE_OBJECT;
    record->type = TYPE_OBJECT;
    code = tree_list(&schema->tree, record, route->field_count, route->path, error);
    for (size_t i = 0; i < route->field_count && code == ERROR_NONE; i++) {
        char where[ERROR_PATH_SIZE];
        (void)snprintf(where, sizeof where, "%s.fields.%s", route->path, route->fields[i].name);
        code = tree_mapped(&schema->tree, &record->list[i], plan_message(plan), &route->fields[i],
                           where, error);
    }
    return code;
}

/* The column of a text has the name of the field that it comes from. */
static enum error_code from_text(struct schema *schema, const struct to_kafka_route *route,
                                 const struct message_type *type, struct error *error)
{
    char where[ERROR_PATH_SIZE];
    struct field_path path;
    (void)snprintf(where, sizeof where, "%s.text_field", route->path);
    enum error_code code = field_path_parse(type, route->text_field, where, &path, error);
    if (code != ERROR_NONE)
        return code;
    schema->is_text = true;
    schema->record = (struct schema_node){.value = VALUE_TEXT, .type = TYPE_TEXT};
    schema->record.name = tree_text(&schema->tree, field_path_field(&path)->name);
    return schema->record.name ? ERROR_NONE
                               : error_set(error, ERROR_MEMORY, where, 0, "out of memory");
}

static enum error_code build(struct schema *schema, const struct to_kafka_route *route,
                             const struct plan *plan, struct error *error)
{
    const struct message_type *type = plan_message(plan);
    schema->tree.json = route->json;
    switch (route->format) {
    case FORMAT_JSON:
        return tree_message(&schema->tree, &schema->record, type, route->path, error);
    case FORMAT_FIELDS:
        return from_fields(schema, route, plan, error);
    case FORMAT_TEXT:
        return from_text(schema, route, type, error);
    case FORMAT_ROS1:
    case FORMAT_LONG:
        break;
    }
    return error_set(error, ERROR_TYPE, route->path, 0,
                     "format: ros1 writes the message's own bytes, of which there is no schema "
                     "but its definition (rosmsg show %s); json, fields and text have one",
                     plan_type(plan));
}

enum error_code schema_create(const struct to_kafka_route *route, const struct plan *plan,
                              struct schema **schema, struct error *error)
{
    struct schema *made = calloc(1, sizeof *made);
    if (!made)
        return error_set(error, ERROR_MEMORY, route->path, 0, "out of memory");
    enum error_code code = build(made, route, plan, error);
    if (code != ERROR_NONE) {
        schema_destroy(made);
        return code;
    }
    *schema = made;
    return ERROR_NONE;
}

void schema_destroy(struct schema *schema)
{
    if (!schema)
        return;
    arena_fini(&schema->tree.arena);
    free(schema);
}

const struct schema_node *schema_record(const struct schema *schema)
{
    return &schema->record;
}

bool schema_is_text(const struct schema *schema)
{
    return schema->is_text;
}

bool schema_is_mapped(const struct schema *schema)
{
    return schema->is_mapped;
}

const struct schema_node *schema_columns(const struct schema *schema, size_t *count)
{
    *count = schema->is_text ? 1 : schema->record.count;
    return schema->is_text ? &schema->record : schema->record.list;
}
