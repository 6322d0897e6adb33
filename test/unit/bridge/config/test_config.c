/* The configuration: what is taken, what is refused, and how each problem is told. */
#include "test_support.h"

#include "bridge/config/config.h"

#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TRANSACTIONS_VERSION 0x01040000 /* librdkafka that has them */

struct fixture {
    struct packages *packages;
    struct problems problems;
    struct config *config;
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    *state = fixture;
    return packages_create("/usr/share:/opt/ros/noetic/share:/opt/ros/one/share",
                           &fixture->packages, NULL) != ERROR_NONE;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    config_destroy(fixture->config);
    problems_fini(&fixture->problems);
    packages_destroy(fixture->packages);
    free(fixture);
    return 0;
}

/* Reads a configuration given as JSON with ' for ". */
static const struct config *read_config(struct fixture *fixture, const char *text)
{
    char *json = strdup(text);
    for (char *at = json; *at; at++)
        if (*at == '\'')
            *at = '"';
    cJSON *tree = cJSON_Parse(json);
    assert_non_null(tree);
    free(json);
    config_destroy(fixture->config);
    problems_fini(&fixture->problems);
    fixture->config = config_create(tree, fixture->packages, &fixture->problems);
    assert_non_null(fixture->config);
    return fixture->config;
}

static void assert_no_problem(const struct fixture *fixture)
{
    for (size_t i = 0; i < fixture->problems.count; i++)
        print_error("%s\n", fixture->problems.lines[i]);
    assert_int_equal(fixture->problems.count, 0);
}

#define KAFKA "'kafka': {'bootstrap.servers': 'localhost:9092'}"

static void defaults_are_filled_in(void **state)
{
    struct fixture *fixture = *state;
    const struct config *config =
        read_config(fixture, "{" KAFKA ", 'ros_to_kafka': [{'ros_topic': 'warty/odom'}],"
                             "'kafka_to_ros': [{'kafka_topic': 'results'}]}");
    assert_no_problem(fixture);
    assert_int_equal(config->to_kafka_count, 1);
    assert_int_equal(config->to_kafka[0].format, FORMAT_JSON);
    assert_null(config->to_kafka[0].kafka_topic);
    assert_string_equal(config->to_kafka[0].key, "{topic}");
    assert_true(config->to_kafka[0].headers);
    assert_false(config->to_kafka[0].stamp_from_receipt);
    assert_string_equal(config->definitions_topic, "ros.definitions");
    assert_string_equal(config->to_ros[0].ros_topic, "{topic}");
    assert_int_equal(config->to_ros[0].start, KAFKA_START_STORED);
    assert_true(strlen(config->robot) > 0);
    assert_true(config->status_period > 0.9 && config->status_period < 1.1);
    assert_int_equal(config->spool.durability, DURABILITY_WRITE_AHEAD);
    assert_int_equal(config->spool.when_full, WHEN_FULL_BLOCK);
    assert_int_equal(config->spool.max_bytes, 2147483648);
    assert_false(config->spool.sync_full);
    assert_false(config->exactly_once);
    assert_int_equal(config->in_flight_max_bytes, 33554432);
}

static void the_spool_has_a_place(void **state)
{
    struct fixture *fixture = *state;
    setenv("HOME", "/home/somebody", 1);
    setenv("ROS_HOME", "/var/ros", 1);
    assert_string_equal(read_config(fixture, "{" KAFKA "}")->spool.directory,
                        "/var/ros/kafka_bridge");
    unsetenv("ROS_HOME");
    assert_string_equal(read_config(fixture, "{" KAFKA "}")->spool.directory,
                        "/home/somebody/.ros/kafka_bridge");
    assert_string_equal(
        read_config(fixture, "{" KAFKA ", 'spool': {'directory': '~/x'}}")->spool.directory,
        "/home/somebody/x");
    assert_no_problem(fixture);
}

static void exactly_once_is_read(void **state)
{
    if (rd_kafka_version() < TRANSACTIONS_VERSION)
        skip();
    const struct config *config = read_config(*state, "{" KAFKA ", 'delivery': 'exactly_once',"
                                                      " 'ros_to_kafka': [{'ros_topic': 'a'}]}");
    assert_no_problem(*state);
    assert_true(config->exactly_once);
}

static void every_key_is_read(void **state)
{
    struct fixture *fixture = *state;
    const struct config *config = read_config(
        fixture,
        "{'robot': 'warty', 'kafka': {'bootstrap.servers': 'a:1', 'linger.ms': 7,"
        " 'enable.idempotence': true}, 'definitions_topic': 'defs', 'queue_max_bytes': 4096,"
        " 'shutdown_timeout': 2.5, 'status_period': 0.1, 'in_flight_max_bytes': 8192,"
        " 'spool': {'directory': '/data', 'max_bytes': 1048576,"
        "   'when_full': 'drop_newest', 'sync': 'full', 'cluster': 'any'},"
        " 'ros_to_kafka': [{'ros_topic_pattern': '/warty/.*', 'exclude': ['.*/tf'],"
        "   'kafka_topic': '{robot}.{topic}', 'key': '{robot}', 'headers': 'none',"
        "   'timestamp': 'receipt', 'max_rate': 5, 'tcp_nodelay': false, 'non_finite': 'string', "
        "'bytes': 'array'},"
        "  {'ros_topic': 'warty/odom', 'ros_type': 'nav_msgs/Odometry', 'format': 'fields',"
        "   'kafka_topic': 'odometry', 'fields': {'id': '@sequence',"
        "     'x': {'path': 'pose.pose.position.x', 'precision': 5, 'default': 0,"
        "           'column': 'float'},"
        "     'kind': {'value': 'odometry'}}},"
        "  {'ros_topic': 'path', 'ros_type': 'nav_msgs/Path', 'each': 'poses',"
        "   'format': 'fields', 'key': '{header.frame_id}',"
        "   'fields': {'i': '@index', 'x': 'pose.position.x'}}],"
        " 'kafka_to_ros': [{'kafka_topic': 'counts', 'format': 'long',"
        "   'ros_type': 'std_msgs/Int64', 'fields': {'data': {'path': '@value',"
        "   'default': 7}}, 'start': 'earliest',"
        "   'latched': true, 'strict': true, 'wait_for_subscriber': true, 'queue_size': 3,"
        "   'max_age': 2.5, 'ros_topic_pattern': '/a/.*', 'max_topics': 7},"
        "  {'kafka_topic': 'late', 'start': 1700000000}]}");
    assert_no_problem(fixture);
    assert_int_equal(config->in_flight_max_bytes, 8192);
    assert_string_equal(config->spool.directory, "/data");
    assert_int_equal(config->spool.max_bytes, 1048576);
    assert_int_equal(config->spool.when_full, WHEN_FULL_DROP_NEWEST);
    assert_string_equal(config->spool.cluster, "any");
    assert_true(config->spool.sync_full);
    assert_string_equal(kafka_properties_get(&config->kafka, "linger.ms"), "7");
    assert_string_equal(kafka_properties_get(&config->kafka, "enable.idempotence"), "true");
    assert_int_equal(config->queue_max_bytes, 4096);
    assert_true(config->status_period > 0.09 && config->status_period < 0.11);
    const struct to_kafka_route *pattern = &config->to_kafka[0];
    assert_string_equal(pattern->ros_topic_pattern, "/warty/.*");
    assert_false(pattern->headers);
    assert_true(pattern->stamp_from_receipt);
    assert_true(pattern->json.non_finite_as_string && pattern->json.bytes_as_array);
    assert_true(pattern->max_rate > 4.9 && pattern->max_rate < 5.1);
    assert_false(pattern->tcp_nodelay);
    const struct to_kafka_route *fields = &config->to_kafka[1];
    assert_int_equal(fields->field_count, 3);
    assert_null(fields->each);
    assert_string_equal(config->to_kafka[2].each, "poses");
    assert_string_equal(fields->fields[0].name, "id");
    assert_string_equal(fields->fields[1].path, "pose.pose.position.x");
    assert_int_equal(fields->fields[0].column, COLUMN_DEFAULT);
    assert_int_equal(fields->fields[1].column, COLUMN_FLOAT);
    assert_int_equal(fields->fields[1].precision, 5);
    assert_string_equal(fields->fields[1].fallback, "0");
    assert_string_equal(fields->fields[2].constant, "\"odometry\"");
    assert_int_equal(config->to_ros[0].start, KAFKA_START_EARLIEST);
    assert_string_equal(config->to_ros[0].fields[0].fallback, "7");
    assert_int_equal(config->to_ros[0].queue_size, 3);
    assert_true(config->to_ros[0].max_age > 2.4 && config->to_ros[0].max_age < 2.6);
    assert_string_equal(config->to_ros[0].ros_topic_pattern, "/a/.*");
    assert_int_equal(config->to_ros[0].max_topics, 7);
    assert_null(config->to_ros[1].ros_topic_pattern);
    assert_int_equal(config->to_ros[1].max_topics, 2000);
    assert_int_equal(config->to_ros[1].start, KAFKA_START_TIMESTAMP);
    assert_int_equal(config->to_ros[1].start_timestamp, 1700000000000);
}

static void a_size_may_have_a_unit(void **state)
{
    struct fixture *fixture = *state;
    const struct config *config =
        read_config(fixture, "{" KAFKA ", 'spool': {'max_bytes': '2GiB'}, 'queue_max_bytes':"
                             "'1.5 MiB', 'in_flight_max_bytes': '64kb',"
                             "'message_max_bytes': '1024B'}");
    assert_no_problem(fixture);
    assert_int_equal(config->spool.max_bytes, 2147483648);
    assert_int_equal(config->queue_max_bytes, 1572864);
    assert_int_equal(config->in_flight_max_bytes, 64000);
    assert_int_equal(config->message_max_bytes, 1024);
}

static void the_robot_stands_in_the_topics_that_are_read(void **state)
{
    struct fixture *fixture = *state;
    const struct config *config =
        read_config(fixture, "{" KAFKA ", 'robot': 'wa.rty', 'kafka_to_ros': [{'kafka_topic':"
                             "'{robot}.results.{robot}'}, {'kafka_topic': '^{robot}[.]x{1,2}$'}]}");
    assert_no_problem(fixture);
    assert_string_equal(config->to_ros[0].kafka_topic, "wa.rty.results.wa.rty");
    assert_string_equal(config->to_ros[1].kafka_topic, "^wa[.]rty[.]x{1,2}$");
}

static void fields_keep_their_order_as_a_list(void **state)
{
    struct fixture *fixture = *state;
    const struct config *config =
        read_config(fixture, "{" KAFKA ", 'ros_to_kafka': [{'ros_topic': 'a', 'format': 'fields',"
                             "'fields': [{'z': '@sequence'}, {'a': '@topic'}]}]}");
    assert_no_problem(fixture);
    assert_string_equal(config->to_kafka[0].fields[0].name, "z");
    assert_string_equal(config->to_kafka[0].fields[1].name, "a");
}

static void one_name_in_two_namespaces_is_no_duplicate(void **state)
{
    struct fixture *fixture = *state;
    (void)read_config(fixture, "{" KAFKA ", 'ros_to_kafka': [{'ros_topic': 'odom'},"
                               "{'ros_topic': '/odom'}]}");
    assert_no_problem(fixture);
}

/* One configuration, and what its only problem must begin with and contain. */
struct refusal {
    const char *text;
    const char *path;
    const char *part;
};

static const struct refusal refusals[] = {
    {"{}", "kafka.bootstrap.servers", "_bootstrap_servers:="},
    {"{'kafka': 3}", "kafka", "found 3"},
    {"{'kafka': {'bootstrap.servers': 'a', 'lingre.ms': 5}}", "kafka.lingre.ms", "linger.ms"},
    {"{'kafka': {'bootstrap.servers': 'a', 'linger.ms': 'soon'}}", "kafka.linger.ms", "soon"},
    {"{'kafka': {'bootstrap.servers': 'a', 'linger.ms': [1]}}", "kafka.linger.ms", "a list"},
    {"{" KAFKA ", 'robots': 'w'}", "robots", "did you mean robot?"},
    {"{" KAFKA ", 'robot': 'w/x'}", "robot", "'/'"},
    {"{" KAFKA ", 'robot': 7}", "robot", "found 7"},
    {"{" KAFKA ", 'spool': {'durability': 'always'}}", "spool.durability", "write_ahead"},
    {"{" KAFKA ", 'spool': {'cluster': ''}}", "spool.cluster", "id of a Kafka cluster"},
    {"{" KAFKA ", 'spool': {'when_full': 'drop'}}", "spool.when_full", "drop_oldest"},
    {"{" KAFKA ", 'spool': {'sync': 'yes'}}", "spool.sync", "normal"},
    {"{" KAFKA ", 'spool': {'max_bytes': 1000}}", "spool.max_bytes", "1048576"},
    {"{" KAFKA ", 'spool': {'directory': 'here'}}", "spool.directory", "begins with /"},
    {"{" KAFKA ", 'spool': {'directry': '/x'}}", "spool.directry", "did you mean directory?"},
    {"{" KAFKA ", 'in_flight_max_bytes': 1}", "in_flight_max_bytes", "from 1024"},
    {"{" KAFKA ", 'delivery': 'once'}", "delivery", "exactly_once"},
    {"{" KAFKA ", 'delivery': 'exactly_once', 'spool': {'durability': 'spill'}}", "delivery",
     "write_ahead"},
    {"{" KAFKA ", 'queue_max_bytes': 3}", "queue_max_bytes", "from 1024"},
    {"{" KAFKA ", 'queue_max_bytes': '2 gigs'}", "queue_max_bytes", "found \"2 gigs\"; a size"},
    {"{" KAFKA ", 'queue_max_bytes': '2GiB'}", "queue_max_bytes", "found \"2GiB\"; a size from"},
    {"{" KAFKA ", 'queue_max_bytes': '64'}", "queue_max_bytes", "such as 64MiB"},
    {"{" KAFKA ", 'queue_max_bytes': 'GiB'}", "queue_max_bytes", "such as 64MiB"},
    {"{" KAFKA ", 'status_period': 0.05}", "status_period", "0 (never) or a number from 0.1"},
    {"{" KAFKA ", 'ros_to_kafka': {}}", "ros_to_kafka", "a mapping; a list"},
    {"{" KAFKA ", 'ros_to_kafka': [3]}", "ros_to_kafka[0]", "found 3"},
    {"{" KAFKA ", 'ros_to_kafka': [{'ros_topic': 'a', 'ros_topic_pattern': '/b'}]}",
     "ros_to_kafka[0].ros_topic", "found both"},
    {"{" KAFKA ", 'ros_to_kafka': [{'ros_topic': 'a//b'}]}", "ros_to_kafka[0].ros_topic", "a//b"},
    {"{" KAFKA ", 'ros_to_kafka': [{'ros_topic': 'a-b'}]}", "ros_to_kafka[0].ros_topic", "'-'"},
    {"{" KAFKA ", 'ros_to_kafka': [{'ros_topic_pattern': '('}]}",
     "ros_to_kafka[0].ros_topic_pattern", "regular expression"},
    {"{" KAFKA ", 'ros_to_kafka': [{'ros_topic': 'a', 'exclude': ['/b']}]}",
     "ros_to_kafka[0].exclude", "ros_topic_pattern only"},
    {"{" KAFKA ", 'ros_to_kafka': [{'ros_topic': 'a', 'kafka_topic': 'a b'}]}",
     "ros_to_kafka[0].kafka_topic", "' '"},
    {"{" KAFKA ", 'ros_to_kafka': [{'ros_topic': 'a', 'kafka_topic': '{colour}'}]}",
     "ros_to_kafka[0].kafka_topic", "{colour}"},
    {"{" KAFKA ", 'ros_to_kafka': [{'ros_topic': 'a', 'key': '{robot'}]}", "ros_to_kafka[0].key",
     "brace"},
    {"{" KAFKA ", 'ros_to_kafka': [{'ros_topic': 'a', 'format': 'xml'}]}", "ros_to_kafka[0].format",
     "found \"xml\"; one of json, fields, text, ros1"},
    {"{" KAFKA ", 'ros_to_kafka': [{'ros_topic': 'a', 'format': 'long'}]}",
     "ros_to_kafka[0].format", "found \"long\""},
    {"{" KAFKA ", 'ros_to_kafka': [{'ros_topic': 'a', 'format': 'fields'}]}",
     "ros_to_kafka[0].fields", "missing"},
    {"{" KAFKA ", 'ros_to_kafka': [{'ros_topic': 'a', 'fields': {'b': 'c'}}]}",
     "ros_to_kafka[0].fields", "format: fields only"},
    {"{" KAFKA ", 'ros_to_kafka': [{'ros_topic': 'a', 'max_rate': -1}]}",
     "ros_to_kafka[0].max_rate", "found -1"},
    {"{" KAFKA ", 'ros_to_kafka': [{'ros_topic': 'a', 'ros_type': 'no_such_msgs/Thing'}]}",
     "ros_to_kafka[0].ros_type", "no_such_msgs"},
    {"{" KAFKA ", 'ros_to_kafka': [{'ros_topic': 'a', 'ros_type': 'nav_msgs/Odometry',"
     "'format': 'fields', 'fields': {'x': 'pose.pose.positron.x'}}]}",
     "ros_to_kafka[0].fields.x", "positron"},
    {"{" KAFKA ", 'ros_to_kafka': [{'ros_topic': 'a', 'ros_type': 'nav_msgs/Odometry',"
     "'key': '{header.frame}'}]}",
     "ros_to_kafka[0].key", "header.frame"},
    {"{" KAFKA ", 'ros_to_kafka': [{'ros_topic': 'a', 'ros_type': 'nav_msgs/Odometry',"
     "'format': 'text'}]}",
     "ros_to_kafka[0].text_field", "data"},
    {"{" KAFKA ", 'ros_to_kafka': [{'ros_topic': 'a', 'each': ''}]}", "ros_to_kafka[0].each",
     "the path of an array"},
    {"{" KAFKA ", 'ros_to_kafka': [{'ros_topic': 'a', 'ros_type': 'geometry_msgs/PoseArray',"
     "'each': 'pose'}]}",
     "ros_to_kafka[0].each", "it has header, poses"},
    {"{" KAFKA ", 'ros_to_kafka': [{'ros_topic': 'a', 'ros_type': 'nav_msgs/Odometry',"
     "'each': 'pose.pose'}]}",
     "ros_to_kafka[0].each", "are: pose.covariance, twist.covariance"},
    {"{" KAFKA ", 'ros_to_kafka': [{'ros_topic': 'a', 'ros_type': 'geometry_msgs/PoseArray',"
     "'each': 'poses', 'format': 'fields', 'fields': {'s': 'header.seq'}}]}",
     "ros_to_kafka[0].fields.s", "geometry_msgs/Pose has no field \"header\""},
    {"{" KAFKA ", 'ros_to_kafka': [{'ros_topic': 'a', 'ros_type': 'geometry_msgs/PoseArray',"
     "'each': 'poses', 'key': '{header.frame_id}'}]}",
     "ros_to_kafka[0].key", "it has position, orientation"},
    {"{" KAFKA ", 'ros_to_kafka': [{'ros_topic': 'a', 'ros_type': 'geometry_msgs/PoseArray',"
     "'each': 'poses', 'format': 'text', 'text_field': 'x'}]}",
     "ros_to_kafka[0].text_field", "it has position, orientation"},
    {"{" KAFKA ", 'ros_to_kafka': [{'ros_topic': 'a', 'format': 'fields',"
     "'fields': {'x': '@index'}}]}",
     "ros_to_kafka[0].fields.x", "@index\", which goes with each"},
    {"{" KAFKA ", 'ros_to_kafka': [{'ros_topic': 'a', 'format': 'fields',"
     "'fields': {'x': {'path': 'a', 'precison': 3}}}]}",
     "ros_to_kafka[0].fields.x.precison", "did you mean precision?"},
    {"{" KAFKA ", 'ros_to_kafka': [{'ros_topic': 'a', 'format': 'fields',"
     "'fields': {'x': {'path': 'a', 'precision': 40}}}]}",
     "ros_to_kafka[0].fields.x.precision", "found 40"},
    {"{" KAFKA ", 'ros_to_kafka': [{'ros_topic': 'a', 'format': 'fields', "
     "'fields': {'x': {'path': 'a', 'column': 'integer'}}}]}",
     "ros_to_kafka[0].fields.x.column", "bigint"},
    {"{" KAFKA ", 'ros_to_kafka': [{'ros_topic': 'a', 'kafka_topic': 't'},"
     "{'ros_topic': 'b', 'kafka_topic': 't'}]}",
     "ros_to_kafka[1].kafka_topic", "ros_to_kafka[0]"},
    {"{" KAFKA ", 'robot': 'w', 'kafka_to_ros': [{'kafka_topic': '{robt}.a'}]}",
     "kafka_to_ros[0].kafka_topic", "{robot} alone is known here"},
    {"{" KAFKA ", 'kafka_to_ros': [{}]}", "kafka_to_ros[0].kafka_topic", "missing"},
    {"{" KAFKA ", 'kafka_to_ros': [{'kafka_topic': 'a', 'ros_topic': '{colour}'}]}",
     "kafka_to_ros[0].ros_topic", "{colour}"},
    {"{" KAFKA ", 'kafka_to_ros': [{'kafka_topic': 'a', 'format': 'text'}]}",
     "kafka_to_ros[0].ros_type", "missing"},
    {"{" KAFKA ", 'kafka_to_ros': [{'kafka_topic': 'a', 'ros_type': 'std_msgs/Int64', 'format':"
     " 'fields', 'fields': {'data': {'value': 1, 'default': 2}}}]}",
     "kafka_to_ros[0].fields.data", "needs no default"},
    {"{" KAFKA ", 'kafka_to_ros': [{'kafka_topic': 'a', 'start': 'soon'}]}",
     "kafka_to_ros[0].start", "found \"soon\""},
    {"{" KAFKA ", 'kafka_to_ros': [{'kafka_topic': 'a', 'format': 'fields',"
     "'ros_type': 'std_msgs/String', 'fields': {'date': '$.x'}}]}",
     "kafka_to_ros[0].fields.date", "date"},
    {"{" KAFKA ", 'kafka_to_ros': [{'kafka_topic': 'a'}, {'kafka_topic': 'a'}]}",
     "kafka_to_ros[1].kafka_topic", "kafka_to_ros[0]"},
    {"{" KAFKA ", 'kafka_to_ros': [{'kafka_topic': 'a', 'ros_topic': 'r', 'ros_type':"
     "'std_msgs/String'}, {'kafka_topic': 'b', 'ros_topic': 'r', 'ros_type': 'std_msgs/Int32'}]}",
     "kafka_to_ros[1].ros_topic", "one type a ROS topic"},
    /* One name to Kafka. */
    {"{" KAFKA ", 'ros_to_kafka': [{'ros_topic': '/camera/info'}, {'ros_topic': '/camera_info'}]}",
     "ros_to_kafka[1].kafka_topic", "does not tell from \"camera.info\" of ros_to_kafka[0]"},
    {"{" KAFKA ", 'ros_to_kafka': [{'ros_topic': 'a', 'kafka_topic': 'x.y'},"
     " {'ros_topic': 'b', 'kafka_topic': 'x_y_dead_letter'}]}",
     "ros_to_kafka[1].kafka_topic", "does not tell from \"x.y\""},
    {"{" KAFKA ", 'ros_to_kafka': [{'ros_topic': '/ros_definitions'}]}",
     "ros_to_kafka[0].kafka_topic", "definitions_topic \"ros.definitions\""},
    /* What can never match. */
    {"{" KAFKA ", 'ros_to_kafka': [{'ros_topic_pattern': '/warty/*'}]}",
     "ros_to_kafka[0].ros_topic_pattern", "as in \"/warty/.*\""},
    {"{" KAFKA ", 'ros_to_kafka': [{'ros_topic_pattern': '(/a|/b)/*/odom'}]}",
     "ros_to_kafka[0].ros_topic_pattern",
     "\"/*\" means any number of '/', and a topic's name has only single ones"},
    {"{" KAFKA ", 'ros_to_kafka': [{'ros_topic_pattern': 'warty/.*'}]}",
     "ros_to_kafka[0].ros_topic_pattern", "write \"/warty/.*\""},
    {"{" KAFKA ", 'ros_to_kafka': [{'ros_topic_pattern': '/tf|warty/[a/|]+'}]}",
     "ros_to_kafka[0].ros_topic_pattern",
     "\"warty/[a/|]+\" matches no topic, as full names begin with '/'"},
    {"{" KAFKA ", 'ros_to_kafka': [{'ros_topic_pattern': '/warty/'}]}",
     "ros_to_kafka[0].ros_topic_pattern", "write \"/warty/.*\""},
    {"{" KAFKA ", 'ros_to_kafka': [{'ros_topic_pattern': '/.*', 'exclude': ['/camera/*']}]}",
     "ros_to_kafka[0].exclude[0]", "as in \"/camera/.*\""},
    {"{" KAFKA ", 'kafka_to_ros': [{'kafka_topic': '^robots/.*'}]}", "kafka_to_ros[0].kafka_topic",
     "matches no Kafka topic, as their names have no '/'"},
    /* Addresses that librdkafka leaves out with a line in its log. */
    {"{'kafka': {'bootstrap.servers': 'http://localhost:9092'}}", "kafka.bootstrap.servers",
     "a broker's address is HOST:PORT, without \"http://\": write localhost:9092"},
    {"{'kafka': {'bootstrap.servers': 'a:9092, SSL://b:9093'}}", "kafka.bootstrap.servers",
     "found \"SSL://b:9093\", and security.protocol is plaintext"},
    {"{'kafka': {'bootstrap.servers': 'a:9092 b:9092'}}", "kafka.bootstrap.servers",
     "several addresses are separated by ','"},
    {"{'kafka': {'bootstrap.servers': 'a:9092/kafka'}}", "kafka.bootstrap.servers",
     "is not an address of the form host:port with a port from 1"},
    {"{'kafka': {'bootstrap.servers': 'a:90920'}}", "kafka.bootstrap.servers",
     "a port from 1 to 65535"},
    {"{'kafka': {'bootstrap.servers': 'a:kafka'}}", "kafka.bootstrap.servers", "a port from 1"},
    /* A login for which nobody has a token. */
    {"{'kafka': {'bootstrap.servers': 'a', 'security.protocol': 'SASL_SSL',"
     " 'sasl.mechanism': 'OAUTHBEARER'}}",
     "kafka.sasl.mechanism", "OAUTHBEARER has nowhere to get a token"},
    /* A login that never happens. */
    {"{'kafka': {'bootstrap.servers': 'a', 'sasl.username': 'warty', 'sasl.mechanism': 'PLAIN'}}",
     "kafka.sasl.username", "is never used, as security.protocol is plaintext"},
    {"{'kafka': {'bootstrap.servers': 'a', 'security.protocol': 'SSL', 'sasl.password': 'p'}}",
     "kafka.sasl.password", "is never used, as security.protocol is SSL"},
    /* What librdkafka finds when it makes a client. */
    {"{'kafka': {'bootstrap.servers': 'a', 'retries': 0}}", "kafka.retries", "must be set >= 1"},
    {"{'kafka': {'bootstrap.servers': 'a', 'security.protocol': 'SASL_SSL',"
     " 'sasl.mechanism': 'PLIAN'}}",
     "kafka", "PLIAN"},
    {"{'kafka': {'bootstrap.servers': 'a', 'max.poll.interval.ms': 1000},"
     " 'kafka_to_ros': [{'kafka_topic': 'a'}]}",
     "kafka.max.poll.interval.ms", "session.timeout.ms"},
    {"{'kafka': {'bootstrap.servers': 'a', 'transaction.timeout.ms': 1000,"
     " 'socket.timeout.ms': 60000}, 'delivery': 'exactly_once',"
     " 'ros_to_kafka': [{'ros_topic': 'a'}]}",
     "kafka.socket.timeout.ms", "transaction.timeout.ms"},
    {"{'kafka': {'bootstrap.servers': 'a', 'group.id': ''}}", "kafka.group.id", "is empty"},
    {"{'kafka': {'bootstrap.servers': 'a', 'internal.termination.signal': 9}}",
     "kafka.internal.termination.signal", "must stay 0"},
    {"{'kafka': {'bootstrap.servers': 'a', 'log.queue': true}}", "kafka.log.queue", "must stay"},
};

static void each_mistake_is_told_with_its_path(void **state)
{
    struct fixture *fixture = *state;
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        const struct refusal *refusal = &refusals[i];
        char start[256];
        if (strstr(refusal->text, "transaction.") && rd_kafka_version() < TRANSACTIONS_VERSION)
            continue;
        (void)read_config(fixture, refusal->text);
        (void)snprintf(start, sizeof start, "%s: ", refusal->path);
        if (fixture->problems.count != 1 ||
            strncmp(fixture->problems.lines[0], start, strlen(start)) != 0 ||
            !strstr(fixture->problems.lines[0], refusal->part)) {
            for (size_t k = 0; k < fixture->problems.count; k++)
                print_error("told: %s\n", fixture->problems.lines[k]);
            fail_msg("%s must be refused once, at %s, with %s", refusal->text, refusal->path,
                     refusal->part);
        }
    }
}

/* What looks like one of the mistakes above, and is none. */
static void what_can_match_is_taken(void **state)
{
    static const char *const patterns[] = {"/.*",         "(/a|/b)/.*", "/warty(/.*)?", ".*/odom",
                                           "^/warty/.*$", "[/]*x",      "/[a-z/*]+",    "w*/odom",
                                           "(/warty)?/x", "w?/odom",    "/a[.]b|/c",    "[^x]*"};
    static const char *const servers[] = {
        "a",         "a:9092,b:9092",      " a:1 , b:2 ",   "[::1]:9092",
        "[fe80::1]", "plaintext://a:9092", "PLAINTEXT://a", "a:1,"};
    struct fixture *fixture = *state;
    char text[256];
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
        (void)snprintf(text, sizeof text,
                       "{" KAFKA ", 'ros_to_kafka': [{'ros_topic_pattern': '%s'}]}", patterns[i]);
        (void)read_config(fixture, text);
        assert_no_problem(fixture);
    }
    for (size_t i = 0; i < sizeof servers / sizeof *servers; i++) {
        (void)snprintf(text, sizeof text, "{'kafka': {'bootstrap.servers': '%s'}}", servers[i]);
        (void)read_config(fixture, text);
        assert_no_problem(fixture);
    }
    (void)read_config(fixture, "{" KAFKA ", 'kafka_to_ros': [{'kafka_topic': '^robots[.].*'}]}");
    assert_no_problem(fixture);
}

static void all_mistakes_are_told_at_once(void **state)
{
    struct fixture *fixture = *state;
    (void)read_config(fixture, "{'robot': 1, 'ros_to_kafka': [{'ros_topic': 'a', 'format': 'xml'},"
                               "{'ros_topic': 'b', 'max_rate': 'x'}], 'what': 2}");
    assert_int_equal(fixture->problems.count, 5);
}

static void all_mistakes_of_fields_are_told_at_once(void **state)
{
    struct fixture *fixture = *state;
    static const char *const told[] = {
        "ros_to_kafka[0].exclude[0]: ",
        "ros_to_kafka[0].exclude[2]: found 7",
        "ros_to_kafka[0].fields[3]: found 3; one `name: path`",
        "ros_to_kafka[0].fields.c.path: missing",
        "ros_to_kafka[0].fields.a: ",
        "ros_to_kafka[0].fields.d: ",
        "kafka_to_ros[0].fields.date: ",
        "kafka_to_ros[0].fields.dat: ",
        "kafka.retries: ",
    };
    (void)read_config(
        fixture,
        "{'kafka': {'bootstrap.servers': 'a', 'retries': 0}, 'ros_to_kafka': [{"
        " 'ros_topic_pattern': '/a', 'exclude': ['(', '/b', 7], 'ros_type': 'nav_msgs/Odometry',"
        " 'format': 'fields', 'fields': [{'a': 'pose.x'}, {'b': 'pose'},"
        " {'c': {'precision': 3}, 'd': 'twist.y'}, 3]}],"
        " 'kafka_to_ros': [{'kafka_topic': 'a', 'format': 'fields', 'ros_type': 'std_msgs/String',"
        " 'fields': {'date': '$.x', 'dat': '$.y', 'data': '$.z'}}]}");
    size_t count = sizeof told / sizeof *told;
    for (size_t i = 0; i < count; i++) {
        const char *line = i < fixture->problems.count ? fixture->problems.lines[i] : "nothing";
        if (strncmp(line, told[i], strlen(told[i])) != 0)
            fail_msg("told: %s; expected: %s", line, told[i]);
    }
    assert_int_equal(fixture->problems.count, count);
}

static void two_fields_of_one_name_are_told(void **state)
{
    struct fixture *fixture = *state;
    (void)read_config(fixture, "{" KAFKA ", 'ros_to_kafka': [{'ros_topic': 'a', 'ros_type':"
                               "'std_msgs/String', 'format': 'fields',"
                               "'fields': [{'x': 'data'}, {'x': '@topic'}]}]}");
    assert_int_equal(fixture->problems.count, 1);
    assert_non_null(strstr(fixture->problems.lines[0], "ros_to_kafka[0].fields.x: members 1"));
}

/* What a parameter sets is told by the parameter's name, not as if the file had it. */
static void a_problem_of_a_parameter_names_the_parameter(void **state)
{
    struct fixture *fixture = *state;
    char stays[] = "it stays until: rosparam delete /n/conf", none[] = "";
    char keys[][32] = {
        "conf", "robot", "spool", "spool.max_bytes", "kafka.bootstrap.servers", "ros_to_kafka"};
    char names[][32] = {
        "/n/conf", "/n/robot", "/n/spool", "/n/short", "/n/bootstrap_servers", "/n/ros_to_kafka"};
    struct problem_place places[6];
    for (size_t i = 0; i < 6; i++)
        places[i] = (struct problem_place){keys[i], names[i], i == 0 ? stays : none};
    config_destroy(fixture->config);
    problems_fini(&fixture->problems);
    fixture->problems.places = places;
    fixture->problems.place_count = 6;
    fixture->config = config_create(
        cJSON_Parse("{\"kafka\": {\"bootstrap.servers\": [1], \"linger.mss\": 1}, \"conf\": 1,"
                    "\"robots\": 1, \"robot\": 1, \"spool\": {\"max_bytes\": 1},"
                    "\"ros_to_kafka\": [{\"ros_topik\": \"a\", \"ros_topic\": \"a\"}]}"),
        fixture->packages, &fixture->problems);
    static const char *const beginnings[] = {
        "parameter /n/robot: found 1; a text",
        "parameter /n/bootstrap_servers: found a list",
        "kafka.linger.mss: ",
        "parameter /n/short: found 1",
        "parameter /n/ros_to_kafka[0].ros_topik: unknown key; did you mean ros_topic?",
        "parameter /n/conf: unknown key; did you mean the parameter _config:=?",
        "robots: unknown key; did you mean robot?",
    };
    assert_int_equal(fixture->problems.count, 7);
    for (size_t i = 0; i < 7; i++) {
        if (strncmp(fixture->problems.lines[i], beginnings[i], strlen(beginnings[i])) != 0)
            fail_msg("told: %s; expected: %s", fixture->problems.lines[i], beginnings[i]);
    }
    assert_non_null(
        strstr(fixture->problems.lines[5], "; it stays until: rosparam delete /n/conf"));
    assert_int_equal(fixture->problems.placed, 5);
}

static void a_password_is_never_told(void **state)
{
    struct fixture *fixture = *state;
    (void)read_config(fixture, "{'kafka': {'bootstrap.servers': 'a', 'sasl.pasword': 'secret123',"
                               "'sasl.password': ['secret123']}}");
    assert_int_equal(fixture->problems.count, 2);
    for (size_t i = 0; i < fixture->problems.count; i++)
        assert_null(strstr(fixture->problems.lines[i], "secret123"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(defaults_are_filled_in, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_spool_has_a_place, set_up, tear_down),
        cmocka_unit_test_setup_teardown(exactly_once_is_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(every_key_is_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_size_may_have_a_unit, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_robot_stands_in_the_topics_that_are_read, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(fields_keep_their_order_as_a_list, set_up, tear_down),
        cmocka_unit_test_setup_teardown(one_name_in_two_namespaces_is_no_duplicate, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(each_mistake_is_told_with_its_path, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_can_match_is_taken, set_up, tear_down),
        cmocka_unit_test_setup_teardown(all_mistakes_are_told_at_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(all_mistakes_of_fields_are_told_at_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(two_fields_of_one_name_are_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_problem_of_a_parameter_names_the_parameter, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_password_is_never_told, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
