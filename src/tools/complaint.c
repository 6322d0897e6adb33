#include "tools/complaint.h"

#include "base/one_line.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

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
    bool named = *error->path == '\0' || strstr(error->text, error->path) != NULL;
    complain("%s%s%s", named ? "" : error->path, named ? "" : ": ", error->text);
}
