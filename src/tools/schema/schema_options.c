#include "tools/schema/schema_options.h"

#include "tools/command/unknown_option.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#define BIT(dialect) (1U << (unsigned)(dialect))
#define TABLES       (BIT(DIALECT_CASSANDRA) | BIT(DIALECT_MYSQL))
#define NAMED        (TABLES | BIT(DIALECT_KSQLDB))
#define MYSQL        BIT(DIALECT_MYSQL)
#define ALL          (~0U)

static const char *const dialects[] = {"spark", "cassandra", "mysql", "jsonschema", "ksqldb"};
#define DIALECT_COUNT (sizeof dialects / sizeof *dialects)

static const struct {
    struct option option;
    unsigned dialects; /* that it has a meaning for */
} known[] = {
    {{"help", no_argument, NULL, 'h'}, ALL},
    {{"as", required_argument, NULL, 'a'}, ALL},
    {{"route", required_argument, NULL, 'r'}, ALL},
    {{"ros-topic", required_argument, NULL, 'o'}, ALL},
    {{"ros-type", required_argument, NULL, 'y'}, ALL},
    {{"table", required_argument, NULL, 't'}, NAMED},
    {{"keyspace", required_argument, NULL, 'k'}, BIT(DIALECT_CASSANDRA)},
    {{"database", required_argument, NULL, 'd'}, MYSQL},
    {{"key", required_argument, NULL, 'K'}, TABLES},
    {{"column", required_argument, NULL, 'c'}, ALL},
    {{"auto-increment", no_argument, NULL, 'i'}, MYSQL},
    {{"fraction", required_argument, NULL, 'f'}, MYSQL},
};
#define KNOWN_COUNT (sizeof known / sizeof *known)

const char *schema_usage(void)
{
    return "usage: schema CONFIG.yaml --as spark|cassandra|mysql|jsonschema|ksqldb [OPTION...]\n"
           "\n"
           "Prints the schema of what a route of ros_to_kafka writes: Spark's StructType (JSON),\n"
           "Cassandra's CQL, MySQL's SQL, JSON Schema (2020-12) or ksqlDB's CREATE STREAM. Needs\n"
           "neither a ROS master nor Kafka.\n"
           "\n"
           "options:\n"
           "  --as READER          spark, cassandra, mysql, jsonschema or ksqldb\n"
           "  --route INDEX|TOPIC  the route, from 0, or by its kafka_topic (the only one)\n"
           "  --ros-topic NAME     which topic, of a route with a ros_topic_pattern\n"
           "  --ros-type TYPE      package/Type, where the route does not say it\n"
           "  --table NAME         of the table or stream (the Kafka topic, with _ for . and -)\n"
           "  --keyspace NAME      Cassandra's (ros)\n"
           "  --database NAME      MySQL's, to be made where it is missing (the one in use)\n"
           "  --key FIELD          the primary key (the field of '@sequence'); @id: a column of\n"
           "                       the records' header id, which whole messages have by default\n"
           "  --column FIELD=TYPE  over what the configuration says in column; may be repeated\n"
           "  --auto-increment     MySQL's key counts by itself where a row brings none\n"
           "  --fraction DIGITS    of MySQL's datetime columns, 0 to 6 (6)\n"
           "  --help               this text\n"
           "\n"
           "exit status: 0 printed, 1 not possible, 2 a mistake in the command line\n"
           "\n"
           "examples:\n"
           "  rosrun kafka_bridge schema odometry.yaml --as cassandra | cqlsh\n"
           "  rosrun kafka_bridge schema truck.yaml --as mysql --route truck --database KAFKA_DB\n"
           "  rosrun kafka_bridge schema everything.yaml --as jsonschema --ros-topic /imu \\\n"
           "      --ros-type sensor_msgs/Imu\n";
}

static enum error_code read_dialect(const char *text, struct schema_options *options,
                                    struct error *error)
{
    for (size_t i = 0; i < DIALECT_COUNT; i++) {
        if (strcmp(dialects[i], text) == 0) {
            options->dialect = (enum schema_dialect)i;
            return ERROR_NONE;
        }
    }
    return error_set(error, ERROR_UNKNOWN, text, 0,
                     "--as is \"%s\"; spark, cassandra, mysql, jsonschema or ksqldb is expected",
                     text);
}

static enum error_code read_fraction(const char *text, int *fraction, struct error *error)
{
    if (text[0] < '0' || text[0] > '0' + SCHEMA_FRACTION_MAX || text[1] != '\0')
        return error_set(error, ERROR_RANGE, text, 0,
                         "--fraction is \"%s\"; a whole number from 0 to %d is expected", text,
                         SCHEMA_FRACTION_MAX);
    *fraction = text[0] - '0';
    return ERROR_NONE;
}

static enum error_code add_column(const char *text, struct schema_options *options,
                                  struct error *error)
{
    const char *equals = strrchr(text, '=');
    if (!equals || equals == text)
        return error_set(error, ERROR_SYNTAX, text, 0,
                         "--column is \"%s\"; FIELD=TYPE is expected, such as id=bigint", text);
    if (options->column_count == SCHEMA_COLUMNS_LIMIT)
        return error_set(error, ERROR_LIMIT, text, 0, "more than %d --column",
                         SCHEMA_COLUMNS_LIMIT);
    options->columns[options->column_count++] = text;
    return ERROR_NONE;
}

static enum error_code take(struct schema_options *options, int letter, struct error *error)
{
    switch (letter) {
    case 'h':
        options->help = true;
        return ERROR_NONE;
    case 'a':
        return read_dialect(optarg, options, error);
    case 'r':
        options->route = optarg;
        return ERROR_NONE;
    case 'o':
        options->ros_topic = optarg;
        return ERROR_NONE;
    case 'y':
        options->ros_type = optarg;
        return ERROR_NONE;
    case 't':
        options->table = optarg;
        return ERROR_NONE;
    case 'k':
        options->keyspace = optarg;
        return ERROR_NONE;
    case 'd':
        options->database = optarg;
        return ERROR_NONE;
    case 'K':
        options->key = optarg;
        return ERROR_NONE;
    case 'c':
        return add_column(optarg, options, error);
    case 'i':
        options->auto_increment = true;
        return ERROR_NONE;
    case 'f':
        return read_fraction(optarg, &options->fraction, error);
    default:
        return error_set(error, ERROR_ARGUMENT, "", 0, "an option without a meaning");
    }
}

/* What getopt_long did not know, or knew with no value or with one too many. */
static enum error_code explain(const char *given, struct error *error)
{
    struct unknown_option unknown;
    unknown_option_begin(&unknown, given);
    for (size_t i = 0; i < KNOWN_COUNT; i++) {
        const struct option *option = &known[i].option;
        enum error_code code = unknown_option_offer(&unknown, option->name, option->has_arg, error);
        if (code != ERROR_NONE)
            return code;
    }
    return error_set(error, ERROR_UNKNOWN, given, 0, "there is no option %s; did you mean --%s?",
                     given, unknown.nearest.found ? unknown.nearest.found : "help");
}

static enum error_code check(const struct schema_options *options, unsigned given, bool has_dialect,
                             struct error *error)
{
    if (!options->config)
        return error_set(error, ERROR_MISSING, "", 0,
                         "which configuration? Give the bridge's YAML file");
    if (!has_dialect)
        return error_set(error, ERROR_MISSING, "", 0,
                         "a schema for whom? Give --as spark, cassandra, mysql, jsonschema or "
                         "ksqldb");
    for (size_t i = 0; i < KNOWN_COUNT; i++) {
        if ((given & BIT(i)) && !(known[i].dialects & BIT(options->dialect)))
            return error_set(error, ERROR_ARGUMENT, "", 0, "--%s has no meaning with --as %s",
                             known[i].option.name, dialects[options->dialect]);
    }
    return ERROR_NONE;
}

enum error_code schema_options_read(int argc, char **argv, struct schema_options *options,
                                    struct error *error)
{
    *options = (struct schema_options){.keyspace = "ros", .fraction = SCHEMA_FRACTION_MAX};
    struct option table[KNOWN_COUNT + 1] = {{0}};
    enum error_code code = ERROR_NONE;
    unsigned given = 0; /* a bit for each entry of `known` */
    bool has_dialect = false;
    int letter;
    for (size_t i = 0; i < KNOWN_COUNT; i++)
        table[i] = known[i].option;
    optind = 0; /* glibc: begin anew */
    opterr = 0;
    while (code == ERROR_NONE && (letter = getopt_long(argc, argv, ":h", table, NULL)) != -1) {
        if (letter == '?' || letter == ':')
            return explain(argv[optind - 1], error);
        code = take(options, letter, error);
        has_dialect = has_dialect || letter == 'a';
        for (size_t i = 0; i < KNOWN_COUNT; i++)
            given |= letter == known[i].option.val ? BIT(i) : 0;
    }
    if (code != ERROR_NONE || options->help)
        return code;
    if (optind < argc)
        options->config = argv[optind++];
    if (optind < argc)
        return error_set(error, ERROR_ARGUMENT, argv[optind], 0,
                         "one configuration at a time: found %s and %s", options->config,
                         argv[optind]);
    return check(options, given, has_dialect, error);
}
