#include "simulators/robot_simulator_options.h"

#include "simulators/options.h"
#include "simulators/robot.h"

#include <ctype.h>

/* Whether `name` can stand before "/odom" in a ROS name, and as it is in a frame id. */
static bool is_prefix(const char *name)
{
    if (!isalpha((unsigned char)name[0]))
        return false;
    for (const char *at = name; *at; at++)
        if (!isalnum((unsigned char)*at) && *at != '_' &&
            (*at != '/' || !isalnum((unsigned char)at[1])))
            return false;
    return true;
}

static const char *read_prefix(struct option_reader *reader, const char *name, const char *fallback)
{
    const char *prefix = read_text(reader, name, fallback);
    if (is_prefix(prefix))
        return prefix;
    option_complain(reader, name,
                    "it must be a relative ROS name: a letter, then letters, digits, '_' and '/'");
    return fallback;
}

bool robot_simulator_options_read(const cJSON *tree, struct robot_simulator_options *options,
                                  struct buffer *problems)
{
    struct option_reader reader = {.tree = tree, .problems = problems};
    *options = (struct robot_simulator_options){
        .robot = read_prefix(&reader, "robot", "warty"),
        .rate = read_number(&reader, "rate", 50, 0.01, 1000000),
        .seed = read_whole(&reader, "seed", 1, 0, OPTION_WHOLE_MAX),
        .count = read_whole(&reader, "count", 0, 0, OPTION_WHOLE_MAX),
        .topics = (size_t)read_whole(&reader, "topics", 1, 1, ROBOT_TOPICS_LIMIT),
        .queue_size = (uint32_t)read_whole(&reader, "queue_size", 100000, 0, OPTION_WHOLE_MAX),
        .wait_for_subscriber = read_bool(&reader, "wait_for_subscriber", false),
    };
    return options_end(&reader);
}
