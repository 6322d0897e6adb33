#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum error_code error_set(struct error *error, enum error_code code, const char *path,
                          size_t position, const char *format, ...)
{
    if (!error)
        return code;
    error->code = code;
    error->position = position;
    (void)snprintf(error->path, sizeof error->path, "%s", path ? path : "");
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(error->text, sizeof error->text, format, arguments);
    va_end(arguments);
    return code;
}

const char *error_place(const struct error *error)
{
    return strstr(error->text, error->path) ? "" : error->path;
}

const char *error_parting(const struct error *error)
{
    return *error_place(error) ? ": " : "";
}

const char *error_code_name(enum error_code code)
{
    switch (code) {
    case ERROR_NONE:
        return "none";
    case ERROR_ARGUMENT:
        return "argument";
    case ERROR_MEMORY:
        return "memory";
    case ERROR_LIMIT:
        return "limit";
    case ERROR_SYNTAX:
        return "syntax";
    case ERROR_TYPE:
        return "type";
    case ERROR_RANGE:
        return "range";
    case ERROR_LENGTH:
        return "length";
    case ERROR_TRUNCATED:
        return "truncated";
    case ERROR_TRAILING:
        return "trailing";
    case ERROR_UNKNOWN:
        return "unknown";
    case ERROR_DUPLICATE:
        return "duplicate";
    case ERROR_MISSING:
        return "missing";
    case ERROR_IO:
        return "io";
    case ERROR_FULL:
        return "full";
    }
    return "unnamed";
}
