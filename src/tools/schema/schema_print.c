#include "tools/schema/schema_print.h"

#include "schema/identifier.h"
#include "schema/writer.h"
#include "tools/schema/schema_route.h"

#include <stdio.h>

static const struct {
    schema_writer *write;
    bool is_statement; /* which has comments */
} writers[] = {
    [DIALECT_SPARK] = {schema_write_spark, false},
    [DIALECT_CASSANDRA] = {schema_write_cassandra, true},
    [DIALECT_MYSQL] = {schema_write_mysql, true},
    [DIALECT_JSON_SCHEMA] = {schema_write_json_schema, false},
    [DIALECT_KSQLDB] = {schema_write_ksqldb, true},
};

/* "nav_msgs/Odometry of /warty/odom" */
static void describe_source(const struct schema_route *found, char *text, size_t size)
{
    if (found->route->each)
        (void)snprintf(text, size, "%s, each of %s of %s of %s", plan_type(found->plan),
                       found->route->each, plan_type(found->message_plan), found->ros_topic);
    else
        (void)snprintf(text, size, "%s of %s", plan_type(found->plan), found->ros_topic);
}

static enum error_code print_route(const struct schema_options *options,
                                   const struct schema_route *found, struct buffer *out,
                                   struct error *error)
{
    char table[NAMES_KAFKA_TOPIC_SIZE];
    char source[2 * NAMES_ROS_SIZE];
    struct schema *schema = NULL;
    enum error_code code = schema_create(found->route, found->plan, &schema, error);
    if (code != ERROR_NONE)
        return code;
    identifier_of_topic(found->kafka_topic, table);
    describe_source(found, source, sizeof source);
    const struct schema_target target = {
        .kafka_topic = found->kafka_topic,
        .source = source,
        .table = options->table ? options->table : table,
        .keyspace = options->keyspace,
        .database = options->database,
        .key = options->key,
        .has_headers = found->route->headers,
        .auto_increment = options->auto_increment,
        .fraction = options->fraction,
    };
    if (writers[options->dialect].is_statement)
        code = buffer_append_format(out, "-- The records of Kafka topic %s: %s.\n",
                                    target.kafka_topic, source);
    if (code == ERROR_NONE)
        code = writers[options->dialect].write(schema, &target, out, error);
    schema_destroy(schema);
    return code;
}

enum error_code schema_print(const struct schema_options *options, struct buffer *out,
                             struct problems *problems, struct error *error)
{
    struct schema_route found;
    enum error_code code = schema_route_init(&found, options, problems, error);
    if (code == ERROR_NONE)
        code = print_route(options, &found, out, error);
    schema_route_fini(&found);
    return code;
}
