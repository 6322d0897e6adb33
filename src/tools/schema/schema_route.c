#include "tools/schema/schema_route.h"

#include "base/home.h"
#include "bridge/config/yaml.h"
#include "bridge/flow/template.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SERVERS          "bootstrap.servers"
#define NO_SERVERS       "none:9092" /* Kafka is not needed */
#define DEFINITION_LIMIT (4U << 20)  /* bytes, as DEFINITION_TEXT_LIMIT */

/* The file's tree with what no schema depends on left out: a broker, its passwords, and types that
 * only the way back needs are not asked for. */
static enum error_code read_tree(const char *file, cJSON **tree, struct error *error)
{
    static const char *const left_out[] = {"kafka", "kafka_to_ros", "spool", "metrics"};
    char path[HOME_PATH_SIZE];
    if (!home_expand(file, path, sizeof path))
        return error_set(error, ERROR_LIMIT, file, 0, "the path is too long");
    enum error_code code = yaml_read_file(path, tree, error);
    if (code != ERROR_NONE)
        return code;
    if (!cJSON_IsObject(*tree))
        return error_set(error, ERROR_TYPE, file, 0,
                         "a mapping with ros_to_kafka is expected, as the bridge reads it");
    for (size_t i = 0; i < sizeof left_out / sizeof *left_out; i++)
        cJSON_DeleteItemFromObjectCaseSensitive(*tree, left_out[i]);
    cJSON *kafka = cJSON_AddObjectToObject(*tree, "kafka");
    return cJSON_AddStringToObject(kafka, SERVERS, NO_SERVERS)
               ? ERROR_NONE
               : error_set(error, ERROR_MEMORY, file, 0, "out of memory");
}

static enum error_code read_config(struct schema_route *found, const char *file,
                                   struct problems *problems, struct error *error)
{
    cJSON *tree = NULL;
    enum error_code code = packages_create(NULL, &found->packages, error);
    if (code == ERROR_NONE)
        code = read_tree(file, &tree, error);
    if (code != ERROR_NONE) {
        cJSON_Delete(tree);
        return code;
    }
    found->config = config_create(tree, found->packages, problems);
    if (!found->config)
        return error_set(error, ERROR_MEMORY, file, 0, "out of memory");
    if (problems_any(problems))
        return error_set(error, ERROR_SYNTAX, file, 0, "%zu %s in %s", problems->count,
                         problems->count == 1 ? "problem" : "problems", file);
    return ERROR_NONE;
}

static const char *written_topic(const struct to_kafka_route *route)
{
    return route->kafka_topic ? route->kafka_topic : "{topic}";
}

/* The routes there are: "0 (odometry), 1 ({topic})". */
static void list_routes(const struct config *config, char *text, size_t size)
{
    size_t length = 0;
    for (size_t i = 0; i < config->to_kafka_count && length < size; i++)
        length += (size_t)snprintf(text + length, size - length, "%s%zu (%s)", i > 0 ? ", " : "", i,
                                   written_topic(&config->to_kafka[i]));
}

/* `text` as an index, or the number of routes where it is none. */
static size_t as_index(const struct config *config, const char *text)
{
    if (!*text || strspn(text, "0123456789") != strlen(text) || strlen(text) > 9)
        return config->to_kafka_count;
    size_t index = (size_t)strtoul(text, NULL, 10);
    return index < config->to_kafka_count ? index : config->to_kafka_count;
}

static enum error_code choose(struct schema_route *found, const struct schema_options *options,
                              struct error *error)
{
    const struct config *config = found->config;
    char list[ERROR_TEXT_SIZE / 2] = "";
    list_routes(config, list, sizeof list);
    if (config->to_kafka_count == 0)
        return error_set(error, ERROR_MISSING, options->config, 0,
                         "%s has no route in ros_to_kafka", options->config);
    if (!options->route && config->to_kafka_count > 1)
        return error_set(error, ERROR_MISSING, options->config, 0,
                         "%s has %zu routes; choose one with --route: %s", options->config,
                         config->to_kafka_count, list);
    size_t index = options->route ? as_index(config, options->route) : 0;
    for (size_t i = 0; i < config->to_kafka_count && index == config->to_kafka_count; i++) {
        if (strcmp(written_topic(&config->to_kafka[i]), options->route) == 0)
            index = i;
    }
    if (index == config->to_kafka_count)
        return error_set(error, ERROR_UNKNOWN, options->config, 0,
                         "%s has no route \"%s\"; there are %s", options->config, options->route,
                         list);
    found->route = &config->to_kafka[index];
    return ERROR_NONE;
}

/* Sets one `--column FIELD=TYPE` over the configuration's. */
static enum error_code set_column(const struct to_kafka_route *route, const char *text,
                                  struct error *error)
{
    const char *equals = strrchr(text, '=');
    size_t length = (size_t)(equals - text);
    int type = config_column_type(equals + 1);
    if (type < 0)
        return error_set(error, ERROR_UNKNOWN, "--column", 0,
                         "\"%s\" is no type of a column; int, bigint, float, double, boolean, "
                         "text, timestamp or default is expected",
                         equals + 1);
    for (size_t i = 0; i < route->field_count; i++) {
        if (strlen(route->fields[i].name) == length &&
            memcmp(route->fields[i].name, text, length) == 0) {
            route->fields[i].column = (enum column_type)type;
            return ERROR_NONE;
        }
    }
    return error_set(error, ERROR_UNKNOWN, "--column", 0,
                     "%s has no field \"%.*s\" in fields, of which the type could be said",
                     route->path, (int)length, text);
}

static enum error_code set_columns(const struct schema_route *found,
                                   const struct schema_options *options, struct error *error)
{
    enum error_code code = ERROR_NONE;
    for (int i = 0; i < options->column_count && code == ERROR_NONE; i++)
        code = set_column(found->route, options->columns[i], error);
    return code;
}

/* The topic's full name, in the root namespace and with no remapping. */
static enum error_code resolve(struct schema_route *found, const struct schema_options *options,
                               struct error *error)
{
    const struct to_kafka_route *route = found->route;
    const char *name = route->ros_topic ? route->ros_topic : options->ros_topic;
    if (route->ros_topic && options->ros_topic)
        return error_set(error, ERROR_ARGUMENT, route->path, 0,
                         "--ros-topic goes with a route that has a ros_topic_pattern; this one is "
                         "of %s",
                         route->ros_topic);
    if (!name)
        return error_set(error, ERROR_MISSING, route->path, 0,
                         "the route takes every topic that matches %s; say of which the schema is "
                         "to be: --ros-topic NAME",
                         route->ros_topic_pattern);
    enum error_code code = names_check_ros(name, error);
    if (code != ERROR_NONE)
        return code;
    const char *space = name[0] == '/' ? "" : name[0] == '~' ? "/ros_to_kafka/" : "/";
    int length = snprintf(found->ros_topic, sizeof found->ros_topic, "%s%s", space,
                          name + (name[0] == '~' ? 1 : 0));
    return length < (int)sizeof found->ros_topic
               ? ERROR_NONE
               : error_set(error, ERROR_LIMIT, route->path, 0, "the topic's name is too long");
}

/* With `each` a record is made of an element. */
static enum error_code go_to_element(struct schema_route *found, struct error *error)
{
    if (!found->route->each)
        return ERROR_NONE;
    enum error_code code =
        elements_create(found->message_plan, found->route->each, &found->elements, error);
    if (code == ERROR_NONE)
        found->plan = elements_plan(found->elements);
    return code;
}

static enum error_code make_plan(struct schema_route *found, const struct schema_options *options,
                                 struct error *error)
{
    const struct to_kafka_route *route = found->route;
    const char *type = route->ros_type ? route->ros_type : options->ros_type;
    struct buffer text;
    if (!type)
        return error_set(error, ERROR_MISSING, route->path, 0,
                         "the route does not say of which type its messages are; write ros_type "
                         "there, or give --ros-type package/Type");
    if (options->ros_type && strcmp(options->ros_type, type) != 0)
        return error_set(error, ERROR_ARGUMENT, route->path, 0,
                         "--ros-type is %s, but the route takes only its ros_type %s",
                         options->ros_type, type);
    buffer_init(&text, DEFINITION_LIMIT);
    enum error_code code = packages_definition(found->packages, type, &text, error);
    if (code == ERROR_NONE)
        code = plan_create(type, text.data, text.length, NULL, &found->message_plan, error);
    buffer_fini(&text);
    found->plan = found->message_plan;
    return code == ERROR_NONE ? go_to_element(found, error) : code;
}

static enum error_code expand_topic(struct schema_route *found, struct error *error)
{
    char topic[NAMES_KAFKA_TOPIC_SIZE];
    char type[NAMES_KAFKA_TOPIC_SIZE];
    struct template parsed;
    struct buffer text;
    if (!names_ros_to_kafka(found->ros_topic, topic) ||
        !names_ros_to_kafka(plan_type(found->message_plan), type))
        return error_set(error, ERROR_RANGE, found->route->path, 0,
                         "%s (%s) is too long for a Kafka topic; give it a kafka_topic",
                         found->ros_topic, plan_type(found->message_plan));
    struct template_value values[] = {
        {"robot", found->config->robot}, {"topic", topic}, {"type", type}};
    enum error_code code = template_init(&parsed, written_topic(found->route), error);
    if (code != ERROR_NONE)
        return code;
    buffer_init(&text, sizeof found->kafka_topic);
    code = template_expand(&parsed, values, sizeof values / sizeof *values, &text, error);
    if (code == ERROR_NONE)
        code = buffer_append(&text, "", 1);
    if (code == ERROR_NONE) {
        memcpy(found->kafka_topic, text.data, text.length);
        code = names_check_kafka_topic(found->kafka_topic, error);
    }
    buffer_fini(&text);
    template_fini(&parsed);
    return code;
}

enum error_code schema_route_init(struct schema_route *found, const struct schema_options *options,
                                  struct problems *problems, struct error *error)
{
    *found = (struct schema_route){0};
    enum error_code code = read_config(found, options->config, problems, error);
    if (code == ERROR_NONE)
        code = choose(found, options, error);
    if (code == ERROR_NONE)
        code = set_columns(found, options, error);
    if (code == ERROR_NONE)
        code = resolve(found, options, error);
    if (code == ERROR_NONE)
        code = make_plan(found, options, error);
    return code == ERROR_NONE ? expand_topic(found, error) : code;
}

void schema_route_fini(struct schema_route *found)
{
    elements_destroy(found->elements);
    plan_destroy(found->message_plan);
    config_destroy(found->config);
    packages_destroy(found->packages);
}
