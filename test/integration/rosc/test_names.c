#include "support.h"
#include "test_rosc.h"

static void assert_resolves(const char *name, const char *expected)
{
    char resolved[64];
    assert_ok(rosc_name_resolve(name, resolved, sizeof resolved, error));
    assert_string_equal(resolved, expected);
}

void names_resolve_with_namespace_and_remappings(void **state)
{
    (void)state;
    assert_string_equal(rosc_node_name(), "/robot/tested");
    assert_contains(rosc_namespace(), "/robot");
    assert_resolves("odom", "/robot/odom");
    assert_resolves("/odom", "/odom");
    assert_resolves("~odom", "/robot/tested/odom");
    assert_resolves("a//b/", "/robot/a/b");
    assert_resolves("inside", "/world/outside");
    assert_resolves("/robot/inside", "/world/outside");
    assert_resolves("swapped_a", "/robot/swapped_b");
    assert_resolves("swapped_b", "/robot/swapped_a");
}

void bad_names_are_refused_with_the_place(void **state)
{
    (void)state;
    char resolved[64];
    const size_t size = sizeof resolved;
    assert_fails(rosc_name_resolve("", resolved, size, error), ROSC_ERROR_NAME, "empty");
    assert_fails(rosc_name_resolve("1st", resolved, size, error), ROSC_ERROR_NAME, "'1'");
    assert_fails(rosc_name_resolve("a.b", resolved, size, error), ROSC_ERROR_NAME,
                 "'.' at position 1");
    assert_fails(rosc_name_resolve("a\xc3\xa4", resolved, size, error), ROSC_ERROR_NAME,
                 "position 1");
    assert_fails(rosc_name_resolve(NULL, resolved, size, error), ROSC_ERROR_ARGUMENT, "NULL");
    assert_fails(rosc_name_resolve("odom", resolved, 11, error), ROSC_ERROR_ARGUMENT, "12 bytes");
    assert_int_equal(rosc_name_resolve("odom", resolved, 12, NULL), ROSC_OK);
    assert_int_equal(rosc_name_resolve("", resolved, size, NULL), ROSC_ERROR_NAME);
}
