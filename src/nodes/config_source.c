#include "nodes/config_source.h"

#include "base/home.h"
#include "bridge/config_reader.h"
#include "bridge/config_secret.h"
#include "bridge/yaml.h"

#include <rosc/rosc.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define SERVERS      "bootstrap.servers"
#define SERVERS_SIZE 1024
#define NAME_SIZE    256
#define ADDRESS_SIZE 64

/* The parameters that are short for a key of a section, where they are given. */
struct shorthands {
    char servers[SERVERS_SIZE];
    char metrics_address[ADDRESS_SIZE];
    cJSON *metrics_port;
};

/* Sets section: {key: value}; takes `value`, which is NULL where memory ran out. */
static enum error_code set_key(cJSON *tree, const char *section, const char *key, cJSON *value)
{
    cJSON *object = cJSON_GetObjectItemCaseSensitive(tree, section);
    if (!object)
        object = cJSON_AddObjectToObject(tree, section);
    if (!value || !object) {
        cJSON_Delete(value);
        return ERROR_MEMORY;
    }
    if (!cJSON_IsObject(object)) { /* what is wrong with it is said by the check */
        cJSON_Delete(value);
        return ERROR_NONE;
    }
    cJSON_DeleteItemFromObjectCaseSensitive(object, key);
    cJSON_AddItemToObject(object, key, value);
    return cJSON_GetObjectItemCaseSensitive(object, key) == value ? ERROR_NONE : ERROR_MEMORY;
}

/* Puts them over what the tree says. */
static enum error_code set_shorthands(cJSON *tree, const char *node, struct shorthands *given)
{
    enum error_code code = ERROR_NONE;
    cJSON *port = given->metrics_port;
    given->metrics_port = NULL;
    if (*given->servers)
        code = set_key(tree, "kafka", SERVERS, cJSON_CreateString(given->servers));
    if (code == ERROR_NONE && *given->metrics_address)
        code = set_key(tree, "metrics", "address", cJSON_CreateString(given->metrics_address));
    if (code == ERROR_NONE && port)
        return set_key(tree, "metrics", node, port);
    cJSON_Delete(port);
    return code;
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

/* A file that is loaded outside of <node> has its routes where the parameters of a node of their
 * name belong. */
static enum error_code refuse_place(const char *name, const cJSON *value, struct error *error)
{
    char found[64];
    config_describe(value, found, sizeof found);
    return error_set(error, ERROR_TYPE, name, 0,
                     "found %s beside this node's own parameters or in their place, as when a file "
                     "is loaded by a <rosparam> outside of <node>: give the node the file itself, "
                     "<param name=\"config\" value=\"FILE\"/> inside <node> or _config:=FILE",
                     found);
}

static enum error_code read_params(cJSON **params, struct error *error)
{
    struct rosc_error ros_error;
    enum rosc_status status = rosc_param_get_tree("~", params, &ros_error);
    if (status == ROSC_ERROR_NOT_FOUND)
        *params = cJSON_CreateObject();
    else if (status != ROSC_OK)
        return error_set(error, ERROR_IO, rosc_node_name(), 0, "%s", ros_error.text);
    if (*params && !cJSON_IsObject(*params))
        return refuse_place(rosc_node_name(), *params, error);
    return *params ? ERROR_NONE : error_set(error, ERROR_MEMORY, "", 0, "out of memory");
}

/* Whether routes for a node without parameters and file lie in its namespace. */
static enum error_code refuse_stray(const char *node, struct error *error)
{
    char name[NAME_SIZE];
    cJSON *routes = NULL;
    enum error_code code = ERROR_NONE;
    if (rosc_name_resolve(node, name, sizeof name, NULL) == ROSC_OK &&
        rosc_param_get_tree(name, &routes, NULL) == ROSC_OK && cJSON_IsArray(routes))
        code = refuse_place(name, routes, error);
    cJSON_Delete(routes);
    return code;
}

/* Takes out of `params` what is not configuration itself. */
static enum error_code take_own(cJSON *params, struct config_source *source,
                                struct shorthands *given, struct error *error)
{
    cJSON_DeleteItemFromObjectCaseSensitive(params, "publishes_from_kafka");
    enum error_code code = take_text(params, "config", source->file, sizeof source->file, error);
    if (code == ERROR_NONE)
        code = take_text(params, "bootstrap_servers", given->servers, sizeof given->servers, error);
    if (code == ERROR_NONE)
        code = take_text(params, "metrics_address", given->metrics_address,
                         sizeof given->metrics_address, error);
    given->metrics_port = cJSON_DetachItemFromObjectCaseSensitive(params, "metrics_port");
    return code == ERROR_NONE ? take_check(params, &source->check, error) : code;
}

/* Reads the file. The shell leaves the ~ of `_config:=~/…` to us. */
static enum error_code read_file(const char *file, cJSON **tree, struct error *error)
{
    char path[HOME_PATH_SIZE];
    if (!home_expand(file, path, sizeof path))
        return error_set(error, ERROR_LIMIT, file, 0, "the path is too long");
    return yaml_read_file(path, tree, error);
}

/* The file's tree with `params` over it, which are used up. */
static enum error_code combine(const struct config_source *source, cJSON *params,
                               struct shorthands *given, cJSON **tree, struct error *error)
{
    const char *file = source->file;
    cJSON *made = NULL;
    enum error_code code = ERROR_NONE;
    if (*file)
        code = read_file(file, &made, error);
    else if (!(made = cJSON_CreateObject()))
        code = error_set(error, ERROR_MEMORY, "", 0, "out of memory");
    if (code == ERROR_NONE && !cJSON_IsObject(made))
        code = error_set(error, ERROR_TYPE, file, 0,
                         "a mapping with ros_to_kafka or kafka_to_ros is expected");
    if (code == ERROR_NONE && (overlay(made, params) != ERROR_NONE ||
                               set_shorthands(made, source->node, given) != ERROR_NONE))
        code = error_set(error, ERROR_MEMORY, "", 0, "out of memory");
    if (code == ERROR_NONE)
        *tree = made;
    else
        cJSON_Delete(made);
    return code;
}

enum error_code config_source_read(struct config_source *source, cJSON **tree, struct error *error)
{
    struct shorthands extra = {0};
    cJSON *params = NULL;
    enum error_code code = read_params(&params, error);
    if (code == ERROR_NONE)
        code = take_own(params, source, &extra, error);
    if (code == ERROR_NONE && !*source->file && !params->child)
        code = refuse_stray(source->node, error);
    if (code == ERROR_NONE)
        config_secret_warn_public(cJSON_GetObjectItemCaseSensitive(params, "kafka"),
                                  rosc_node_name());
    /* A check that was asked for once is not to be done again by the next start. */
    if (code == ERROR_NONE && source->check && rosc_param_delete("~check", NULL) != ROSC_OK)
        ROSC_LOG_DEBUG("~check stays set");
    if (code == ERROR_NONE)
        code = combine(source, params, &extra, tree, error);
    cJSON_Delete(extra.metrics_port);
    cJSON_Delete(params);
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

bool config_source_is_check(int argc, char **argv, struct config_source *source)
{
    const char *check = argument(argc, argv, "_check:=");
    const char *file = argument(argc, argv, "_config:=");
    if (!check || strcasecmp(check, "true") != 0 || !file)
        return false;
    (void)snprintf(source->file, sizeof source->file, "%s", file);
    source->check = true;
    return true;
}

/* The `_name:=value` of the command line as an object. */
static cJSON *params_from_arguments(int argc, char **argv)
{
    cJSON *params = cJSON_CreateObject();
    for (int i = 1; params && i < argc; i++) {
        char name[NAME_SIZE];
        const char *assign = strstr(argv[i], ":=");
        if (argv[i][0] != '_' || argv[i][1] == '_' || !assign ||
            assign - argv[i] > (ptrdiff_t)sizeof name)
            continue;
        (void)snprintf(name, sizeof name, "%.*s", (int)(assign - argv[i] - 1), argv[i] + 1);
        cJSON_AddItemToObject(params, name, yaml_read_scalar(assign + 2));
    }
    return params;
}

enum error_code config_source_read_file(const struct config_source *source, int argc, char **argv,
                                        cJSON **tree, struct error *error)
{
    struct shorthands extra = {0};
    struct config_source given = *source;
    cJSON *params = params_from_arguments(argc, argv);
    enum error_code code = params ? take_own(params, &given, &extra, error)
                                  : error_set(error, ERROR_MEMORY, "", 0, "out of memory");
    if (code == ERROR_NONE)
        code = combine(&given, params, &extra, tree, error);
    cJSON_Delete(extra.metrics_port);
    cJSON_Delete(params);
    return code;
}
