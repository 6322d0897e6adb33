/* The reserved words: their lists are searched by halves, so every word must be found. */
#include "support.h"

#include "schema/reserved.h"

static void words_are_found_and_others_are_not(void **state)
{
    (void)state;
    static const char *const reserved[] = {"add",    "allow",  "columnfamily", "materialized",
                                           "modify", "vector", "with",         "token",
                                           "set",    "insert", "infinity",     "primary"};
    for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++) {
        if (!reserved_in_cql(reserved[i]))
            fail_msg("%s is reserved in CQL", reserved[i]);
    }
    assert_false(reserved_in_cql("id"));
    assert_false(reserved_in_cql("timestamp"));
    static const char *const ksql[] = {"advance", "zone", "timestamp", "header", "rowtime", "type"};
    for (size_t i = 0; i < sizeof ksql / sizeof *ksql; i++) {
        if (!reserved_in_ksql(ksql[i]))
            fail_msg("%s is reserved in ksqlDB", ksql[i]);
    }
    assert_false(reserved_in_ksql("posex"));
}

static void the_lists_are_in_order(void **state)
{
    (void)state;
    for (const char *const *list = reserved_cql_words(); list[0] && list[1]; list++)
        assert_true(strcmp(list[0], list[1]) < 0);
    for (const char *const *list = reserved_ksql_words(); list[0] && list[1]; list++)
        assert_true(strcmp(list[0], list[1]) < 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_found_and_others_are_not),
        cmocka_unit_test(the_lists_are_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
