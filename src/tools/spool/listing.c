#include "tools/spool/listing.h"

#include "spool/holder.h"
#include "tools/command/named_spool.h"
#include "tools/command/print_error.h"
#include "tools/command/progress_bar.h"
#include "tools/command/settings.h"
#include "tools/command/spool_path.h"
#include "tools/spool/time_span.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define ROBOT_SIZE  256
#define STATE_SIZE  64
#define NUMBER_SIZE 32
#define ROW         "%-16s %12s %16s  %-24s  %-24s  %s\n"

static void list_head(FILE *out)
{
    (void)fprintf(out, ROW, "robot", "records", "bytes", "oldest", "newest", "state");
}

static void write_state(const char *path, bool damaged, char *state)
{
    long holder = 0;
    if (damaged)
        (void)snprintf(state, STATE_SIZE, "damaged, set aside");
    else if (!spool_holder_find(path, &holder))
        (void)snprintf(state, STATE_SIZE, "free");
    else if (holder > 0)
        (void)snprintf(state, STATE_SIZE, "in use by %ld", holder);
    else
        (void)snprintf(state, STATE_SIZE, "in use");
}

static void list_sound(struct spool *spool, const char *robot, const char *state, FILE *out)
{
    struct spool_statistics statistics;
    struct time_span span;
    char records[NUMBER_SIZE], bytes[NUMBER_SIZE], oldest[SPAN_TIME_SIZE], newest[SPAN_TIME_SIZE];
    spool_statistics(spool, &statistics);
    time_span_measure(spool, &span);
    (void)fprintf(out, ROW, robot, progress_bar_number(statistics.records, records),
                  progress_bar_number(statistics.bytes, bytes),
                  span.known ? time_span_time(span.oldest, oldest) : "-",
                  span.known ? time_span_time(span.newest, newest) : "-", state);
}

/* False: it cannot be read, which is said. */
static bool list_one(const char *path, FILE *out)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    char robot[ROBOT_SIZE], state[STATE_SIZE];
    struct spool *spool = NULL;
    struct error error;
    bool damaged = false;
    (void)spool_path_is_spool(name, &damaged);
    spool_path_robot(path, robot, sizeof robot);
    write_state(path, damaged, state);
    enum error_code code = spool_open_read_only(path, &spool, &error);
    if (code == ERROR_NONE)
        list_sound(spool, robot, state, out);
    else
        (void)fprintf(out, ROW, robot, "?", "?", "-", "-", state);
    spool_close(spool);
    if (damaged)
        (void)fprintf(out, "%-16s   %s\n", "", name);
    if (code != ERROR_NONE && !damaged)
        print_error_of(&error);
    return code == ERROR_NONE || damaged;
}

static bool list_directory(const char *directory, FILE *out)
{
    char **names = NULL;
    struct error error;
    bool good = true;
    if (spool_path_list(directory, &names, &error) != ERROR_NONE || !names) {
        print_error_of(&error);
        return false;
    }
    if (names[0])
        list_head(out);
    else
        (void)fprintf(out, "no spool in %s\n", directory);
    for (char **name = names; *name; name++) {
        size_t size = strlen(directory) + strlen(*name) + 2;
        char *path = malloc(size);
        if (path)
            (void)snprintf(path, size, "%s/%s", directory, *name);
        good = path && list_one(path, out) && good;
        free(path);
    }
    spool_path_list_free(names);
    return good;
}

int listing_run(const struct options *options, FILE *out)
{
    struct stat status;
    struct config *config = settings_read(options, false);
    if (!config)
        return EXIT_FAILURE;
    const char *place = options->place ? options->place : named_spool_directory(options, config);
    bool there = stat(place, &status) == 0;
    bool is_directory = !there || S_ISDIR(status.st_mode);
    bool good = there || !options->place;
    if (!good)
        print_error("there is no file or directory %s", place);
    if (good && !is_directory)
        list_head(out);
    if (good)
        good = is_directory ? list_directory(place, out) : list_one(place, out);
    config_destroy(config);
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
