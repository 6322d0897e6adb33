#include "simulators/robot_simulator_options.h"

#include "simulators/robot.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>

#define KNOWN "count, queue_size, rate, robot, seed, topics, wait_for_subscriber"

struct reader {
    const cJSON *tree;
    struct buffer *problems;
    bool failed;
};

static void complain(struct reader *reader, const char *name, const cJSON *found, const char *right)
{
    char *text = found ? cJSON_PrintUnformatted(found) : NULL;
    reader->failed = true;
    if (buffer_append_format(reader->problems, "~%s is %s: %s\n", name, text ? text : "?", right))
        reader->problems->length = 0; /* out of memory: what can be said is that it failed */
    cJSON_free(text);
}

static double read_number(struct reader *reader, const char *name, double fallback, double low,
                          double high, bool whole)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(reader->tree, name);
    if (!item)
        return fallback;
    double value = item->valuedouble;
    if (!cJSON_IsNumber(item) || !(value >= low && value <= high) ||
        (whole && value != floor(value))) {
        char right[96];
        (void)snprintf(right, sizeof right, "it must be a%s number from %.10g to %.10g",
                       whole ? " whole" : "", low, high);
        complain(reader, name, item, right);
        return fallback;
    }
    return value;
}

static bool read_bool(struct reader *reader, const char *name, bool fallback)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(reader->tree, name);
    if (item && !cJSON_IsBool(item))
        complain(reader, name, item, "it must be true or false");
    return cJSON_IsBool(item) ? cJSON_IsTrue(item) : fallback;
}

/* Whether `name` can stand before "/odom" in a ROS name, and as it is in a frame id. */
static bool is_prefix(const char *name)
{
    if (!isalpha((unsigned char)name[0]))
        return false;
    for (const char *at = name; *at; at++)
        if (!isalnum((unsigned char)*at) && *at != '_' && (*at != '/' || !isalnum(at[1])))
            return false;
    return true;
}

static const char *read_prefix(struct reader *reader, const char *name, const char *fallback)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(reader->tree, name);
    if (!item)
        return fallback;
    if (!cJSON_IsString(item) || !is_prefix(item->valuestring)) {
        complain(reader, name, item,
                 "it must be a relative ROS name: a letter, then letters, digits, '_' and '/'");
        return fallback;
    }
    return item->valuestring;
}

static void refuse_unknown(struct reader *reader)
{
    static const char *const known[] = {"count",  "queue_size",         "rate", "robot", "seed",
                                        "topics", "wait_for_subscriber"};
    const cJSON *item;
    cJSON_ArrayForEach(item, reader->tree)
    {
        bool found = false;
        for (size_t i = 0; i < sizeof known / sizeof *known; i++)
            found = found || strcmp(item->string, known[i]) == 0;
        if (!found)
            complain(reader, item->string, item, "there is no such parameter; there are " KNOWN);
    }
}

bool robot_simulator_options_read(const cJSON *tree, struct robot_simulator_options *options,
                                  struct buffer *problems)
{
    struct reader reader = {.tree = tree, .problems = problems};
    const double int_max = INT32_MAX; /* what the parameter server's integers hold */
    *options = (struct robot_simulator_options){
        .robot = read_prefix(&reader, "robot", "warty"),
        .rate = read_number(&reader, "rate", 50, 0.01, 1000000, false),
        .seed = (uint64_t)read_number(&reader, "seed", 1, 0, int_max, true),
        .count = (uint64_t)read_number(&reader, "count", 0, 0, int_max, true),
        .topics = (size_t)read_number(&reader, "topics", 1, 1, ROBOT_TOPICS_LIMIT, true),
        .queue_size = (uint32_t)read_number(&reader, "queue_size", 100000, 0, int_max, true),
        .wait_for_subscriber = read_bool(&reader, "wait_for_subscriber", false),
    };
    refuse_unknown(&reader);
    return !reader.failed;
}
