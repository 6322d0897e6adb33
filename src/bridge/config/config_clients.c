#include "bridge/config/config_clients.h"

#include "bridge/flow/names.h"
#include "kafka/consumer/consumer.h"
#include "kafka/producer/producer.h"

#include <stdio.h>
#include <string.h>

static void complain(const struct error *error, struct problems *problems)
{
    char path[ERROR_PATH_SIZE + sizeof "kafka."];
    const char *name = error->path;
    (void)snprintf(path, sizeof path, "kafka%s%s", *name ? "." : "", name);
    problems_add(problems, path, "%s", error->text);
}

/* Each node has one: kafka_to_ros for its dead letters. */
static bool check_producer(const struct config *config, struct error *error)
{
    struct kafka_producer_options options = {.properties = &config->kafka};
    if (config->exactly_once && config->to_kafka_count > 0)
        options.transactional_id = config->robot;
    return kafka_producer_options_check(&options, error) == ERROR_NONE;
}

static bool check_consumer(const struct config *config, struct error *error)
{
    char ignored[NAMES_INTERNAL_PATTERN_SIZE];
    names_internal_kafka_pattern(config->definitions_topic, ignored);
    struct kafka_consumer_options options = {
        .properties = &config->kafka, .group = config->robot, .ignored = ignored};
    return kafka_consumer_options_check(&options, error) == ERROR_NONE;
}

void config_check_clients(const struct config *config, struct problems *problems)
{
    struct error producer, consumer;
    bool consumes =
        config->to_ros_count > 0 || (config->exactly_once && config->to_kafka_count > 0);
    bool produced = check_producer(config, &producer);
    if (!produced)
        complain(&producer, problems);
    if (consumes && !check_consumer(config, &consumer) &&
        (produced || strcmp(consumer.path, producer.path) != 0))
        complain(&consumer, problems);
}
