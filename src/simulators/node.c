#include "simulators/node.h"

#include "base/help.h"

#include <rosc/rosc.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PROBLEMS_LIMIT 65536U     /* bytes */
#define FLUSH_LIMIT    5000000000 /* ns */
#define FLUSH_STEP     1000000    /* ns */

bool node_begin(int argc, char **argv, const char *name, const char *help, int *status)
{
    struct rosc_error error;
    *status = EXIT_SUCCESS;
    if (help_asked(argc, argv, help))
        return false;
    bool connected = rosc_init(&argc, argv, name, ROSC_INIT_DEFAULT, &error) == ROSC_OK &&
                     rosc_connect(-1, &error) == ROSC_OK;
    if (connected && argc == 1)
        return true;
    if (!connected && !rosc_ok() && error.status == ROSC_ERROR_TIMEOUT)
        return false;
    *status = EXIT_FAILURE;
    if (connected)
        ROSC_LOG_FATAL("unknown argument %s; see %s --help", argv[1], name);
    else
        ROSC_LOG_FATAL("cannot start: %s", error.text);
    return false;
}

/* "~name is …": by the parameter's full name, which is where it is mended. */
static void log_problem(const char *line, size_t length)
{
    static const char unset[] = " is not set: ";
    const char *space = memchr(line, ' ', length);
    if (*line == '~' && space && memmem(line, length, unset, sizeof unset - 1))
        ROSC_LOG_FATAL("parameter %s/%.*s", rosc_node_name(), (int)length - 1, line + 1);
    else if (*line == '~' && space)
        ROSC_LOG_FATAL("parameter %s/%.*s (if an earlier start set it: rosparam delete %s/%.*s)",
                       rosc_node_name(), (int)length - 1, line + 1, rosc_node_name(),
                       (int)(space - line) - 1, line + 1);
    else
        ROSC_LOG_FATAL("%.*s", (int)length, line);
}

static void log_problems(const struct buffer *problems)
{
    if (problems->length == 0)
        ROSC_LOG_FATAL("out of memory");
    for (size_t at = 0; at < problems->length;) {
        const char *end = memchr(problems->data + at, '\n', problems->length - at);
        size_t length = end ? (size_t)(end - problems->data) - at : problems->length - at;
        log_problem(problems->data + at, length);
        at += length + 1;
    }
}

bool node_read_parameters(cJSON **tree, node_reader read, void *target)
{
    struct rosc_error error;
    enum rosc_status status = rosc_param_get_tree("~", tree, &error);
    if (status != ROSC_OK && status != ROSC_ERROR_NOT_FOUND) {
        ROSC_LOG_FATAL("cannot read the parameters: %s", error.text);
        return false;
    }
    if (*tree && !cJSON_IsObject(*tree)) {
        ROSC_LOG_FATAL("%s is no dictionary: it holds this node's parameters", rosc_node_name());
        return false;
    }
    struct buffer problems;
    buffer_init(&problems, PROBLEMS_LIMIT);
    bool good = read(*tree, target, &problems);
    if (!good)
        log_problems(&problems);
    buffer_fini(&problems);
    /* Registered once they are right: the master ends the node that has this one's name. */
    if (good && rosc_start(-1, &error) != ROSC_OK) {
        if (rosc_ok())
            ROSC_LOG_FATAL("cannot start: %s", error.text);
        return false;
    }
    return good;
}

static bool is_written(struct rosc_publisher *publisher)
{
    struct rosc_progress progress = rosc_publisher_progress(publisher);
    return progress.written == progress.published;
}

bool node_flush(struct rosc_publisher *publisher)
{
    int64_t end = rosc_time_steady() + FLUSH_LIMIT;
    while (!is_written(publisher) && rosc_time_steady() < end)
        (void)nanosleep(&(struct timespec){.tv_nsec = FLUSH_STEP}, NULL);
    return is_written(publisher);
}
