/* schema: what a route to Kafka writes, in the words of those who read it. */
#include "tools/schema/schema_options.h"
#include "tools/schema/schema_print.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXIT_USAGE   2
#define OUTPUT_LIMIT (64U << 20) /* bytes */

static void print_error(const struct error *error)
{
    bool named = *error->path == '\0' || strstr(error->text, error->path) != NULL;
    (void)fprintf(stderr, "schema: %s%s%s\n", named ? "" : error->path, named ? "" : ": ",
                  error->text);
}

static int run(const struct schema_options *options)
{
    struct error error = {0};
    struct problems problems;
    struct buffer out;
    problems_init(&problems);
    buffer_init(&out, OUTPUT_LIMIT);
    enum error_code code = schema_print(options, &out, &problems, &error);
    for (size_t i = 0; i < problems.count; i++)
        (void)fprintf(stderr, "schema: %s\n", problems.lines[i]);
    if (code == ERROR_NONE &&
        (fwrite(out.data, 1, out.length, stdout) != out.length || fflush(stdout) != 0))
        code = error_set(&error, ERROR_IO, "", 0, "the output takes no more");
    if (code != ERROR_NONE)
        print_error(&error);
    buffer_fini(&out);
    problems_fini(&problems);
    return code == ERROR_NONE ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
    struct schema_options options;
    struct error error = {0};
    if (schema_options_read(argc, argv, &options, &error) != ERROR_NONE) {
        (void)fprintf(stderr, "schema: %s\nschema: schema --help says more\n", error.text);
        return EXIT_USAGE;
    }
    if (!options.help)
        return run(&options);
    return fputs(schema_usage(), stdout) >= 0 && fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
