/* The configuration's section `metrics`. */
#include "test_support.h"

#include "bridge/config/config.h"

#include <stdio.h>

/* Reads {kafka: …, metrics: `metrics`}; the problems as one text into `told`. */
static struct config_metrics read_metrics(const char *metrics, char *address, char *told,
                                          size_t size)
{
    char json[512];
    struct packages *packages = NULL;
    struct problems problems;
    problems_init(&problems);
    assert_int_equal(packages_create("/usr/share", &packages, NULL), ERROR_NONE);
    (void)snprintf(json, sizeof json, "{\"kafka\":{\"bootstrap.servers\":\"a:1\"}%s%s}",
                   *metrics ? ",\"metrics\":" : "", metrics);
    struct config *config = config_create(cJSON_Parse(json), packages, &problems);
    assert_non_null(config);
    size_t length = 0;
    told[0] = '\0';
    for (size_t i = 0; i < problems.count && length < size; i++)
        length += (size_t)snprintf(told + length, size - length, "%s\n", problems.lines[i]);
    struct config_metrics found = config->metrics;
    (void)snprintf(address, 64, "%s", found.address);
    config_destroy(config);
    problems_fini(&problems);
    packages_destroy(packages);
    return found;
}

static void it_is_off_unless_it_is_written(void **state)
{
    static const char *const texts[] = {"", "{}", "{\"ros_to_kafka\":0,\"kafka_to_ros\":0}"};
    char address[64], told[2048];
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct config_metrics found = read_metrics(texts[i], address, told, sizeof told);
        assert_string_equal(told, "");
        assert_string_equal(address, "127.0.0.1");
        assert_int_equal(found.to_kafka_port, 0);
        assert_int_equal(found.to_ros_port, 0);
    }
}

static void ports_and_address_are_taken(void **state)
{
    char address[64], told[2048];
    (void)state;
    struct config_metrics found =
        read_metrics("{\"address\":\"::1\",\"ros_to_kafka\":9464,\"kafka_to_ros\":65535}", address,
                     told, sizeof told);
    assert_string_equal(told, "");
    assert_string_equal(address, "::1");
    assert_int_equal(found.to_kafka_port, 9464);
    assert_int_equal(found.to_ros_port, 65535);
}

static void what_is_wrong_is_told(void **state)
{
    static const struct {
        const char *metrics;
        const char *told;
    } cases[] = {
        {"{\"address\":\"localhost\"}",
         "metrics.address: found \"localhost\"; an IPv4 or IPv6 address is expected, such as "
         "127.0.0.1 (this machine only) or 0.0.0.0 (everybody)\n"},
        {"{\"ros_to_kafka\":65536}",
         "metrics.ros_to_kafka: found 65536; a number from 0 to 65535 is expected\n"},
        {"{\"kafka_to_ros\":9464.5}",
         "metrics.kafka_to_ros: found 9464.5; a port is a whole number\n"},
        {"{\"ros_to_kafka\":9464,\"kafka_to_ros\":9464}",
         "metrics.kafka_to_ros: found 9464, which is ros_to_kafka's: each node needs a port of its "
         "own\n"},
        {"{\"adress\":\"::1\"}", "metrics.adress: unknown key; did you mean address?\n"},
        {"9464", "metrics: found 9464; a mapping of keys to values is expected\n"},
    };
    char address[64], told[2048];
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        (void)read_metrics(cases[i].metrics, address, told, sizeof told);
        assert_string_equal(told, cases[i].told);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_off_unless_it_is_written),
        cmocka_unit_test(ports_and_address_are_taken),
        cmocka_unit_test(what_is_wrong_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
