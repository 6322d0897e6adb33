#include "tools/complaint.h"

#include "base/one_line.h"

#include <stdarg.h>
#include <stdio.h>

#define LINE_SIZE 4096

void complain(const char *format, ...)
{
    char line[LINE_SIZE];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    one_line(line);
    (void)fprintf(stderr, "spool: %s\n", line);
}

void complain_error(const struct error *error)
{
    complain("%s%s%s", error_place(error), error_parting(error), error->text);
}
