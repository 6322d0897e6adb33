/* What cannot be, and how it is told. */
#include "support.h"

#include <unistd.h>

struct refusal {
    const char *routes; /* YAML of ros_to_kafka's list; NULL: routes.yaml */
    const char *arguments;
    const char *part; /* of what is told */
};

#define SCAN "{ros_topic: /s, ros_type: sensor_msgs/LaserScan, kafka_topic: s, format: fields, "

static const struct refusal refusals[] = {
    {NULL, "", "a schema for whom?"},
    {NULL, "--as sql", "spark, cassandra, mysql, jsonschema or ksqldb"},
    {NULL, "--as", "--as needs a value"},
    {NULL, "--as spark --rote imu", "did you mean --route?"},
    {NULL, "--as spark --keyspace x", "--keyspace has no meaning with --as spark"},
    {NULL, "--as mysql --fraction 7", "0 to 6"},
    {NULL, "--as mysql other.yaml", "one configuration at a time"},
    {NULL, "--as spark", "15 routes; choose one with --route: 0 (odometry_whole), 1 (imu)"},
    {NULL, "--as spark --route 15", "no route \"15\""},
    {NULL, "--as spark --route Imu", "no route \"Imu\""},
    {NULL, "--as spark --route imu --ros-type std_msgs/String", "takes only its ros_type"},
    {NULL, "--as spark --route imu --ros-topic /x", "this one is of /imu"},
    {NULL, "--as mysql --route joints", "which column is the primary key"},
    {NULL, "--as mysql --route joints --key name", "name may be null"},
    {NULL, "--as mysql --route kinds --key ranges", "ranges is no single value"},
    {NULL, "--as mysql --route kinds --key nix", "there is no column nix; there are HEAD, order"},
    {NULL, "--as mysql --route text --auto-increment", "the key id is no integer"},
    {NULL, "--as cassandra --route text --table a-b", "has '-'"},
    {NULL, "--as cassandra --route text --keyspace k.k", "has '.'"},
    {NULL,
     "--as cassandra --route text --table t23456789012345678901234567890123456789012345678901",
     "up to 48"},
    {NULL,
     "--as mysql --route text --table "
     "t2345678901234567890123456789012345678901234567890123456789012345",
     "up to 64"},
    {NULL, "--as mysql --column id", "FIELD=TYPE is expected"},
    {NULL, "--as mysql --route times --column id=integer", "\"integer\" is no type"},
    {NULL, "--as mysql --route times --column ix=int", "no field \"ix\""},
    {NULL, "--as mysql --route text --column data=int", "no field \"data\""},
    {NULL, "--as mysql --route times --column object=int", "cannot hold an object"},
    {"[{ros_topic: /a, ros_type: sensor_msgs/Image, each: header}]", "--as spark", "header"},
    {"[]", "--as spark", "no route in ros_to_kafka"},
    {"[{ros_topic: /a}]", "--as spark", "give --ros-type"},
    {"[{ros_topic: /a}]", "--as spark --ros-type a/B", "a/B"},
    {"[{ros_topic_pattern: /.*}]", "--as spark --ros-type std_msgs/String", "--ros-topic NAME"},
    {"[{ros_topic: /a, ros_type: std_msgs/String, format: ros1}]", "--as spark", "format: ros1"},
    {"[{ros_topic: /a, format: jsn}]", "--as spark", "format: found \"jsn\""},
    {"[{ros_topic: /a, ros_type: std_msgs/String, headers: none}]", "--as mysql", "headers: none"},
    {"[" SCAN "fields: {a: {path: header.frame_id, column: int}}}]", "--as spark",
     "cannot hold a text"},
    {"[" SCAN "fields: {a: {path: header.stamp, column: timestamp}}}]", "--as spark",
     "time: seconds"},
    {"[" SCAN "fields: {a: {path: angle_min, column: int}}}]", "--as spark",
     "a number with a fraction"},
    {"[" SCAN "fields: {a: {path: angle_min, column: boolean}}}]", "--as spark", "float, double"},
    {"[" SCAN "fields: {a: {path: 'ranges[0]', default: none}}}]", "--as spark",
     "of another type than the value"},
    {"[{ros_topic: /s, format: fields, fields: [{a: data}, {a: '@topic'}]}]",
     "--as spark --ros-type std_msgs/String", "members 1 and 2 have this name"},
    {"[{ros_topic: /s, format: fields, fields: {a: nix}}]", "--as spark --ros-type std_msgs/String",
     "fields.a"},
    {"[{ros_topic: /s, ros_type: std_msgs/UInt64MultiArray, format: fields, "
     "fields: {a: {path: 'data[0]', default: -1}}}]",
     "--as spark", "of another type than the value"},
    {"[" SCAN "fields: {id: '@sequence', a: angle_min, A: angle_max}}]", "--as mysql",
     "a and A are one name"},
    {"[" SCAN "fields: {id: '@sequence', 'a ': angle_min}}]", "--as mysql", "ends with a space"},
    {"[" SCAN "fields: {id: '@sequence', \"a\\tb\": angle_min}}]", "--as cassandra", "0x09"},
    {"[" SCAN "fields: {id: '@sequence', \"\\U0001F600\": angle_min}}]", "--as mysql", "U+FFFF"},
    {"[" SCAN "fields: {id: '@sequence', '': angle_min}}]", "--as ksqldb", "is empty"},
    {"[" SCAN "fields: {kafka_key: '@sequence', Record_Key: angle_min}}]", "--as ksqldb",
     "no name is left"},
    {"[" SCAN "fields: {id: '@topic', Record_Id: angle_min}}]", "--as mysql --key @id",
     "no name is left"},
};

static void each_mistake_is_told(void **state)
{
    (void)state;
    char path[] = "/tmp/schema_refusals_XXXXXX";
    int made = mkstemp(path);
    assert_true(made >= 0);
    (void)close(made);
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        const struct refusal *refusal = &refusals[i];
        struct buffer out;
        if (refusal->routes) {
            FILE *file = fopen(path, "wb");
            assert_non_null(file);
            (void)fprintf(file, "robot: warty\nros_to_kafka: %s\n", refusal->routes);
            (void)fclose(file);
        }
        buffer_init(&out, OUTPUT_LIMIT);
        if (run_schema(refusal->routes ? path : ROUTES, refusal->arguments, &out) == ERROR_NONE)
            fail_msg("%s %s was taken", refusal->routes ? refusal->routes : "", refusal->arguments);
        if (!strstr(out.data, refusal->part))
            fail_msg("\"%s\" does not say \"%s\"", out.data, refusal->part);
        buffer_fini(&out);
    }
    (void)unlink(path);
}

static void a_configuration_that_is_not_there_is_told(void **state)
{
    (void)state;
    struct buffer out;
    buffer_init(&out, OUTPUT_LIMIT);
    assert_int_equal(run_schema("/nowhere.yaml", "--as spark", &out), ERROR_IO);
    assert_non_null(strstr(out.data, "/nowhere.yaml"));
    buffer_fini(&out);
}

/* Neither passwords nor what the way back needs are asked for. */
static void what_no_schema_needs_is_not_read(void **state)
{
    (void)state;
    struct buffer out;
    buffer_init(&out, OUTPUT_LIMIT);
    if (run_schema(PRESETS_DIRECTORY "/secure.yaml", "--as cassandra", &out) != ERROR_NONE &&
        !strstr(out.data, "ros_to_kafka"))
        fail_msg("%s", out.data);
    buffer_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_mistake_is_told),
        cmocka_unit_test(a_configuration_that_is_not_there_is_told),
        cmocka_unit_test(what_no_schema_needs_is_not_read),
    };
    (void)setenv("ROS_PACKAGE_PATH", "/usr/share:/opt/ros/noetic/share:/opt/ros/one/share", 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
