#include "kafka/settings/properties.h"

#include <stdlib.h>
#include <string.h>

void kafka_properties_init(struct kafka_properties *properties)
{
    *properties = (struct kafka_properties){.items = NULL};
}

/* Any value may be a password. */
static void free_value(char *value)
{
    explicit_bzero(value, strlen(value));
    free(value);
}

void kafka_properties_fini(struct kafka_properties *properties)
{
    for (size_t i = 0; i < properties->count; i++) {
        free(properties->items[i].name);
        free_value(properties->items[i].value);
    }
    free(properties->items);
    kafka_properties_init(properties);
}

static struct kafka_property *find(const struct kafka_properties *properties, const char *name)
{
    for (size_t i = 0; i < properties->count; i++) {
        if (strcmp(properties->items[i].name, name) == 0)
            return &properties->items[i];
    }
    return NULL;
}

enum error_code kafka_properties_set(struct kafka_properties *properties, const char *name,
                                     const char *value)
{
    if (!name || !value || name[0] == '\0')
        return ERROR_ARGUMENT;
    char *value_copy = strdup(value);
    if (!value_copy)
        return ERROR_MEMORY;
    struct kafka_property *present = find(properties, name);
    if (present) {
        free_value(present->value);
        present->value = value_copy;
        return ERROR_NONE;
    }
    char *name_copy = strdup(name);
    struct kafka_property *items =
        name_copy ? realloc(properties->items, (properties->count + 1) * sizeof *items) : NULL;
    if (!items) {
        free(name_copy);
        free_value(value_copy);
        return ERROR_MEMORY;
    }
    items[properties->count] = (struct kafka_property){.name = name_copy, .value = value_copy};
    properties->items = items;
    properties->count++;
    return ERROR_NONE;
}

const char *kafka_properties_get(const struct kafka_properties *properties, const char *name)
{
    const struct kafka_property *property = find(properties, name);
    return property ? property->value : NULL;
}
