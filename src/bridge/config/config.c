#include "bridge/config/config.h"

#include "base/home.h"
#include "bridge/config/config_check.h"
#include "bridge/config/config_clients.h"
#include "bridge/config/config_metrics.h"
#include "bridge/config/config_reader.h"
#include "bridge/config/config_routes.h"
#include "bridge/config/config_secret.h"
#include "bridge/config/config_spool.h"
#include "bridge/flow/names.h"
#include "kafka/reading/definitions.h"
#include "kafka/settings/address_check.h"
#include "kafka/settings/login_check.h"
#include "kafka/settings/tls_check.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MIB               (UINT64_C(1) << 20)
#define STATUS_PERIOD_MIN 0.1 /* seconds */

/* librdkafka takes texts: numbers and booleans of YAML become what they were written as. */
static bool property_text(const cJSON *value, char *text, size_t size, const char **result)
{
    *result = text;
    if (value->valuestring) /* a text, or a number of a file as it was written */
        *result = value->valuestring;
    else if (cJSON_IsBool(value))
        (void)snprintf(text, size, "%s", cJSON_IsTrue(value) ? "true" : "false");
    else if (cJSON_IsNumber(value) && value->valuedouble == floor(value->valuedouble))
        (void)snprintf(text, size, "%.0f", value->valuedouble);
    else if (cJSON_IsNumber(value))
        (void)snprintf(text, size, "%.17g", value->valuedouble);
    else
        return false;
    return true;
}

static void set_kafka(struct config *config, struct config_reader *reader, const char *name,
                      const char *value)
{
    struct error error;
    char path[HOME_PATH_SIZE];
    value = config_check_tls_file(reader, name, value, path, sizeof path);
    if (kafka_property_check(name, value, &error) != ERROR_NONE)
        config_reader_problem(reader, name, "%s", error.text);
    else if (kafka_properties_set(&config->kafka, name, value) != ERROR_NONE)
        config_reader_problem(reader, name, "out of memory");
}

/* A value that is written here, or where a mapping says. */
static void read_property(struct config *config, struct config_reader *reader, const cJSON *item)
{
    char number[64];
    const char *value = NULL;
    if (cJSON_IsObject(item)) {
        char *text = config_secret_read(item, reader->problems);
        if (text)
            set_kafka(config, reader, item->string, text);
        config_secret_free(text);
    } else if (property_text(item, number, sizeof number, &value)) {
        set_kafka(config, reader, item->string, value);
    } else {
        char found[64];
        config_describe(item, found, sizeof found);
        config_reader_problem(
            reader, item->string,
            "found %s; a text, a number, true, false, {file: PATH} or {env: NAME} "
            "is expected",
            found);
    }
}

/* Whether nothing is wrong in it, as far as that is seen without a client. */
static bool read_kafka(struct config *config, const cJSON *object, struct problems *problems)
{
    struct config_reader reader;
    size_t before = problems_count(problems);
    if (cJSON_IsString(object)) { /* which may hold a password */
        problems_add(problems, "kafka", "found a text; a mapping of properties is expected");
        return false;
    }
    config_reader_init(&reader, object, "kafka", problems);
    config_secret_guard(reader.object);
    const cJSON *item;
    cJSON_ArrayForEach(item, reader.object)
    {
        read_property(config, &reader, item);
    }
    struct error error;
    if (kafka_address_check(&config->kafka, &error) != ERROR_NONE)
        config_reader_problem(&reader, error.path, "%s", error.text);
    if (problems_count(problems) == before &&
        kafka_login_check(&config->kafka, &error) != ERROR_NONE)
        config_reader_problem(&reader, error.path, "%s", error.text);
    if (problems_count(problems) == before && kafka_tls_check(&config->kafka, &error) != ERROR_NONE)
        config_reader_problem(&reader, error.path, "%s", error.text);
    config_secret_wipe(cJSON_GetObjectItemCaseSensitive(config->tree, "kafka"));
    bool is_told = object && (!reader.object || cJSON_HasObjectItem(object, "bootstrap.servers"));
    if (!is_told)
        config_reader_problem(&reader, "bootstrap.servers",
                              "missing; write HOST:PORT of a broker, `embedded` for the "
                              "embedded_broker node, or give _bootstrap_servers:=HOST:PORT");
    return problems_count(problems) == before;
}

static const char *default_robot(struct config *config)
{
    char name[256] = "";
    if (gethostname(name, sizeof name - 1) != 0 || !*name)
        return "robot";
    return config_own(config, strdup(name));
}

static void read_robot(struct config *config, struct config_reader *reader)
{
    config->robot = config_read_text(reader, "robot", NULL);
    if (!config->robot)
        config->robot = default_robot(config);
    struct error error;
    if (config->robot && names_check_robot(config->robot, &error) != ERROR_NONE)
        config_reader_problem(reader, "robot", "%s", error.text);
}

static void read_status_period(struct config *config, struct config_reader *reader)
{
    config->status_period = config_read_number(reader, "status_period", 1, 0, 3600);
    if (config->status_period > 0 && config->status_period < STATUS_PERIOD_MIN)
        config_reader_problem(reader, "status_period",
                              "found %g; 0 (never) or a number from %g to 3600 is expected",
                              config->status_period, STATUS_PERIOD_MIN);
}

static void read_top(struct config *config, struct packages *packages, struct problems *problems)
{
    /* What nodes/config_source.c takes for itself. */
    static const char *const parameters[] = {"config", "bootstrap_servers", "metrics_port",
                                             "metrics_address", "check"};
    struct config_reader reader;
    config_reader_init(&reader, config->tree, "", problems);
    reader.parameters = parameters;
    reader.parameter_count = sizeof parameters / sizeof *parameters;
    read_robot(config, &reader);
    bool clients = read_kafka(config, config_read_any(&reader, "kafka"), problems);
    config_read_spool(config, &reader);
    config->definitions_topic =
        config_read_text(&reader, "definitions_topic", KAFKA_DEFINITIONS_TOPIC);
    size_t before = problems_count(problems);
    if (*config->definitions_topic)
        config_check_kafka_topic(&reader, "definitions_topic", config->definitions_topic);
    clients = clients && problems_count(problems) == before; /* the consumer's has it in it */
    config->queue_max_bytes =
        (size_t)config_read_bytes(&reader, "queue_max_bytes", 64 * MIB, 1024, 1024 * MIB);
    config->in_flight_max_bytes =
        (size_t)config_read_bytes(&reader, "in_flight_max_bytes", 32 * MIB, 1024, 1024 * MIB);
    config->message_max_bytes =
        (size_t)config_read_bytes(&reader, "message_max_bytes", 256 * MIB, 1024, 1024 * MIB);
    config->discovery_period = config_read_number(&reader, "discovery_period", 1, 0.05, 3600);
    config->shutdown_timeout = config_read_number(&reader, "shutdown_timeout", 10, 0, 3600);
    read_status_period(config, &reader);
    config_read_metrics(config, &reader);
    config_read_to_kafka(config, config_read_array(&reader, "ros_to_kafka"), packages, problems);
    config_read_to_ros(config, config_read_array(&reader, "kafka_to_ros"), packages, problems);
    config_reader_finish(&reader);
    if (clients)
        config_check_clients(config, problems);
}

struct config *config_create(cJSON *tree, struct packages *packages, struct problems *problems)
{
    struct config *config = calloc(1, sizeof *config);
    if (!config) {
        cJSON_Delete(tree);
        return NULL;
    }
    config->tree = tree;
    kafka_properties_init(&config->kafka);
    read_top(config, packages, problems);
    return config;
}

void config_destroy(struct config *config)
{
    if (!config)
        return;
    for (size_t i = 0; i < config->to_kafka_count; i++)
        free(config->to_kafka[i].fields);
    for (size_t i = 0; i < config->to_ros_count; i++)
        free(config->to_ros[i].fields);
    for (size_t i = 0; i < config->owned_count; i++)
        free(config->owned[i]);
    free(config->to_kafka);
    free(config->to_ros);
    free(config->owned);
    kafka_properties_fini(&config->kafka);
    cJSON_Delete(config->tree);
    free(config);
}
