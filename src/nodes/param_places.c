#include "nodes/param_places.h"

#include "bridge/config/config_reader.h"
#include "kafka/settings/properties.h"

#include <rosc/rosc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MEND_SIZE (PARAM_NAME_SIZE + 64)

void param_places_fini(struct param_places *places)
{
    for (size_t i = 0; i < places->count; i++) {
        free(places->list[i].key);
        free(places->list[i].name);
        free(places->list[i].mend);
    }
    free(places->list);
    *places = (struct param_places){.typed = places->typed};
}

void param_full_name(const char *name, char *full, size_t size)
{
    /* Not as one name: a property has dots, which are not for names of ROS. */
    if (rosc_name_resolve("~", full, size, NULL) == ROSC_OK)
        (void)snprintf(full, size, "%s/%s", rosc_node_name(), name);
    else
        (void)snprintf(full, size, "_%s", name); /* a check without ROS: of the command line */
}

void param_mend(const struct param_places *places, const char *name, char *mend, size_t size)
{
    char full[PARAM_NAME_SIZE];
    *mend = '\0';
    if (cJSON_GetObjectItemCaseSensitive(places->typed, name))
        return;
    param_full_name(name, full, sizeof full);
    (void)snprintf(mend, size, "it stays until: rosparam delete %s", full);
}

/* A value that may be a password is not shown. */
static const char *show(const char *key, const cJSON *value, char *text, size_t size)
{
    const char *property = strncmp(key, "kafka.", 6) == 0 ? key + 6 : "";
    if (kafka_property_is_secret(property))
        return "a secret";
    return config_describe(value, text, size);
}

static void say_wins(const struct problem_place *place, const cJSON *value, const cJSON *file)
{
    char one[64], other[64];
    ROSC_LOG_INFO("the parameter %s (%s) goes before the file's %s (%s)%s%s", place->name,
                  show(place->key, value, one, sizeof one), place->key,
                  show(place->key, file, other, sizeof other), *place->mend ? "; " : "",
                  place->mend);
}

enum error_code param_places_add(struct param_places *places, const char *key, const char *name,
                                 const cJSON *value, const cJSON *file)
{
    char full[PARAM_NAME_SIZE], mend[MEND_SIZE];
    struct problem_place *list = realloc(places->list, (places->count + 1) * sizeof *list);
    if (!list)
        return ERROR_MEMORY;
    places->list = list;
    param_full_name(name, full, sizeof full);
    param_mend(places, name, mend, sizeof mend);
    struct problem_place *place = &list[places->count];
    *place = (struct problem_place){strdup(key), strdup(full), strdup(mend)};
    if (!place->key || !place->name || !place->mend) {
        free(place->key);
        free(place->name);
        free(place->mend);
        return ERROR_MEMORY;
    }
    places->count++;
    if (file && !cJSON_Compare(value, file, true))
        say_wins(place, value, file);
    return ERROR_NONE;
}
