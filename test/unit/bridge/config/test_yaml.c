/* YAML files as rosparam would load them. */
#include "test_support.h"

#include "bridge/config/yaml.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Reads `text` by way of a file; `*tree` is the caller's. */
static enum error_code read_text(const char *text, cJSON **tree, struct error *error)
{
    char name[] = "/tmp/kafka_bridge_yaml_XXXXXX";
    int file = mkstemp(name);
    assert_true(file >= 0);
    assert_int_equal(write(file, text, strlen(text)), (ssize_t)strlen(text));
    close(file);
    enum error_code code = yaml_read_file(name, tree, error);
    unlink(name);
    return code;
}

static void assert_reads_as(const char *yaml, const char *json)
{
    cJSON *tree = NULL;
    struct error error = {0};
    if (read_text(yaml, &tree, &error) != ERROR_NONE)
        fail_msg("%s: %s: %s", yaml, error.path, error.text);
    char *printed = cJSON_PrintUnformatted(tree);
    assert_string_equal(printed, json);
    cJSON_free(printed);
    cJSON_Delete(tree);
}

static void scalars_have_their_types(void **state)
{
    (void)state;
    assert_reads_as("a: true", "{\"a\":true}");
    assert_reads_as("a: No", "{\"a\":false}");
    assert_reads_as("a: 'true'", "{\"a\":\"true\"}");
    assert_reads_as("a: 9092", "{\"a\":9092}");
    assert_reads_as("a: \"9092\"", "{\"a\":\"9092\"}");
    assert_reads_as("a: -1.5e3", "{\"a\":-1500}");
    assert_reads_as("a: 0x10", "{\"a\":16}");
    assert_reads_as("a: localhost:9092", "{\"a\":\"localhost:9092\"}");
    assert_reads_as("a: 1.2.3", "{\"a\":\"1.2.3\"}");
    assert_reads_as("a:", "{\"a\":null}");
    assert_reads_as("a: infinite", "{\"a\":\"infinite\"}");
    assert_reads_as("a: nan", "{\"a\":\"nan\"}");
}

/* A password such as 0123 is passed on as it was written, although it reads as a number. */
static void numbers_keep_their_source_text(void **state)
{
    (void)state;
    cJSON *tree = NULL;
    assert_int_equal(read_text("{a: 0123, b: 1e5, c: 0x10}", &tree, NULL), ERROR_NONE);
    assert_string_equal(cJSON_GetObjectItem(tree, "a")->valuestring, "0123");
    assert_string_equal(cJSON_GetObjectItem(tree, "b")->valuestring, "1e5");
    assert_string_equal(cJSON_GetObjectItem(tree, "c")->valuestring, "0x10");
    assert_true(cJSON_IsNumber(cJSON_GetObjectItem(tree, "c")));
    cJSON_Delete(tree);
}

static void order_is_the_files(void **state)
{
    (void)state;
    assert_reads_as("z: 1\na: {y: 1, b: 2}\nm: [3, x]", "{\"z\":1,\"a\":{\"y\":1,\"b\":2},"
                                                        "\"m\":[3,\"x\"]}");
}

static void anchors_and_merges_are_resolved(void **state)
{
    (void)state;
    assert_reads_as("d: &d {p: 5, q: 1}\ne: {<<: *d, q: 2}",
                    "{\"d\":{\"p\":5,\"q\":1},\"e\":{\"q\":2,\"p\":5}}");
}

static void assert_refused(const char *yaml, enum error_code code, const char *place,
                           const char *part)
{
    cJSON *tree = NULL;
    struct error error = {0};
    enum error_code got = read_text(yaml, &tree, &error);
    if (got != code || !strstr(error.path, place) || !strstr(error.text, part))
        fail_msg("%s gave %s at %s: %s", yaml, error_code_name(got), error.path, error.text);
}

static void mistakes_are_told_with_line_and_column(void **state)
{
    (void)state;
    assert_refused("a: 1\nb: [1, 2", ERROR_SYNTAX, ":", "not YAML");
    assert_refused("a: 1\n\ta: 2", ERROR_SYNTAX, ":2:1", "not YAML");
    assert_refused("a: 1\na: 2", ERROR_DUPLICATE, ":2:1", "twice");
    assert_refused("", ERROR_SYNTAX, "", "empty");
    assert_refused("[1]: 2", ERROR_TYPE, ":1:1", "key");
}

static void an_explosion_of_aliases_is_bounded(void **state)
{
    (void)state;
    char text[2048] = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
    for (int i = 1; i < 9; i++) {
        char line[160];
        (void)snprintf(line, sizeof line,
                       "a%d: &a%d [*a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d]\n", i, i, i - 1,
                       i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1);
        strncat(text, line, sizeof text - strlen(text) - 1);
    }
    assert_refused(text, ERROR_LIMIT, ":", "too");
}

static void a_missing_file_is_told(void **state)
{
    (void)state;
    cJSON *tree = NULL;
    struct error error;
    assert_int_equal(yaml_read_file("/no/such/file.yaml", &tree, &error), ERROR_IO);
    assert_string_equal(error.path, "/no/such/file.yaml");
    assert_non_null(strstr(error.text, "No such file"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scalars_have_their_types),
        cmocka_unit_test(numbers_keep_their_source_text),
        cmocka_unit_test(order_is_the_files),
        cmocka_unit_test(anchors_and_merges_are_resolved),
        cmocka_unit_test(mistakes_are_told_with_line_and_column),
        cmocka_unit_test(an_explosion_of_aliases_is_bounded),
        cmocka_unit_test(a_missing_file_is_told),
    };
    return cmocka_run_group_tests_name("yaml", tests, NULL, NULL);
}
