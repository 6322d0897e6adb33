#include "bridge/publish/types.h"

#include "kafka/reading/definitions.h"

#include <rosc/time.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct known_type {
    struct known_type *next;
    struct plan *plan;
};

/* A type that was looked for in vain. */
struct missing_type {
    struct missing_type *next;
    char *name;    /* "package/Type md5sum" */
    int64_t since; /* nanoseconds of the steady clock */
};

struct types {
    struct packages *packages;
    const char *topic;
    struct kafka_definitions *definitions; /* NULL without a topic */
    struct known_type *first;
    struct missing_type *missing;
    size_t missing_count;
};

enum error_code types_create(const struct kafka_properties *properties,
                             const char *definitions_topic, struct packages *packages,
                             struct types **types, struct error *error)
{
    struct types *made = calloc(1, sizeof *made);
    if (!made)
        return error_set(error, ERROR_MEMORY, "", 0, "out of memory");
    made->packages = packages;
    made->topic = definitions_topic;
    if (*definitions_topic) {
        enum error_code code =
            kafka_definitions_create(properties, definitions_topic, &made->definitions, error);
        if (code != ERROR_NONE) {
            free(made);
            return code;
        }
    }
    *types = made;
    return ERROR_NONE;
}

void types_destroy(struct types *types)
{
    if (!types)
        return;
    while (types->first) {
        struct known_type *known = types->first;
        types->first = known->next;
        plan_destroy(known->plan);
        free(known);
    }
    while (types->missing) {
        struct missing_type *missing = types->missing;
        types->missing = missing->next;
        free(missing->name);
        free(missing);
    }
    kafka_definitions_destroy(types->definitions);
    free(types);
}

static enum error_code from_package(struct types *types, const char *type, const char *md5sum,
                                    struct plan **plan, struct error *error)
{
    struct buffer text;
    buffer_init(&text, DEFINITION_TEXT_LIMIT);
    enum error_code code = packages_definition(types->packages, type, &text, error);
    if (code == ERROR_NONE)
        code = plan_create(type, text.data, text.length, md5sum, plan, error);
    buffer_fini(&text);
    return code;
}

static enum error_code from_kafka(struct types *types, const char *type, const char *md5sum,
                                  int timeout_ms, struct plan **plan, struct error *error)
{
    const char *text = NULL;
    enum error_code code =
        kafka_definitions_find(types->definitions, type, md5sum, timeout_ms, &text, error);
    if (code == ERROR_NONE)
        code = plan_create(type, text, strlen(text), md5sum, plan, error);
    return code;
}

/* Whether the type has been missed for so long that its definition is not coming any more. */
static bool is_given_up(struct types *types, const char *type, const char *md5sum, int64_t patience)
{
    char name[512];
    (void)snprintf(name, sizeof name, "%s %s", type, md5sum ? md5sum : "*");
    for (const struct missing_type *known = types->missing; known; known = known->next)
        if (strcmp(known->name, name) == 0)
            return rosc_time_steady() - known->since >= patience;
    if (types->missing_count >= TYPES_MISSING)
        return true;
    struct missing_type *added = calloc(1, sizeof *added);
    char *copy = strdup(name);
    if (!added || !copy) {
        free(added);
        free(copy);
        return true;
    }
    *added =
        (struct missing_type){.next = types->missing, .name = copy, .since = rosc_time_steady()};
    types->missing = added;
    types->missing_count++;
    return false;
}

/* The package first: it is here, and its md5sum says whether it is the same definition. */
static enum error_code make(struct types *types, const char *type, const char *md5sum,
                            int timeout_ms, int64_t patience, struct plan **plan,
                            struct error *error)
{
    struct error local, remote;
    enum error_code code = from_package(types, type, md5sum, plan, &local);
    if (code == ERROR_NONE)
        return ERROR_NONE;
    if (!types->definitions)
        return error_set(error, ERROR_MISSING, type, 0, "%s: %s", type, local.text);
    code = from_kafka(types, type, md5sum, timeout_ms, plan, &remote);
    if (code == ERROR_NONE)
        return ERROR_NONE;
    if (code == ERROR_MISSING && !is_given_up(types, type, md5sum, patience))
        code = ERROR_UNKNOWN;
    return error_set(error, code, type, 0, "%.80s: %.180s; nor in Kafka topic %s: %.180s", type,
                     local.text, types->topic, remote.text);
}

enum error_code types_find(struct types *types, const char *type, const char *md5sum,
                           int timeout_ms, int64_t patience, const struct plan **plan,
                           struct error *error)
{
    for (struct known_type *known = types->first; known; known = known->next) {
        if (strcmp(plan_type(known->plan), type) == 0 &&
            (!md5sum || strcmp(plan_md5sum(known->plan), md5sum) == 0)) {
            *plan = known->plan;
            return ERROR_NONE;
        }
    }
    struct known_type *added = calloc(1, sizeof *added);
    if (!added)
        return error_set(error, ERROR_MEMORY, type, 0, "out of memory");
    enum error_code code = make(types, type, md5sum, timeout_ms, patience, &added->plan, error);
    if (code != ERROR_NONE) {
        free(added);
        return code;
    }
    added->next = types->first;
    types->first = added;
    *plan = added->plan;
    return ERROR_NONE;
}
