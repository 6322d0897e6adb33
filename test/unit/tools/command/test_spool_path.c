/* Which spool is meant, and how its times are written. */
#include "test_support.h"

#include "tools/command/spool_path.h"
#include "tools/spool/time_span.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char directory[64];

static int make_directory(void **state)
{
    (void)state;
    (void)snprintf(directory, sizeof directory, "/tmp/test_place.XXXXXX");
    return mkdtemp(directory) ? 0 : -1;
}

static const char *const files[] = {"warty.db",
                                    "warty.db-wal",
                                    "warty.db-lock",
                                    "husky.db",
                                    "warty.db.damaged-20261121T103500Z",
                                    "warty.db.damaged-20261121T103500Z-wal",
                                    "warty.db.damaged-20261121T103500Z-watermark",
                                    "warty.db.damaged-20261121T103500Z-2",
                                    "notes.txt"};

static const char *path_of(const char *name)
{
    static char path[256];
    (void)snprintf(path, sizeof path, "%s/%s", directory, name);
    return path;
}

static int remove_directory(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        (void)unlink(path_of(files[i]));
    return rmdir(directory);
}

static void make_files(void)
{
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        FILE *file = fopen(path_of(files[i]), "w");
        assert_non_null(file);
        (void)fclose(file);
    }
}

static void assert_found(const char *name, const char *file)
{
    char path[256];
    struct error error;
    if (spool_path_find(name, directory, path, sizeof path, &error) != ERROR_NONE)
        fail_msg("%s", error.text);
    assert_string_equal(path, file);
}

static void robots_and_files_are_found(void **state)
{
    (void)state;
    make_files();
    assert_found("warty", path_of("warty.db"));
    assert_found("warty.db", path_of("warty.db"));
    assert_found(files[4], path_of(files[4]));
    assert_found("/somewhere/else.db", "/somewhere/else.db");
    assert_found("./else.db", "./else.db");
}

static void robots_are_suggested(void **state)
{
    (void)state;
    char path[256];
    char text[512];
    struct error error;
    assert_int_equal(spool_path_find("waty", directory, path, sizeof path, &error), ERROR_MISSING);
    (void)snprintf(text, sizeof text,
                   "there is no file waty, nor a spool of a robot waty in %s; did you mean warty?",
                   directory);
    assert_string_equal(error.text, text);
    assert_int_equal(spool_path_find("jackal", directory, path, sizeof path, &error),
                     ERROR_MISSING);
    assert_non_null(strstr(error.text, "; there are: husky, warty"));
    assert_int_equal(spool_path_find("jackal", "/nowhere", path, sizeof path, &error),
                     ERROR_MISSING);
    assert_non_null(strstr(error.text, "; there are: none"));
}

static void spools_are_listed_in_order(void **state)
{
    (void)state;
    char **names = NULL;
    struct error error;
    bool damaged;
    assert_int_equal(spool_path_list(directory, &names, &error), ERROR_NONE);
    assert_string_equal(names[0], "husky.db");
    assert_string_equal(names[1], "warty.db");
    assert_string_equal(names[2], "warty.db.damaged-20261121T103500Z");
    assert_string_equal(names[3], "warty.db.damaged-20261121T103500Z-2");
    assert_null(names[4]);
    assert_true(spool_path_is_spool(names[2], &damaged) && damaged);
    assert_true(spool_path_is_spool(names[1], &damaged) && !damaged);
    spool_path_list_free(names);
}

static void files_name_their_robot(void **state)
{
    (void)state;
    char robot[64];
    spool_path_robot("/a/warty.db", robot, sizeof robot);
    assert_string_equal(robot, "warty");
    spool_path_robot("a.b.db.damaged-20261121T103500Z", robot, sizeof robot);
    assert_string_equal(robot, "a.b");
    spool_path_robot("copy", robot, sizeof robot);
    assert_string_equal(robot, "copy");
}

static void times_are_iso(void **state)
{
    (void)state;
    char text[SPAN_TIME_SIZE];
    assert_string_equal(time_span_time(INT64_C(1795257300123), text), "2026-11-21T10:35:00.123Z");
    assert_string_equal(time_span_time(0, text), "1970-01-01T00:00:00.000Z");
    assert_string_equal(time_span_time(-1, text), "1969-12-31T23:59:59.999Z");
    assert_string_equal(time_span_time(-1000, text), "1969-12-31T23:59:59.000Z");
    assert_true(strlen(time_span_time(INT64_MAX, text)) < SPAN_TIME_SIZE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(robots_and_files_are_found),
        cmocka_unit_test(robots_are_suggested),
        cmocka_unit_test(spools_are_listed_in_order),
        cmocka_unit_test(files_name_their_robot),
        cmocka_unit_test(times_are_iso),
    };
    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
