/* The schemas of many routes, letter by letter as in test/data/schemas. */
#include "support.h"

struct golden {
    const char *route;
    const char *file; /* its name begins so, and ends with the reader */
};

static const struct golden goldens[] = {
    {"odometry_whole", "odometry_whole"},
    {"imu", "imu"},
    {"image", "image"},
    {"image_array", "image_array"},
    {"Camera.info-1", "camera_info"},
    {"text", "text"},
    {"text_alone", "text_alone"},
    {"empty", "empty"},
    {"uint64", "uint64"},
    {"times", "times"},
    {"kinds", "kinds"},
    {"fallbacks", "fallbacks"},
    {"points", "points"},
    {"numbers", "numbers"},
};

static const struct {
    const char *reader;
    const char *ending;
} readers[] = {
    {"spark", "spark.json"}, {"jsonschema", "schema.json"},
    {"cassandra", "cql"},    {"mysql", "mysql"},
    {"ksqldb", "ksql"},
};

static char *read_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    char *text = calloc(1, OUTPUT_LIMIT);
    if (!file || !text)
        fail_msg("%s cannot be read", path);
    (void)fread(text, 1, OUTPUT_LIMIT - 1, file);
    (void)fclose(file);
    return text;
}

/* With KAFKA_BRIDGE_WRITE_GOLDEN set, writes the files instead of reading them. */
static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    (void)fputs(text, file);
    (void)fclose(file);
}

static void compare(const char *config, const char *arguments, const char *path)
{
    struct buffer out;
    buffer_init(&out, OUTPUT_LIMIT);
    if (run_schema(config, arguments, &out) != ERROR_NONE)
        fail_msg("%s %s: %s", config, arguments, out.data);
    if (getenv("KAFKA_BRIDGE_WRITE_GOLDEN"))
        write_file(path, out.data);
    char *expected = read_file(path);
    if (strcmp(out.data, expected) != 0)
        fail_msg("schema %s %s is not %s:\n%s", config, arguments, path, out.data);
    free(expected);
    buffer_fini(&out);
}

static void each_route_for_each_reader(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof goldens / sizeof *goldens; i++) {
        for (size_t k = 0; k < sizeof readers / sizeof *readers; k++) {
            char arguments[256], path[512];
            (void)snprintf(arguments, sizeof arguments, "--as %s --route %s", readers[k].reader,
                           goldens[i].route);
            (void)snprintf(path, sizeof path, TEST_DATA_DIRECTORY "/schemas/%s.%s", goldens[i].file,
                           readers[k].ending);
            compare(ROUTES, arguments, path);
        }
    }
}

/* The table and the schema that the odometry's readers have had all along. */
static void the_odometry_preset_is_what_its_readers_know(void **state)
{
    (void)state;
    struct buffer out;
    buffer_init(&out, OUTPUT_LIMIT);
    const char *preset = PRESETS_DIRECTORY "/odometry.yaml";
    assert_int_equal(run_schema(preset, "--as cassandra", &out), ERROR_NONE);
    assert_string_equal(
        out.data, "-- The records of Kafka topic odometry: nav_msgs/Odometry of /warty/odom.\n"
                  "CREATE KEYSPACE IF NOT EXISTS ros\n"
                  "    WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1};\n"
                  "\n"
                  "CREATE TABLE IF NOT EXISTS ros.odometry (\n"
                  "    id int PRIMARY KEY,\n"
                  "    posex float,\n"
                  "    posey float,\n"
                  "    posez float,\n"
                  "    orientx float,\n"
                  "    orienty float,\n"
                  "    orientz float,\n"
                  "    orientw float\n"
                  ");\n");
    buffer_clear(&out);
#define FIELD(name, type)                                                                          \
    "    {\"name\": \"" name "\", \"type\": \"" type "\", \"nullable\": true, \"metadata\": {}}"
    assert_int_equal(run_schema(preset, "--as spark", &out), ERROR_NONE);
    assert_string_equal(
        out.data,
        "{\n  \"type\": \"struct\",\n  \"fields\": [\n" FIELD("id", "integer") ",\n" FIELD("posex", "float") ",\n" FIELD(
            "posey",
            "float") ",\n" FIELD("posez",
                                 "float") ",\n" FIELD("orientx",
                                                      "float") ",\n" FIELD("orienty",
                                                                           "float") ",\n" FIELD("or"
                                                                                                "ie"
                                                                                                "nt"
                                                                                                "z",
                                                                                                "fl"
                                                                                                "oa"
                                                                                                "t") ",\n" FIELD("orientw",
                                                                                                                 "float") "\n  ]\n}\n");
    buffer_fini(&out);
}

static void names_and_keys_are_what_the_options_say(void **state)
{
    (void)state;
    compare(ROUTES,
            "--as mysql --route times --table Times --database KAFKA_DB --fraction 3 "
            "--auto-increment",
            TEST_DATA_DIRECTORY "/schemas/options.mysql");
    compare(ROUTES, "--as spark --route points --column x=double --column name=text",
            TEST_DATA_DIRECTORY "/schemas/column.spark.json");
    compare(ROUTES, "--as cassandra --route times --table t --keyspace Robots --key nanoseconds",
            TEST_DATA_DIRECTORY "/schemas/options.cql");
    compare(ROUTES, "--as mysql --route joints --key @id",
            TEST_DATA_DIRECTORY "/schemas/header_key.mysql");
    compare(ROUTES, "--as mysql --route kinds --key version",
            TEST_DATA_DIRECTORY "/schemas/text_key.mysql");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_route_for_each_reader),
        cmocka_unit_test(the_odometry_preset_is_what_its_readers_know),
        cmocka_unit_test(names_and_keys_are_what_the_options_say),
    };
    (void)setenv("ROS_PACKAGE_PATH", "/usr/share:/opt/ros/noetic/share:/opt/ros/one/share", 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
