/* What the tests of schemas share: the tool, run with a command line. */
#ifndef KAFKA_BRIDGE_TEST_UNIT_SCHEMA_SUPPORT_H
#define KAFKA_BRIDGE_TEST_UNIT_SCHEMA_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "tools/schema/schema_print.h"

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROUTES          TEST_DATA_DIRECTORY "/schemas/routes.yaml"
#define OUTPUT_LIMIT    (1U << 20)
#define ARGUMENTS_LIMIT 16

/* Runs `schema FILE ARGUMENTS`, which are parted by spaces. What it prints, or the text of its
 * first problem, is appended to `out` with a NUL. */
static inline enum error_code run_schema(const char *file, const char *arguments,
                                         struct buffer *out)
{
    char *words = strdup(arguments);
    char *argv[ARGUMENTS_LIMIT] = {(char *)"schema", (char *)file};
    char *rest = NULL;
    int argc = 2;
    for (char *word = strtok_r(words, " ", &rest); word && argc < ARGUMENTS_LIMIT - 1;
         word = strtok_r(NULL, " ", &rest))
        argv[argc++] = word;
    struct schema_options options;
    struct problems problems;
    struct error error = {0};
    problems_init(&problems);
    enum error_code code = schema_options_read(argc, argv, &options, &error);
    if (code == ERROR_NONE)
        code = schema_print(&options, out, &problems, &error);
    if (code != ERROR_NONE) {
        buffer_clear(out);
        assert_int_equal(buffer_append_format(out, "%s: %s", error.path,
                                              problems.count ? problems.lines[0] : error.text),
                         ERROR_NONE);
    }
    assert_int_equal(buffer_append(out, "", 1), ERROR_NONE);
    problems_fini(&problems);
    free(words);
    return code;
}

#endif
