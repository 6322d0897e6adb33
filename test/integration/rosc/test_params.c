#include "support.h"
#include "test_rosc.h"

static const cJSON *member(const cJSON *object, const char *name)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
    if (item == NULL)
        fail_msg("no member '%s'", name);
    return item;
}

void private_parameters_come_as_one_tree(void **state)
{
    (void)state;
    cJSON *tree = NULL;
    assert_ok(rosc_param_get_tree("~", &tree, error));
    assert_string_equal(member(tree, "text")->valuestring, "some text");
    assert_true(member(tree, "number")->valuedouble == 7);
    assert_true(member(tree, "real")->valuedouble == 2.5);
    assert_true(cJSON_IsTrue(member(tree, "truth")));
    assert_true(member(tree, "from_command_line")->valuedouble == 42);
    const cJSON *kafka = member(tree, "kafka");
    assert_string_equal(member(kafka, "bootstrap.servers")->valuestring, "localhost:9092");
    assert_true(member(kafka, "linger.ms")->valuedouble == 5);
    char *list = cJSON_PrintUnformatted(member(tree, "list"));
    assert_string_equal(list, "[1,\"two\",3.5,[false]]");
    cJSON_free(list);
    cJSON_Delete(tree);
}

void parameter_trees_go_there_and_back(void **state)
{
    (void)state;
    static const char *const texts[] = {"7",
                                        "-2147483648",
                                        "2147483647",
                                        "2147483648",
                                        "0.1",
                                        "1e+300",
                                        "true",
                                        "\"\"",
                                        "[]",
                                        "{}",
                                        "\"<&>\\\"' \xc3\xa4\"",
                                        "{\"a.b\":{\"c\":[1,2.5,\"x\",[],{}]},\"d\":false}"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        cJSON *sent = cJSON_Parse(texts[i]);
        cJSON *got = NULL;
        assert_ok(rosc_param_set_tree("round/trip", sent, error));
        assert_ok(rosc_param_get_tree("/robot/round/trip", &got, error));
        if (!cJSON_Compare(sent, got, 1)) {
            char *text = cJSON_PrintUnformatted(got);
            fail_msg("%s came back as %s", texts[i], text);
        }
        cJSON_Delete(sent);
        cJSON_Delete(got);
    }
    cJSON *got = NULL;
    assert_ok(rosc_param_set_string("round/trip", "12", error));
    assert_ok(rosc_param_get_tree("round/trip", &got, error));
    assert_string_equal(got->valuestring, "12");
    cJSON_Delete(got);
}

void parameters_that_are_not_there_or_not_possible_are_errors(void **state)
{
    (void)state;
    cJSON *tree = NULL;
    assert_ok(rosc_param_set_string("short_lived", "x", error));
    assert_ok(rosc_param_delete("short_lived", error));
    assert_fails(rosc_param_delete("short_lived", error), ROSC_ERROR_NOT_FOUND,
                 "/robot/short_lived");
    assert_fails(rosc_param_get_tree("short_lived", &tree, error), ROSC_ERROR_NOT_FOUND,
                 "/robot/short_lived");
    assert_null(tree);
    assert_fails(rosc_param_get_tree("a b", &tree, error), ROSC_ERROR_NAME, "' '");
    assert_fails(rosc_param_get_tree("a", NULL, error), ROSC_ERROR_ARGUMENT, "place");
    assert_fails(rosc_param_set_tree("a", NULL, error), ROSC_ERROR_ARGUMENT, "NULL");
    assert_fails(rosc_param_set_string("a", NULL, error), ROSC_ERROR_ARGUMENT, "NULL");
    cJSON *with_null = cJSON_Parse("{\"a\":[1,null]}");
    assert_fails(rosc_param_set_tree("a", with_null, error), ROSC_ERROR_ARGUMENT, "$.a[1] is null");
    cJSON_Delete(with_null);
}
