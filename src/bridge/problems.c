#include "bridge/problems.h"

#include "base/buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define LINE_SIZE 1024

void problems_init(struct problems *problems)
{
    *problems = (struct problems){0};
}

void problems_fini(struct problems *problems)
{
    for (size_t i = 0; i < problems->count; i++)
        free(problems->lines[i]);
    free(problems->lines);
    problems_init(problems);
}

void problems_add(struct problems *problems, const char *path, const char *format, ...)
{
    char text[LINE_SIZE];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);

    char line[LINE_SIZE + ERROR_PATH_SIZE];
    (void)snprintf(line, sizeof line, "%s%s%s", path, *path ? ": " : "", text);
    char *copy = strdup(line);
    char **lines = copy ? realloc(problems->lines, (problems->count + 1) * sizeof *lines) : NULL;
    if (!lines) {
        free(copy);
        problems->lost++;
        return;
    }
    problems->lines = lines;
    problems->lines[problems->count++] = copy;
}

bool problems_any(const struct problems *problems)
{
    return problems->count > 0 || problems->lost > 0;
}
