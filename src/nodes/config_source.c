#include "nodes/config_source.h"

#include "bridge/yaml.h"

#include <rosc/rosc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define SERVERS "bootstrap.servers"

enum error_code config_source_set_servers(cJSON *tree, const char *servers)
{
    cJSON *kafka = cJSON_GetObjectItemCaseSensitive(tree, "kafka");
    if (!kafka)
        kafka = cJSON_AddObjectToObject(tree, "kafka");
    if (!cJSON_IsObject(kafka))
        return kafka ? ERROR_NONE : ERROR_MEMORY; /* what is wrong with it is said by the check */
    cJSON_DeleteItemFromObjectCaseSensitive(kafka, SERVERS);
    return cJSON_AddStringToObject(kafka, SERVERS, servers) ? ERROR_NONE : ERROR_MEMORY;
}

/* Takes the text parameter `name` out of `params`; "" where it is not there. */
static enum error_code take_text(cJSON *params, const char *name, char *text, size_t size,
                                 struct error *error)
{
    cJSON *value = cJSON_DetachItemFromObjectCaseSensitive(params, name);
    enum error_code code = ERROR_NONE;
    text[0] = '\0';
    if (value && !cJSON_IsString(value))
        code = error_set(error, ERROR_TYPE, name, 0, "a text is expected, as in _%s:=…", name);
    else if (value && snprintf(text, size, "%s", value->valuestring) >= (int)size)
        code = error_set(error, ERROR_LIMIT, name, 0, "longer than %zu characters", size - 1);
    cJSON_Delete(value);
    return code;
}

static enum error_code take_check(cJSON *params, bool *check, struct error *error)
{
    cJSON *value = cJSON_DetachItemFromObjectCaseSensitive(params, "check");
    enum error_code code = ERROR_NONE;
    if (value && !cJSON_IsBool(value))
        code = error_set(error, ERROR_TYPE, "check", 0, "true or false is expected");
    *check = cJSON_IsTrue(value);
    cJSON_Delete(value);
    return code;
}

/* Moves every parameter over the file's key of that name. */
static enum error_code overlay(cJSON *tree, cJSON *params)
{
    while (params->child) {
        cJSON *item = cJSON_DetachItemViaPointer(params, params->child);
        cJSON_DeleteItemFromObjectCaseSensitive(tree, item->string);
        char *name = strdup(item->string);
        if (name)
            cJSON_AddItemToObject(tree, name, item);
        bool added = name && cJSON_GetObjectItemCaseSensitive(tree, name) == item;
        free(name);
        if (!added) {
            cJSON_Delete(item);
            return ERROR_MEMORY;
        }
    }
    return ERROR_NONE;
}

static enum error_code read_params(cJSON **params, struct error *error)
{
    struct rosc_error ros_error;
    enum rosc_status status = rosc_param_get_tree("~", params, &ros_error);
    if (status == ROSC_ERROR_NOT_FOUND)
        *params = cJSON_CreateObject();
    else if (status != ROSC_OK)
        return error_set(error, ERROR_IO, rosc_node_name(), 0, "%s", ros_error.text);
    return *params ? ERROR_NONE : error_set(error, ERROR_MEMORY, "", 0, "out of memory");
}

enum error_code config_source_read(struct config_source *source, cJSON **tree, struct error *error)
{
    char servers[1024] = "";
    cJSON *params = NULL;
    cJSON *made = NULL;
    enum error_code code = read_params(&params, error);
    if (code == ERROR_NONE)
        code = take_text(params, "config", source->file, sizeof source->file, error);
    if (code == ERROR_NONE)
        code = take_text(params, "bootstrap_servers", servers, sizeof servers, error);
    if (code == ERROR_NONE)
        code = take_check(params, &source->check, error);
    if (code != ERROR_NONE)
        goto cleanup;
    cJSON_DeleteItemFromObjectCaseSensitive(params, "publishes_from_kafka");

    if (*source->file)
        code = yaml_read_file(source->file, &made, error);
    else if (!(made = cJSON_CreateObject()))
        code = error_set(error, ERROR_MEMORY, "", 0, "out of memory");
    if (code == ERROR_NONE && !cJSON_IsObject(made))
        code = error_set(error, ERROR_TYPE, source->file, 0,
                         "a mapping with ros_to_kafka or kafka_to_ros is expected");
    if (code == ERROR_NONE &&
        (overlay(made, params) != ERROR_NONE ||
         (*servers && config_source_set_servers(made, servers) != ERROR_NONE)))
        code = error_set(error, ERROR_MEMORY, "", 0, "out of memory");
cleanup:
    cJSON_Delete(params);
    if (code == ERROR_NONE)
        *tree = made;
    else
        cJSON_Delete(made);
    return code;
}

static const char *argument(int argc, char **argv, const char *name)
{
    size_t length = strlen(name);
    for (int i = 1; i < argc; i++)
        if (strncmp(argv[i], name, length) == 0)
            return argv[i] + length;
    return NULL;
}

bool config_source_from_arguments(int argc, char **argv, struct config_source *source,
                                  const char **bootstrap_servers)
{
    const char *check = argument(argc, argv, "_check:=");
    const char *file = argument(argc, argv, "_config:=");
    if (!check || strcasecmp(check, "true") != 0 || !file)
        return false;
    (void)snprintf(source->file, sizeof source->file, "%s", file);
    source->check = true;
    *bootstrap_servers = argument(argc, argv, "_bootstrap_servers:=");
    return true;
}
