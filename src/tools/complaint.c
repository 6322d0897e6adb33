#include "tools/complaint.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

void complain(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)fputs("spool: ", stderr);
    (void)vfprintf(stderr, format, arguments);
    (void)fputc('\n', stderr);
    va_end(arguments);
}

void complain_error(const struct error *error)
{
    bool named = *error->path == '\0' || strstr(error->text, error->path) != NULL;
    complain("%s%s%s", named ? "" : error->path, named ? "" : ": ", error->text);
}
