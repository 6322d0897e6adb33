#include "nodes/config_source.h"

#include "base/home.h"
#include "bridge/config/config_reader.h"
#include "bridge/config/config_secret.h"
#include "bridge/config/yaml.h"

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

/* Puts `value`, which it takes, over the key of `object`; in the configuration that is `path`, and
 * the parameter `param` says it. */
static enum error_code put_over(struct config_source *source, cJSON *object, const char *key,
                                const char *path, const char *param, cJSON *value)
{
    enum error_code code = param_places_add(&source->places, path, param, value,
                                            cJSON_GetObjectItemCaseSensitive(object, key));
    cJSON_DeleteItemFromObjectCaseSensitive(object, key);
    cJSON_AddItemToObject(object, key, value);
    if (cJSON_GetObjectItemCaseSensitive(object, key) == value)
        return code;
    cJSON_Delete(value);
    return ERROR_MEMORY;
}

/* Sets section: {key: value}, which the parameter `name` says; takes `value`, which is NULL where
 * memory ran out. */
static enum error_code set_key(struct config_source *source, cJSON *tree, const char *section,
                               const char *key, const char *name, cJSON *value)
{
    char path[NAME_SIZE];
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
    (void)snprintf(path, sizeof path, "%s.%s", section, key);
    return put_over(source, object, key, path, name, value);
}

/* Puts them over what the tree says. */
static enum error_code set_shorthands(struct config_source *source, cJSON *tree,
                                      struct shorthands *given)
{
    enum error_code code = ERROR_NONE;
    cJSON *port = given->metrics_port;
    given->metrics_port = NULL;
    if (*given->servers)
        code = set_key(source, tree, "kafka", SERVERS, "bootstrap_servers",
                       cJSON_CreateString(given->servers));
    if (code == ERROR_NONE && *given->metrics_address)
        code = set_key(source, tree, "metrics", "address", "metrics_address",
                       cJSON_CreateString(given->metrics_address));
    if (code == ERROR_NONE && port)
        return set_key(source, tree, "metrics", source->node, "metrics_port", port);
    cJSON_Delete(port);
    return code;
}

/* What is wrong with the parameter `name` itself. */
static enum error_code fail_param(const struct config_source *source, enum error_code code,
                                  const char *name, const char *text, struct error *error)
{
    char full[PARAM_NAME_SIZE], path[PARAM_NAME_SIZE + 16], mend[PARAM_NAME_SIZE + 64];
    param_full_name(name, full, sizeof full);
    param_mend(&source->places, name, mend, sizeof mend);
    (void)snprintf(path, sizeof path, "parameter %s", full);
    return error_set(error, code, path, 0, "%s%s%s", text, *mend ? "; " : "", mend);
}

/* Takes the text parameter `name` out of `params`; "" where it is not there. */
static enum error_code take_text(const struct config_source *source, cJSON *params,
                                 const char *name, char *text, size_t size, struct error *error)
{
    char why[128], found[64];
    cJSON *value = cJSON_DetachItemFromObjectCaseSensitive(params, name);
    enum error_code code = ERROR_NONE;
    text[0] = '\0';
    if (value && !cJSON_IsString(value)) {
        (void)snprintf(why, sizeof why, "found %s; a text is expected, as in _%s:=…",
                       config_describe(value, found, sizeof found), name);
        code = fail_param(source, ERROR_TYPE, name, why, error);
    } else if (value && snprintf(text, size, "%s", value->valuestring) >= (int)size) {
        (void)snprintf(why, sizeof why, "longer than %zu characters", size - 1);
        code = fail_param(source, ERROR_LIMIT, name, why, error);
    }
    cJSON_Delete(value);
    return code;
}

static enum error_code take_check(struct config_source *source, cJSON *params, struct error *error)
{
    char why[128], found[64];
    cJSON *value = cJSON_DetachItemFromObjectCaseSensitive(params, "check");
    enum error_code code = ERROR_NONE;
    if (value && !cJSON_IsBool(value)) {
        (void)snprintf(why, sizeof why, "found %s; true or false is expected",
                       config_describe(value, found, sizeof found));
        code = fail_param(source, ERROR_TYPE, "check", why, error);
    }
    source->check = cJSON_IsTrue(value);
    cJSON_Delete(value);
    return code;
}

/* Moves the first of `params` over the key of that name; `section` is that of the tree, or "". */
static enum error_code move_over(struct config_source *source, cJSON *tree, const char *section,
                                 cJSON *params)
{
    char path[NAME_SIZE], param[NAME_SIZE];
    cJSON *item = cJSON_DetachItemViaPointer(params, params->child);
    char *key = item->string; /* cJSON gives it another one */
    item->string = NULL;
    (void)snprintf(path, sizeof path, "%s%s%s", section, *section ? "." : "", key);
    (void)snprintf(param, sizeof param, "%s%s%s", section, *section ? "/" : "", key);
    enum error_code code = put_over(source, tree, key, path, param, item);
    cJSON_free(key);
    return code;
}

/* Moves every parameter over the file's key of that name; in a section that both have, over the
 * keys in it. */
static enum error_code overlay(struct config_source *source, cJSON *tree, cJSON *params)
{
    enum error_code code = ERROR_NONE;
    while (params->child && code == ERROR_NONE) {
        cJSON *item = params->child;
        cJSON *file = cJSON_GetObjectItemCaseSensitive(tree, item->string);
        if (!cJSON_IsObject(item) || !cJSON_IsObject(file)) {
            code = move_over(source, tree, "", params);
            continue;
        }
        while (item->child && code == ERROR_NONE)
            code = move_over(source, file, item->string, item);
        cJSON_Delete(cJSON_DetachItemViaPointer(params, item));
    }
    return code;
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
static enum error_code take_own(struct config_source *source, cJSON *params,
                                struct shorthands *given, struct error *error)
{
    cJSON_DeleteItemFromObjectCaseSensitive(params, "publishes_from_kafka");
    enum error_code code =
        take_text(source, params, "config", source->file, sizeof source->file, error);
    if (code == ERROR_NONE)
        code = take_text(source, params, "bootstrap_servers", given->servers, sizeof given->servers,
                         error);
    if (code == ERROR_NONE)
        code = take_text(source, params, "metrics_address", given->metrics_address,
                         sizeof given->metrics_address, error);
    given->metrics_port = cJSON_DetachItemFromObjectCaseSensitive(params, "metrics_port");
    return code == ERROR_NONE ? take_check(source, params, error) : code;
}

/* Reads the file. The shell leaves the ~ of `_config:=~/…` to us. */
static enum error_code read_file(const struct config_source *source, cJSON **tree,
                                 struct error *error)
{
    char path[HOME_PATH_SIZE], text[HOME_PATH_SIZE + ERROR_TEXT_SIZE];
    struct error why;
    if (!home_expand(source->file, path, sizeof path))
        return fail_param(source, ERROR_LIMIT, "config", "the path is too long", error);
    enum error_code code = yaml_read_file(path, tree, &why);
    if (code == ERROR_NONE)
        return code;
    (void)snprintf(text, sizeof text, "%s: %s", why.path, why.text);
    return fail_param(source, code, "config", text, error);
}

/* The file's tree with `params` over it, which are used up. */
static enum error_code combine(struct config_source *source, cJSON *params,
                               struct shorthands *given, cJSON **tree, struct error *error)
{
    char found[64], text[128];
    cJSON *made = NULL;
    enum error_code code = ERROR_NONE;
    if (*source->file)
        code = read_file(source, &made, error);
    else if (!(made = cJSON_CreateObject()))
        code = error_set(error, ERROR_MEMORY, "", 0, "out of memory");
    if (code == ERROR_NONE && !cJSON_IsObject(made)) {
        (void)snprintf(text, sizeof text,
                       "found %s; a mapping with ros_to_kafka or kafka_to_ros is expected",
                       config_describe(made, found, sizeof found));
        code = error_set(error, ERROR_TYPE, source->file, 0, "%s", text);
    }
    if (code == ERROR_NONE && (overlay(source, made, params) != ERROR_NONE ||
                               set_shorthands(source, made, given) != ERROR_NONE))
        code = error_set(error, ERROR_MEMORY, "", 0, "out of memory");
    if (code == ERROR_NONE)
        *tree = made;
    else
        cJSON_Delete(made);
    return code;
}

/* A file that no command line names any more may be another one than is thought. */
static void say_file(const struct config_source *source)
{
    char full[PARAM_NAME_SIZE];
    if (!*source->file || cJSON_HasObjectItem(source->typed, "config"))
        return;
    param_full_name("config", full, sizeof full);
    ROSC_LOG_INFO("the configuration is %s, as the parameter %s says", source->file, full);
}

enum error_code config_source_read(struct config_source *source, cJSON **tree, struct error *error)
{
    struct shorthands extra = {0};
    cJSON *params = NULL;
    enum error_code code = read_params(&params, error);
    if (code == ERROR_NONE)
        code = take_own(source, params, &extra, error);
    if (code == ERROR_NONE && !*source->file && !params->child)
        code = refuse_stray(source->node, error);
    if (code == ERROR_NONE)
        config_secret_warn_public(cJSON_GetObjectItemCaseSensitive(params, "kafka"),
                                  rosc_node_name());
    /* A check that was asked for once is not to be done again by the next start. */
    if (code == ERROR_NONE && source->check && rosc_param_delete("~check", NULL) != ROSC_OK)
        ROSC_LOG_DEBUG("~check stays set");
    if (code == ERROR_NONE) {
        say_file(source);
        code = combine(source, params, &extra, tree, error);
    }
    cJSON_Delete(extra.metrics_port);
    cJSON_Delete(params);
    return code;
}

enum error_code config_source_init(struct config_source *source, const char *node, int argc,
                                   char **argv)
{
    *source = (struct config_source){.node = node, .typed = cJSON_CreateObject()};
    for (int i = 1; source->typed && i < argc; i++) {
        char name[NAME_SIZE];
        const char *assign = strstr(argv[i], ":=");
        if (argv[i][0] != '_' || argv[i][1] == '_' || !assign ||
            assign - argv[i] > (ptrdiff_t)sizeof name)
            continue;
        (void)snprintf(name, sizeof name, "%.*s", (int)(assign - argv[i] - 1), argv[i] + 1);
        cJSON_AddItemToObject(source->typed, name, yaml_read_scalar(assign + 2));
    }
    source->places.typed = source->typed;
    return source->typed ? ERROR_NONE : ERROR_MEMORY;
}

void config_source_fini(struct config_source *source)
{
    param_places_fini(&source->places);
    cJSON_Delete(source->typed);
}

bool config_source_is_check(struct config_source *source)
{
    return cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(source->typed, "check")) &&
           cJSON_HasObjectItem(source->typed, "config");
}

/* What was typed as a tree: `_spool/max_bytes:=…` is a key of a section. */
static cJSON *typed_tree(const struct config_source *source)
{
    cJSON *params = cJSON_CreateObject();
    const cJSON *item;
    cJSON_ArrayForEach(item, source->typed)
    {
        char section[NAME_SIZE];
        const char *slash = strchr(item->string, '/');
        cJSON *object = params;
        if (slash) {
            (void)snprintf(section, sizeof section, "%.*s", (int)(slash - item->string),
                           item->string);
            object = cJSON_GetObjectItemCaseSensitive(params, section);
            if (!object)
                object = cJSON_AddObjectToObject(params, section);
        }
        cJSON_AddItemToObject(object, slash ? slash + 1 : item->string,
                              cJSON_Duplicate(item, true));
    }
    return params;
}

enum error_code config_source_read_file(struct config_source *source, cJSON **tree,
                                        struct error *error)
{
    struct shorthands extra = {0};
    cJSON *params = typed_tree(source);
    enum error_code code = params ? take_own(source, params, &extra, error)
                                  : error_set(error, ERROR_MEMORY, "", 0, "out of memory");
    if (code == ERROR_NONE)
        code = combine(source, params, &extra, tree, error);
    cJSON_Delete(extra.metrics_port);
    cJSON_Delete(params);
    return code;
}

void config_source_name(const struct config_source *source, const struct problems *problems,
                        char *text, size_t size)
{
    bool file = *source->file && (problems->placed == 0 || problems->count > problems->placed);
    bool params = problems->placed > 0 || !*source->file;
    char whose[PARAM_NAME_SIZE] = "the command line"; /* a check without ROS */
    if (rosc_name_resolve("~", text, size, NULL) == ROSC_OK)
        (void)snprintf(whose, sizeof whose, "the parameters of %s", rosc_node_name());
    (void)snprintf(text, size, "%s%s%s", file ? source->file : "", file && params ? " and " : "",
                   params ? whose : "");
}
