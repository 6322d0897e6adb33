/* `fields:` of a route, both ways. */
#include "bridge/config/config_check.h"
#include "bridge/config/config_routes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const time_forms[] = {"object", "seconds", "milliseconds", "nanoseconds",
                                         "iso8601"};
#define TIME_FORMS (sizeof time_forms / sizeof *time_forms)

/* As enum column_type; the first is written by leaving `column` out. */
static const char *const columns[] = {"default", "int",     "bigint", "float",
                                      "double",  "boolean", "text",   "timestamp"};
#define COLUMNS (sizeof columns / sizeof *columns)

int config_column_type(const char *text)
{
    for (size_t i = 0; i < COLUMNS; i++) {
        if (strcmp(columns[i], text) == 0)
            return (int)i;
    }
    return -1;
}

/* The fields as one flat sequence of named items, whichever way they were written. */
struct field_items {
    const cJSON *items[CONFIG_ENTRIES_LIMIT];
    size_t count;
    size_t found; /* more than `count` where there are too many */
};

static void add_pairs(struct field_items *items, const cJSON *mapping)
{
    const cJSON *item;
    cJSON_ArrayForEach(item, mapping)
    {
        if (items->found++ < CONFIG_ENTRIES_LIMIT)
            items->items[items->count++] = item;
    }
}

static void add_entries(struct config_reader *route, struct field_items *items, const cJSON *list)
{
    const cJSON *entry;
    size_t index = 0;
    cJSON_ArrayForEach(entry, list)
    {
        char key[32], found[64];
        (void)snprintf(key, sizeof key, "fields[%zu]", index++);
        if (cJSON_IsObject(entry))
            add_pairs(items, entry);
        else
            config_reader_problem(route, key, "found %s; one `name: path` pair is expected",
                                  config_describe(entry, found, sizeof found));
    }
}

static struct field_items *collect_items(struct config_reader *route)
{
    char found[64];
    const cJSON *value = config_read_any(route, "fields");
    struct field_items *items = calloc(1, sizeof *items);
    if (!items || !value)
        return items;
    if (cJSON_IsObject(value))
        add_pairs(items, value);
    else if (cJSON_IsArray(value))
        add_entries(route, items, value);
    else
        config_reader_problem(route, "fields", "found %s; a mapping of names to paths is expected",
                              config_describe(value, found, sizeof found));
    if (items->found > items->count)
        config_reader_problem(route, "fields", "found %zu fields; up to %d are possible",
                              items->found, CONFIG_ENTRIES_LIMIT);
    return items;
}

void config_field_problem(struct config_reader *route, const char *name, const struct error *error)
{
    char key[ERROR_PATH_SIZE];
    bool elsewhere = *error->path && strcmp(error->path, name) != 0;
    (void)snprintf(key, sizeof key, "fields.%s", name);
    config_reader_problem(route, key, "%s%s%s", elsewhere ? error->path : "", elsewhere ? ": " : "",
                          error->text);
}

static const char *constant_text(struct config *config, const cJSON *value)
{
    return value ? config_own(config, cJSON_PrintUnformatted(value)) : NULL;
}

static void entry_path(const struct config_reader *route, const char *name, char *path, size_t size)
{
    (void)snprintf(path, size, "%s.fields.%s", route->path, name);
}

static void one_of_two(struct config_reader *reader, const char *path, const char *constant,
                       const char *name)
{
    if (!path == !constant)
        config_reader_problem(reader, name, "%s; write either %s or value",
                              path ? "found both" : "missing", name);
}

static void read_to_record_field(struct config *config, struct config_reader *route,
                                 const cJSON *item, struct to_record_field *field)
{
    *field = (struct to_record_field){.name = item->string, .precision = PRECISION_NONE};
    if (cJSON_IsString(item)) {
        field->path = item->valuestring;
        return;
    }
    char path[ERROR_PATH_SIZE];
    struct config_reader reader;
    entry_path(route, item->string, path, sizeof path);
    config_reader_init(&reader, item, path, route->problems);
    field->path = config_read_text(&reader, "path", NULL);
    field->constant = constant_text(config, config_read_any(&reader, "value"));
    field->precision =
        (int)config_read_number(&reader, "precision", PRECISION_NONE, 0, PRECISION_MAX);
    field->fallback = constant_text(config, config_read_any(&reader, "default"));
    field->time_form =
        (enum time_form)config_read_choice(&reader, "time", TIME_OBJECT, time_forms, TIME_FORMS);
    field->column =
        (enum column_type)config_read_choice(&reader, "column", COLUMN_DEFAULT, columns, COLUMNS);
    if (reader.object)
        one_of_two(&reader, field->path, field->constant, "path");
    config_reader_finish(&reader);
}

static void read_from_record_field(struct config *config, struct config_reader *route,
                                   const cJSON *item, struct from_record_field *field)
{
    *field = (struct from_record_field){.path = item->string};
    if (cJSON_IsString(item)) {
        field->source = item->valuestring;
        return;
    }
    char path[ERROR_PATH_SIZE];
    struct config_reader reader;
    entry_path(route, item->string, path, sizeof path);
    config_reader_init(&reader, item, path, route->problems);
    field->source = config_read_text(&reader, "path", NULL);
    field->constant = constant_text(config, config_read_any(&reader, "value"));
    field->fallback = constant_text(config, config_read_any(&reader, "default"));
    field->time_form =
        (enum time_form)config_read_choice(&reader, "time", TIME_OBJECT, time_forms, TIME_FORMS);
    if (reader.object)
        one_of_two(&reader, field->source, field->constant, "path");
    config_reader_finish(&reader);
}

void config_read_to_record_fields(struct config *config, struct config_reader *route,
                                  struct to_record_field **fields, size_t *count)
{
    struct field_items *items = collect_items(route);
    *count = 0;
    *fields = items && items->count ? calloc(items->count, sizeof **fields) : NULL;
    for (size_t i = 0; *fields && i < items->count; i++)
        read_to_record_field(config, route, items->items[i], &(*fields)[(*count)++]);
    free(items);
}

void config_read_from_record_fields(struct config *config, struct config_reader *route,
                                    struct from_record_field **fields, size_t *count)
{
    struct field_items *items = collect_items(route);
    *count = 0;
    *fields = items && items->count ? calloc(items->count, sizeof **fields) : NULL;
    for (size_t i = 0; *fields && i < items->count; i++)
        read_from_record_field(config, route, items->items[i], &(*fields)[(*count)++]);
    free(items);
}
