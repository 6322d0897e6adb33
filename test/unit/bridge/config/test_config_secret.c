/* Values of `kafka:` from files and from the environment: what is taken, what is refused and how
 * that is told, and what of a secret is left behind. */
#include "test_support.h"

#include "bridge/config/config.h"
#include "bridge/config/config_secret.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECRET "hunter2-and-more"

struct fixture {
    char directory[64];
    struct packages *packages;
    struct problems problems;
    struct config *config;
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    *state = fixture;
    (void)snprintf(fixture->directory, sizeof fixture->directory, "/tmp/config_secret.XXXXXX");
    if (!mkdtemp(fixture->directory) || setenv("HOME", fixture->directory, 1) != 0 ||
        prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) != 0)
        return -1;
    return packages_create("/usr/share:/opt/ros/noetic/share:/opt/ros/one/share",
                           &fixture->packages, NULL);
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    char path[128];
    (void)snprintf(path, sizeof path, "%s/value", fixture->directory);
    (void)remove(path);
    assert_int_equal(rmdir(fixture->directory), 0);
    config_destroy(fixture->config);
    problems_fini(&fixture->problems);
    packages_destroy(fixture->packages);
    free(fixture);
    return 0;
}

/* $HOME/value with that content, open to its owner only. */
static void write_value(const struct fixture *fixture, const char *bytes, size_t length)
{
    char path[128];
    (void)snprintf(path, sizeof path, "%s/value", fixture->directory);
    (void)remove(path);
    int file = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
    assert_true(file >= 0);
    assert_int_equal(write(file, bytes, length), length);
    (void)close(file);
}

/* Reads kafka: {bootstrap.servers: a, NAME: VALUE}, VALUE being JSON. */
static const char *read_property(struct fixture *fixture, const char *name, const char *value)
{
    char text[1024];
    (void)snprintf(text, sizeof text, "{\"kafka\": {\"bootstrap.servers\": \"a\", \"%s\": %s}}",
                   name, value);
    config_destroy(fixture->config);
    problems_fini(&fixture->problems);
    fixture->config = config_create(cJSON_Parse(text), fixture->packages, &fixture->problems);
    assert_non_null(fixture->config);
    return kafka_properties_get(&fixture->config->kafka, name);
}

static void assert_value(struct fixture *fixture, const char *mapping, const char *expected)
{
    const char *value = read_property(fixture, "ssl.keystore.password", mapping);
    if (fixture->problems.count > 0)
        fail_msg("%s", fixture->problems.lines[0]);
    assert_string_equal(value, expected);
}

/* One problem, at the property, with `part`, and nothing of the secret. */
static void assert_refused(struct fixture *fixture, const char *mapping, const char *part)
{
    assert_null(read_property(fixture, "ssl.keystore.password", mapping));
    assert_int_equal(fixture->problems.count, 1);
    const char *line = fixture->problems.lines[0];
    if (strncmp(line, "kafka.ssl.keystore.password", 27) != 0 || !strstr(line, part))
        fail_msg("%s: \"%s\" does not say \"%s\"", mapping, line, part);
    assert_null(strstr(line, "hunter2"));
}

static void a_file_gives_its_content_without_the_last_line_end(void **state)
{
    struct fixture *fixture = *state;
    static const char *const contents[] = {SECRET, SECRET "\n", SECRET "\r\n"};
    for (size_t i = 0; i < 3; i++) {
        write_value(fixture, contents[i], strlen(contents[i]));
        assert_value(fixture, "{\"file\": \"~/value\"}", SECRET);
    }
    write_value(fixture, " a \n\n", 5);
    assert_value(fixture, "{\"file\": \"~/value\"}", " a \n");
    write_value(fixture, "a\r", 2);
    assert_value(fixture, "{\"file\": \"~/value\"}", "a\r");
}

static void a_file_of_another_property_is_read_too(void **state)
{
    struct fixture *fixture = *state;
    write_value(fixture, "30\n", 3);
    assert_string_equal(read_property(fixture, "linger.ms", "{\"file\": \"~/value\"}"), "30");
    assert_int_equal(fixture->problems.count, 0);
    assert_int_equal(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0), 1);
    write_value(fixture, "soon\n", 5);
    (void)read_property(fixture, "linger.ms", "{\"file\": \"~/value\"}");
    assert_int_equal(fixture->problems.count, 1);
    assert_non_null(strstr(fixture->problems.lines[0], "kafka.linger.ms: \"soon\""));
}

static void a_file_has_a_limit(void **state)
{
    struct fixture *fixture = *state;
    size_t size = CONFIG_SECRET_FILE_LIMIT;
    char *text = malloc(size + 4);
    memset(text, 'x', size);
    memcpy(text + size, "\r\nx", 4);
    write_value(fixture, text, size + 2);
    assert_int_equal(
        strlen(read_property(fixture, "ssl.keystore.password", "{\"file\": \"~/value\"}")), size);
    write_value(fixture, text, size + 3);
    assert_refused(fixture, "{\"file\": \"~/value\"}", "file ~/value: more than 65536 bytes");
    text[size] = 'x';
    write_value(fixture, text, size + 1);
    assert_refused(fixture, "{\"file\": \"~/value\"}", "more than 65536 bytes");
    free(text);
}

static void what_is_no_value_is_refused(void **state)
{
    struct fixture *fixture = *state;
    char path[128];
    (void)snprintf(path, sizeof path, "%s/value", fixture->directory);
    assert_refused(fixture, "{\"file\": \"~/value\"}", "file ~/value: not there");
    assert_refused(fixture, "{\"file\": \"value\"}",
                   "file value: not there; this is looked for in /");
    assert_refused(fixture, "{\"file\": \"~/value/x\"}", "not there");
    assert_refused(fixture, "{\"file\": \"/tmp\"}", "file /tmp: not a file");
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_refused(fixture, "{\"file\": \"~/value\"}", "not a file");
    write_value(fixture, "", 0);
    assert_refused(fixture, "{\"file\": \"~/value\"}", "file ~/value: empty");
    write_value(fixture, "\n", 1);
    assert_refused(fixture, "{\"file\": \"~/value\"}", "empty");
    write_value(fixture, SECRET "\0x", sizeof SECRET + 1);
    assert_refused(fixture, "{\"file\": \"~/value\"}", "NUL");
    if (geteuid() == 0) /* who may read everything */
        return;
    assert_int_equal(chmod(path, 0), 0);
    assert_refused(fixture, "{\"file\": \"~/value\"}", "not readable by the user");
}

static void the_environment_gives_a_value_and_forgets_it(void **state)
{
    struct fixture *fixture = *state;
    (void)unsetenv("TEST_SECRET");
    assert_refused(fixture, "{\"env\": \"TEST_SECRET\"}", "variable TEST_SECRET is not set");
    assert_int_equal(setenv("TEST_SECRET", "", 1), 0);
    assert_refused(fixture, "{\"env\": \"TEST_SECRET\"}", "variable TEST_SECRET is empty");
    assert_int_equal(setenv("TEST_SECRET", SECRET, 1), 0);
    assert_value(fixture, "{\"env\": \"TEST_SECRET\"}", SECRET);
    assert_string_equal(getenv("TEST_SECRET"), "");
    assert_int_equal(setenv("TEST_SECRET", "gzip", 1), 0);
    assert_string_equal(read_property(fixture, "compression.codec", "{\"env\": \"TEST_SECRET\"}"),
                        "gzip");
    assert_string_equal(getenv("TEST_SECRET"), "gzip");
}

static void one_variable_serves_two_properties(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(setenv("TEST_SECRET", SECRET, 1), 0);
    (void)read_property(
        fixture, "ssl.key.password",
        "{\"env\": \"TEST_SECRET\"}, \"ssl.keystore.password\": {\"env\": \"TEST_SECRET\"}");
    assert_int_equal(fixture->problems.count, 0);
    const struct kafka_properties *kafka = &fixture->config->kafka;
    assert_string_equal(kafka_properties_get(kafka, "ssl.keystore.password"), SECRET);
    assert_string_equal(kafka_properties_get(kafka, "ssl.key.password"), SECRET);
}

static void other_mappings_are_refused(void **state)
{
    struct fixture *fixture = *state;
    assert_refused(fixture, "{}", "an empty mapping; one of file: PATH and env: NAME");
    assert_refused(fixture, "{\"file\": \"a\", \"env\": \"b\"}", "both file and env");
    assert_refused(fixture, "{\"flie\": \"a\"}",
                   "kafka.ssl.keystore.password.flie: unknown key; did you mean file?");
    assert_refused(fixture, "{\"plaintext\": \"hunter2\"}", "unknown key; known here: file, env");
    assert_refused(fixture, "{\"file\": [\"hunter2\"]}",
                   "kafka.ssl.keystore.password.file: found a list");
    assert_refused(fixture, "[\"hunter2\"]", "found a list; a text, a number");
}

static void a_misspelt_property_is_told_once(void **state)
{
    struct fixture *fixture = *state;
    write_value(fixture, SECRET, strlen(SECRET));
    (void)read_property(fixture, "sasl.pasword", "{\"file\": \"~/value\"}");
    assert_int_equal(fixture->problems.count, 1);
    assert_non_null(strstr(fixture->problems.lines[0], "did you mean \"sasl.password\"?"));
    assert_null(strstr(fixture->problems.lines[0], SECRET));
    (void)read_property(fixture, "sasl.jaas.config", "{\"file\": \"~/value\"}");
    assert_int_equal(fixture->problems.count, 1);
    assert_null(strstr(fixture->problems.lines[0], SECRET));
}

static void a_plain_password_is_taken_and_wiped(void **state)
{
    struct fixture *fixture = *state;
    assert_string_equal(read_property(fixture, "ssl.keystore.password", "\"" SECRET "\""), SECRET);
    char *tree = cJSON_Print(fixture->config->tree);
    assert_null(strstr(tree, "hunter2"));
    cJSON_free(tree);
}

static void a_secret_forbids_core_dumps(void **state)
{
    struct fixture *fixture = *state;
    (void)read_property(fixture, "sasl.username", "\"warty\"");
    assert_int_equal(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0), 1);
    static const char *const names[] = {"sasl.password", "ssl.key.pem", "ssl.key.location"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        assert_int_equal(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0), 0);
        (void)read_property(fixture, names[i], "\"x\"");
        assert_int_equal(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0), 0);
    }
}

static void files_of_certificates_have_to_be_there(void **state)
{
    struct fixture *fixture = *state;
    (void)read_property(fixture, "ssl.ca.location", "\"/nowhere/ca.pem\"");
    assert_int_equal(fixture->problems.count, 1);
    assert_string_equal(fixture->problems.lines[0],
                        "kafka.ssl.ca.location: /nowhere/ca.pem cannot be "
                        "read: No such file or directory");
    (void)read_property(fixture, "ssl.crl.location", "\"~/value\"");
    assert_int_equal(fixture->problems.count, 1);
    write_value(fixture, "x", 1);
    char path[128];
    (void)snprintf(path, sizeof path, "%s/value", fixture->directory);
    assert_string_equal(read_property(fixture, "ssl.crl.location", "\"~/value\""), path);
    assert_int_equal(fixture->problems.count, 0);
    (void)read_property(fixture, "ssl.ca.location", "\"probe\"");
    assert_int_equal(fixture->problems.count, 0);
}

static void a_text_for_the_section_is_not_repeated(void **state)
{
    struct fixture *fixture = *state;
    fixture->config = config_create(cJSON_Parse("{\"kafka\": \"sasl.password=hunter2\"}"),
                                    fixture->packages, &fixture->problems);
    assert_int_equal(fixture->problems.count, 1);
    assert_non_null(strstr(fixture->problems.lines[0], "kafka: found a text"));
    assert_null(strstr(fixture->problems.lines[0], "hunter2"));
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_file_gives_its_content_without_the_last_line_end),
        TEST(a_file_of_another_property_is_read_too),
        TEST(a_file_has_a_limit),
        TEST(what_is_no_value_is_refused),
        TEST(the_environment_gives_a_value_and_forgets_it),
        TEST(one_variable_serves_two_properties),
        TEST(other_mappings_are_refused),
        TEST(a_misspelt_property_is_told_once),
        TEST(a_plain_password_is_taken_and_wiped),
        TEST(a_secret_forbids_core_dumps),
        TEST(files_of_certificates_have_to_be_there),
        TEST(a_text_for_the_section_is_not_repeated),
    };
    return cmocka_run_group_tests_name("config_secret", tests, NULL, NULL);
}
