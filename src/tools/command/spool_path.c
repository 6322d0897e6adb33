#include "tools/command/spool_path.h"

#include "base/nearest.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define ROBOT_SIZE 256
#define SHOWN_SIZE 200 /* bytes of a message for the robots that there are */

static bool is_file(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && !S_ISDIR(status.st_mode);
}

static bool ends_with(const char *name, const char *end)
{
    size_t length = strlen(name);
    return length > strlen(end) && strcmp(name + length - strlen(end), end) == 0;
}

/* Files that lie beside a spool have its name in front, and a word behind it: -wal, -lock. */
static bool lies_beside(const char *name)
{
    const char *dash = strrchr(name, '-');
    return dash && islower((unsigned char)dash[1]);
}

bool spool_path_is_spool(const char *name, bool *damaged)
{
    const char *mark = strstr(name, PLACE_DAMAGED);
    *damaged = mark && mark != name;
    return *damaged ? !lies_beside(mark + strlen(PLACE_DAMAGED)) : ends_with(name, PLACE_SUFFIX);
}

void spool_path_robot(const char *path, char *robot, size_t size)
{
    const char *slash = strrchr(path, '/');
    (void)snprintf(robot, size, "%s", slash ? slash + 1 : path);
    char *suffix = strstr(robot, PLACE_DAMAGED);
    if (suffix)
        *suffix = '\0';
    else if (ends_with(robot, PLACE_SUFFIX))
        robot[strlen(robot) - strlen(PLACE_SUFFIX)] = '\0';
}

static int compare(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

static bool add(char ***names, size_t *count, const char *name)
{
    char **grown = realloc(*names, (*count + 2) * sizeof *grown);
    if (!grown)
        return false;
    *names = grown;
    grown[*count] = strdup(name);
    grown[*count + 1] = NULL;
    return grown[(*count)++] != NULL;
}

enum error_code spool_path_list(const char *directory, char ***names, struct error *error)
{
    char **found = calloc(1, sizeof *found);
    size_t count = 0;
    DIR *entries = opendir(directory);
    if (!entries && errno != ENOENT) {
        free(found);
        return error_set(error, ERROR_IO, directory, 0, "%s cannot be read: %s", directory,
                         strerror(errno));
    }
    bool good = found != NULL;
    const struct dirent *entry;
    while (good && entries && (entry = readdir(entries))) {
        bool damaged;
        if (spool_path_is_spool(entry->d_name, &damaged))
            good = add(&found, &count, entry->d_name);
    }
    if (entries)
        (void)closedir(entries);
    if (!good) {
        spool_path_list_free(found);
        return error_set(error, ERROR_MEMORY, directory, 0, "out of memory");
    }
    qsort(found, count, sizeof *found, compare);
    *names = found;
    return ERROR_NONE;
}

void spool_path_list_free(char **names)
{
    for (char **name = names; name && *name; name++)
        free(*name);
    free(names);
}

/* The robots that have a spool, as one text, and the one that `name` may mean ("": none). */
static void describe_robots(char **names, const char *name, char shown[static SHOWN_SIZE],
                            char meant[static ROBOT_SIZE])
{
    struct nearest nearest;
    nearest_begin(&nearest, name, strlen(name) / 3 + 1);
    for (char **at = names; *at; at++) {
        char robot[ROBOT_SIZE];
        bool damaged;
        size_t length = strlen(shown);
        if (!spool_path_is_spool(*at, &damaged) || damaged)
            continue;
        spool_path_robot(*at, robot, sizeof robot);
        nearest.found = NULL;
        nearest_offer(&nearest, robot);
        if (nearest.found)
            (void)snprintf(meant, ROBOT_SIZE, "%s", robot);
        if (length + strlen(robot) + 2 < SHOWN_SIZE)
            (void)snprintf(shown + length, SHOWN_SIZE - length, "%s%s", length > 0 ? ", " : "",
                           robot);
    }
}

static enum error_code none_found(const char *name, const char *directory, struct error *error)
{
    char **names = NULL;
    char shown[SHOWN_SIZE] = "";
    char meant[ROBOT_SIZE] = "";
    enum error_code code = spool_path_list(directory, &names, error);
    if (code != ERROR_NONE || !names)
        return code;
    describe_robots(names, name, shown, meant);
    spool_path_list_free(names);
    if (*meant)
        return error_set(error, ERROR_MISSING, name, 0,
                         "there is no file %s, nor a spool of a robot %s in %s; did you mean %s?",
                         name, name, directory, meant);
    return error_set(error, ERROR_MISSING, name, 0,
                     "there is no file %s, nor a spool of a robot %s in %s; there are: %s", name,
                     name, directory, *shown ? shown : "none");
}

enum error_code spool_path_find(const char *name, const char *directory, char *path, size_t size,
                                struct error *error)
{
    static const char *const suffixes[] = {"", PLACE_SUFFIX};
    if (strchr(name, '/') || is_file(name)) {
        if (snprintf(path, size, "%s", name) < (int)size)
            return ERROR_NONE;
        return error_set(error, ERROR_LIMIT, name, 0, "the path is too long");
    }
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++)
        if (snprintf(path, size, "%s/%s%s", directory, name, suffixes[i]) < (int)size &&
            is_file(path))
            return ERROR_NONE;
    return none_found(name, directory, error);
}
