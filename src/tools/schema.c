/* schema: what a route to Kafka writes, in the words of those who read it. */
#include "schema/identifier.h"
#include "schema/writer.h"
#include "tools/schema_options.h"
#include "tools/schema_route.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXIT_USAGE   2
#define OUTPUT_LIMIT (64U << 20) /* bytes */

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

static void complain(const struct error *error)
{
    bool named = *error->path == '\0' || strstr(error->text, error->path) != NULL;
    (void)fprintf(stderr, "schema: %s%s%s\n", named ? "" : error->path, named ? "" : ": ",
                  error->text);
}

static enum error_code write_schema(const struct schema_options *options,
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
    (void)snprintf(source, sizeof source, "%s of %s", plan_type(found->plan), found->ros_topic);
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

static int run(const struct schema_options *options)
{
    struct error error = {0};
    struct problems problems;
    struct schema_route found;
    struct buffer out;
    problems_init(&problems);
    buffer_init(&out, OUTPUT_LIMIT);
    enum error_code code = schema_route_init(&found, options, &problems, &error);
    for (size_t i = 0; i < problems.count; i++)
        (void)fprintf(stderr, "schema: %s\n", problems.lines[i]);
    if (code == ERROR_NONE)
        code = write_schema(options, &found, &out, &error);
    if (code == ERROR_NONE &&
        (fwrite(out.data, 1, out.length, stdout) != out.length || fflush(stdout) != 0))
        code = error_set(&error, ERROR_IO, "", 0, "the output takes no more");
    if (code != ERROR_NONE)
        complain(&error);
    buffer_fini(&out);
    schema_route_fini(&found);
    problems_fini(&problems);
    return code == ERROR_NONE ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
    struct schema_options options;
    struct error error = {0};
    if (schema_options_read(argc, argv, &options, &error) != ERROR_NONE) {
        (void)fprintf(stderr, "schema: %s\nschema: schema --help says more\n", error.text);
        return EXIT_USAGE;
    }
    if (!options.help)
        return run(&options);
    return fputs(schema_usage(), stdout) >= 0 && fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
