#include "message/definitions/packages.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define LINE      "================================================================================\n"
#define OUT_LIMIT ((size_t)1 << 20)

static char root[] = "/tmp/kafka_bridge_packages_XXXXXX";

/* Directories and files, each below the one it needs. */
static const struct {
    const char *path;
    const char *text; /* NULL: a directory */
} tree[] = {
    {"share", NULL},
    {"share/std_msgs", NULL},
    {"share/std_msgs/msg", NULL},
    {"share/std_msgs/msg/Header.msg", "uint32 seq\r\ntime stamp\rstring frame_id\n"},
    {"src", NULL},
    {"src/group", NULL},
    {"src/group/checkout", NULL},
    {"src/group/checkout/package.xml", "<?xml version=\"1.0\"?>\n<package><name> a_msgs </name>"},
    {"src/group/checkout/msg", NULL},
    {"src/group/checkout/msg/Top.msg", "Header header\nMiddle m\nb_msgs/Leaf leaf\n"},
    {"src/group/checkout/msg/Middle.msg", "# middle\nb_msgs/Leaf[] leaves\nint8 X=1"},
    {"src/group/checkout/msg/Bad.msg", "int8 x\nint8\n"},
    {"src/group/checkout/msg/Lost.msg", "Gone gone\n"},
    {"src/group/checkout/msg/Loop.msg", "Loop loop\n"},
    {"src/ignored", NULL},
    {"src/ignored/CATKIN_IGNORE", ""},
    {"src/ignored/package.xml", "<package><name>c_msgs</name></package>"},
    {"src/ignored/msg", NULL},
    {"src/ignored/msg/C.msg", "int8 c\n"},
    {"src/b_msgs", NULL},
    {"src/b_msgs/msg", NULL},
    {"src/b_msgs/msg/Leaf.msg", "int8 x\n"},
};
#define TREE_SIZE (sizeof tree / sizeof *tree)

static void path_of(size_t i, char *path, size_t size)
{
    (void)snprintf(path, size, "%s/%s", root, tree[i].path);
}

static int make_tree(void **state)
{
    (void)state;
    if (!mkdtemp(root))
        return 1;
    for (size_t i = 0; i < TREE_SIZE; i++) {
        char path[256];
        path_of(i, path, sizeof path);
        if (!tree[i].text) {
            if (mkdir(path, 0700) != 0)
                return 1;
            continue;
        }
        FILE *file = fopen(path, "w");
        if (!file || fputs(tree[i].text, file) < 0 || fclose(file) != 0)
            return 1;
    }
    return 0;
}

static int remove_tree(void **state)
{
    (void)state;
    for (size_t i = TREE_SIZE; i-- > 0;) {
        char path[256];
        path_of(i, path, sizeof path);
        (void)remove(path);
    }
    return rmdir(root);
}

static struct packages *open_packages(void)
{
    char path[256];
    struct packages *packages = NULL;
    (void)snprintf(path, sizeof path, "%s/src::%s/share", root, root);
    assert_int_equal(packages_create(path, &packages, NULL), ERROR_NONE);
    return packages;
}

static void nested_types_follow_in_the_order_of_genmsg(void **state)
{
    (void)state;
    static const char EXPECTED[] =
        "Header header\nMiddle m\nb_msgs/Leaf leaf\n\n" LINE
        "MSG: std_msgs/Header\nuint32 seq\ntime stamp\nstring frame_id\n\n" LINE
        "MSG: a_msgs/Middle\n# middle\nb_msgs/Leaf[] leaves\nint8 X=1\n" LINE
        "MSG: b_msgs/Leaf\nint8 x\n";
    struct packages *packages = open_packages();
    struct error error = {0};
    struct buffer out;
    buffer_init(&out, OUT_LIMIT);
    if (packages_definition(packages, "a_msgs/Top", &out, &error) != ERROR_NONE)
        fail_msg("%s: %s", error.path, error.text);
    assert_int_equal(out.length, strlen(EXPECTED));
    assert_memory_equal(out.data, EXPECTED, out.length);
    buffer_fini(&out);
    packages_destroy(packages);
}

static void what_cannot_be_had_is_an_error(void **state)
{
    (void)state;
    static const struct {
        const char *type;
        enum error_code code;
        const char *path;
    } cases[] = {
        {"a_msgs/Nothing", ERROR_UNKNOWN, "a_msgs/Nothing"},
        {"x_msgs/Top", ERROR_UNKNOWN, "x_msgs/Top"},
        {"c_msgs/C", ERROR_UNKNOWN, "c_msgs/C"},
        {"a_msgs/Lost", ERROR_UNKNOWN, "a_msgs/Gone"},
        {"a_msgs/Bad", ERROR_SYNTAX, "a_msgs/Bad:2"},
        {"a_msgs/../Top", ERROR_SYNTAX, "a_msgs/../Top"},
        {"../Top", ERROR_SYNTAX, "../Top"},
        {"Top", ERROR_SYNTAX, "Top"},
    };
    struct packages *packages = open_packages();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct error error = {0};
        struct buffer out;
        buffer_init(&out, OUT_LIMIT);
        assert_int_equal(buffer_append_text(&out, "before"), ERROR_NONE);
        assert_int_equal(packages_definition(packages, cases[i].type, &out, &error), cases[i].code);
        assert_string_equal(error.path, cases[i].path);
        if (cases[i].code == ERROR_UNKNOWN)
            assert_non_null(strstr(error.text, root));
        if (i == 0) /* and what would mend it */
            assert_non_null(
                strstr(error.text, "Install it (Debian: ros-a-msgs, Ubuntu: ros-noetic-a"));
        assert_int_equal(out.length, strlen("before"));
        buffer_fini(&out);
    }
    packages_destroy(packages);
}

static void a_type_within_itself_ends(void **state)
{
    (void)state;
    struct packages *packages = open_packages();
    struct buffer out;
    buffer_init(&out, OUT_LIMIT);
    assert_int_equal(packages_definition(packages, "a_msgs/Loop", &out, NULL), ERROR_NONE);
    assert_int_equal(out.length, strlen("Loop loop\n"));
    buffer_fini(&out);
    packages_destroy(packages);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nested_types_follow_in_the_order_of_genmsg),
        cmocka_unit_test(what_cannot_be_had_is_an_error),
        cmocka_unit_test(a_type_within_itself_ends),
    };
    return cmocka_run_group_tests(tests, make_tree, remove_tree);
}
