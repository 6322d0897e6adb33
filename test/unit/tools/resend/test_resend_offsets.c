/* Which consumer group a run of resend commits to. How far it does: real_spool_tool. */
#include "test_support.h"

#include <string.h>

#include "tools/resend/resend_offsets.h"

static void assert_group(const struct options *options, const char *wanted)
{
    char group[RESEND_GROUP_SIZE];
    struct error error;
    assert_int_equal(resend_offsets_group(options, group, sizeof group, &error), ERROR_NONE);
    assert_string_equal(group, wanted);
}

static void a_run_over_all_has_the_group_itself(void **state)
{
    (void)state;
    assert_group(&(struct options){0}, "kafka_bridge.resend");
    assert_group(&(struct options){.group = "team.a"}, "team.a");
}

/* Letters of other reasons are passed over, which the group of all must not learn. */
static void each_choice_of_reasons_has_its_own(void **state)
{
    (void)state;
    assert_group(&(struct options){.reasons = {"type"}, .reason_count = 1},
                 "kafka_bridge.resend.type");
    assert_group(&(struct options){.group = "a", .reasons = {"type"}, .reason_count = 1}, "a.type");
    const char *wanted = "kafka_bridge.resend.range.syntax.type";
    assert_group(&(struct options){.reasons = {"type", "range", "syntax"}, .reason_count = 3},
                 wanted);
    assert_group(
        &(struct options){.reasons = {"syntax", "type", "range", "type"}, .reason_count = 4},
        wanted);
}

static void a_name_that_is_too_long_is_refused(void **state)
{
    (void)state;
    char name[RESEND_GROUP_SIZE + 1];
    char group[RESEND_GROUP_SIZE];
    struct error error;
    memset(name, 'g', sizeof name);
    name[RESEND_GROUP_SIZE - 1] = '\0';
    assert_group(&(struct options){.group = name}, name);
    const struct options options = {.group = name, .reasons = {"type"}, .reason_count = 1};
    assert_int_equal(resend_offsets_group(&options, group, sizeof group, &error), ERROR_LIMIT);
    assert_non_null(strstr(error.text, "is longer than 1023 bytes"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_over_all_has_the_group_itself),
        cmocka_unit_test(each_choice_of_reasons_has_its_own),
        cmocka_unit_test(a_name_that_is_too_long_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
