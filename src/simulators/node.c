#include "simulators/node.h"

#include <rosc/rosc.h>
#include <stdlib.h>
#include <string.h>

#define PROBLEMS_LIMIT 65536U /* bytes */

bool node_begin(int argc, char **argv, const char *name, int *status)
{
    struct rosc_error error;
    if (rosc_init(&argc, argv, name, ROSC_INIT_DEFAULT, &error) == ROSC_OK &&
        rosc_connect(-1, &error) == ROSC_OK)
        return true;
    *status = EXIT_FAILURE;
    if (!rosc_ok() && error.status == ROSC_ERROR_TIMEOUT)
        *status = EXIT_SUCCESS;
    else
        ROSC_LOG_FATAL("cannot start: %s", error.text);
    return false;
}

static void log_problems(const struct buffer *problems)
{
    if (problems->length == 0)
        ROSC_LOG_FATAL("out of memory");
    for (size_t at = 0; at < problems->length;) {
        const char *end = memchr(problems->data + at, '\n', problems->length - at);
        size_t length = end ? (size_t)(end - problems->data) - at : problems->length - at;
        ROSC_LOG_FATAL("%.*s", (int)length, problems->data + at);
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
