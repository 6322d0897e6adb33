#include "bridge/config/problems.h"

#include "base/buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static const struct problem_place *find_place(const struct problems *problems, const char *path)
{
    const struct problem_place *found = NULL;
    for (size_t i = 0; i < problems->place_count; i++) {
        const struct problem_place *place = &problems->places[i];
        size_t length = strlen(place->key);
        bool holds = strncmp(path, place->key, length) == 0 && strchr(".[", path[length]);
        if (holds && (!found || length > strlen(found->key)))
            found = place;
    }
    return found;
}

/* "parameter /node/spool/max_bytes: " for "spool.max_bytes". */
static void write_place(const struct problem_place *place, const char *path, char *text,
                        size_t size)
{
    const char *rest = path + strlen(place->key);
    bool member = *rest == '.';
    (void)snprintf(text, size, "parameter %s%s%s: ", place->name, member ? "/" : "",
                   rest + (member ? 1 : 0));
}

void problems_add(struct problems *problems, const char *path, const char *format, ...)
{
    char text[LINE_SIZE];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);

    char line[2 * LINE_SIZE];
    char where[2 * ERROR_PATH_SIZE];
    const struct problem_place *place = find_place(problems, path);
    const char *mend = place ? place->mend : "";
    (void)snprintf(where, sizeof where, "%s%s", path, *path ? ": " : "");
    if (place)
        write_place(place, path, where, sizeof where);
    problems->placed += place ? 1 : 0;
    (void)snprintf(line, sizeof line, "%s%s%s%s", where, text, *mend ? "; " : "", mend);
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

size_t problems_count(const struct problems *problems)
{
    return problems->count + problems->lost;
}

bool problems_any(const struct problems *problems)
{
    return problems_count(problems) > 0;
}
