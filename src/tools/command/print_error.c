#include "tools/command/print_error.h"

#include "base/one_line.h"

#include <stdarg.h>
#include <stdio.h>

#define LINE_SIZE 4096

void print_error(const char *format, ...)
{
    char line[LINE_SIZE];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    one_line(line);
    (void)fprintf(stderr, "spool: %s\n", line);
}

void print_error_of(const struct error *error)
{
    print_error("%s%s%s", error_place(error), error_parting(error), error->text);
}
