#include "tools/command/settings.h"

#include "bridge/config/yaml.h"
#include "kafka/producer/producer.h"
#include "tools/command/print_error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SERVERS    "bootstrap.servers"
#define EMBEDDED   "embedded"
#define NO_SERVERS "none:9092" /* stands where Kafka is not needed */
#define CHECK_MS   10000

/* The file's tree, without its routes: the types that they name need not be known here. */
static cJSON *read_tree(const char *file)
{
    cJSON *tree = NULL;
    struct error error;
    if (!file)
        return cJSON_CreateObject();
    if (yaml_read_file(file, &tree, &error) != ERROR_NONE) {
        print_error_of(&error);
        return NULL;
    }
    if (!cJSON_IsObject(tree)) {
        print_error("%s: a mapping with kafka is expected, as the bridge reads it", file);
        cJSON_Delete(tree);
        return NULL;
    }
    cJSON_DeleteItemFromObjectCaseSensitive(tree, "ros_to_kafka");
    cJSON_DeleteItemFromObjectCaseSensitive(tree, "kafka_to_ros");
    return tree;
}

static bool set_property(cJSON *kafka, const char *name, const char *value)
{
    cJSON_DeleteItemFromObjectCaseSensitive(kafka, name);
    return cJSON_AddStringToObject(kafka, name, value) != NULL;
}

/* Sets what the command line says over the file. What is wrong with a `kafka` that is no mapping is
 * said by the check. */
static bool overlay(cJSON *tree, const struct options *options, bool connects)
{
    cJSON *kafka = cJSON_GetObjectItemCaseSensitive(tree, "kafka");
    if (!kafka)
        kafka = cJSON_AddObjectToObject(tree, "kafka");
    if (!cJSON_IsObject(kafka))
        return kafka != NULL;
    bool good = true;
    if (options->bootstrap_servers)
        good = set_property(kafka, SERVERS, options->bootstrap_servers);
    else if (!connects && !cJSON_HasObjectItem(kafka, SERVERS))
        good = set_property(kafka, SERVERS, NO_SERVERS);
    for (int i = 0; i < options->property_count && good; i++) {
        const char *equals = strchr(options->properties[i], '=');
        char *name = strndup(options->properties[i], (size_t)(equals - options->properties[i]));
        good = name && set_property(kafka, name, equals + 1);
        free(name);
    }
    return good;
}

static bool is_embedded(const struct config *config)
{
    const char *servers = kafka_properties_get(&config->kafka, SERVERS);
    return servers && strcmp(servers, EMBEDDED) == 0;
}

static void check(const struct config *config, bool connects, struct problems *problems)
{
    if (connects && is_embedded(config))
        problems_add(problems, "kafka." SERVERS,
                     "the embedded broker has another address each time: give "
                     "--bootstrap-servers $(rosparam get /embedded_broker/bootstrap_servers)");
}

struct config *settings_read(const struct options *options, bool connects)
{
    struct problems problems;
    cJSON *tree = read_tree(options->config);
    if (!tree)
        return NULL;
    if (!overlay(tree, options, connects)) {
        print_error("out of memory");
        cJSON_Delete(tree);
        return NULL;
    }
    problems_init(&problems);
    struct config *config = config_create(tree, NULL, &problems);
    if (config && !problems_any(&problems))
        check(config, connects, &problems);
    bool right = config && !problems_any(&problems);
    for (size_t i = 0; i < problems.count; i++)
        print_error("%s%s%s", options->config ? options->config : "", options->config ? ": " : "",
                    problems.lines[i]);
    problems_fini(&problems);
    if (right && options->cluster)
        config->spool.cluster = options->cluster;
    if (right)
        return config;
    config_destroy(config);
    return NULL;
}

static void ignore_report(const struct kafka_report *report, void *user)
{
    (void)report;
    (void)user;
}

enum error_code settings_check_kafka(const struct config *config, struct spool_cluster *there,
                                     struct error *error)
{
    struct kafka_producer_options options = {.properties = &config->kafka, .report = ignore_report};
    struct kafka_producer *producer = NULL;
    enum error_code code = kafka_producer_create(&options, &producer, error);
    if (code == ERROR_NONE)
        code = kafka_producer_check(producer, CHECK_MS, error);
    if (code == ERROR_NONE && there) {
        const char *servers = kafka_properties_get(&config->kafka, SERVERS);
        (void)snprintf(there->servers, sizeof there->servers, "%s", servers ? servers : "");
        if (kafka_producer_cluster(producer, CHECK_MS, there->id, sizeof there->id) != ERROR_NONE)
            code = error_set(error, ERROR_IO, SERVERS, 0, "%s does not say which cluster it is",
                             there->servers);
    }
    kafka_producer_destroy(producer);
    return code;
}
