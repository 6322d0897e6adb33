#include "schema/table.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static bool has_column(const struct table *table, const char *name)
{
    for (size_t i = 0; i < table->count; i++) {
        if (strcasecmp(table->columns[i].name, name) == 0)
            return true;
    }
    return false;
}

/* "id, posex and posey" of what the table has, as far as it fits. */
static void list_columns(const struct table *table, char *text, size_t size)
{
    size_t length = 0;
    text[0] = '\0';
    for (size_t i = 0; i < table->count && length < size; i++)
        length += (size_t)snprintf(text + length, size - length, "%s%s", i > 0 ? ", " : "",
                                   table->columns[i].name);
}

static enum error_code add_header(struct table *table, const struct schema_target *target,
                                  struct error *error)
{
    if (!target->has_headers)
        return error_set(error, ERROR_MISSING, "--key", 0,
                         "the records have no header id to be the key, as the route says "
                         "headers: none; leave that out, or name a column with --key");
    const char *name = has_column(table, "id") ? "record_id" : "id";
    if (has_column(table, name))
        return error_set(error, ERROR_DUPLICATE, "--key", 0,
                         "the record has members id and record_id, so that no name is left for "
                         "the header id; name one of the columns with --key");
    table->added = (struct schema_node){.name = name, .value = VALUE_TEXT, .type = TYPE_TEXT};
    table->key = &table->added;
    return ERROR_NONE;
}

static enum error_code check_key(const struct schema_node *key, struct error *error)
{
    static const char hint[] = "name another column with --key, or --key @id for a column of the "
                               "records' header id";
    if (key->type == TYPE_OBJECT || key->type == TYPE_ARRAY || key->type == TYPE_JSON)
        return error_set(error, ERROR_TYPE, "--key", 0, "%s is no single value; %s", key->name,
                         hint);
    if (key->nullable)
        return error_set(error, ERROR_TYPE, "--key", 0, "%s may be null; %s", key->name, hint);
    return ERROR_NONE;
}

static enum error_code find_named(struct table *table, const char *name, struct error *error)
{
    char list[300];
    for (size_t i = 0; i < table->count; i++) {
        if (strcmp(table->columns[i].name, name) != 0)
            continue;
        table->key = &table->columns[i];
        return check_key(table->key, error);
    }
    list_columns(table, list, sizeof list);
    return error_set(error, ERROR_UNKNOWN, "--key", 0, "there is no column %s; there are %s", name,
                     list);
}

static enum error_code find_key(struct table *table, bool is_mapped,
                                const struct schema_target *target, struct error *error)
{
    if (target->key && strcmp(target->key, SCHEMA_KEY_HEADER) != 0)
        return find_named(table, target->key, error);
    for (size_t i = 0; i < table->count && !target->key; i++) {
        if (table->columns[i].is_sequence) {
            table->key = &table->columns[i];
            return ERROR_NONE;
        }
    }
    if (target->key || !is_mapped)
        return add_header(table, target, error);
    return error_set(error, ERROR_MISSING, "--key", 0,
                     "nothing says which column is the primary key: map one to '@sequence' (id: "
                     "'@sequence'), name one with --key, or have one of the records' header id "
                     "with --key @id");
}

enum error_code table_init(struct table *table, const struct schema *schema,
                           const struct schema_target *target, struct error *error)
{
    *table = (struct table){0};
    table->columns = schema_columns(schema, &table->count);
    return find_key(table, schema_is_mapped(schema), target, error);
}

const struct schema_node *table_column(const struct table *table, size_t index)
{
    if (table->added.name && index == 0)
        return &table->added;
    index -= table->added.name ? 1 : 0;
    return index < table->count ? &table->columns[index] : NULL;
}
