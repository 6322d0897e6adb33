/* Parameters of a simulator, read from a cJSON tree: whatever is wrong with them is collected, a
 * line each, so that all of it is told at once. Knows no ROS. One thread.
 */
#ifndef KAFKA_BRIDGE_SIMULATORS_OPTIONS_H
#define KAFKA_BRIDGE_SIMULATORS_OPTIONS_H

#include "base/buffer.h"

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

#define OPTIONS_LIMIT 24 /* parameters of one node */

/* What the parameter server's integers hold, and so how far counts and seeds go. */
#define OPTION_WHOLE_MAX INT32_MAX

struct option_reader {
    const cJSON *tree;       /* an object, or NULL: nothing is set; borrowed */
    struct buffer *problems; /* borrowed; lines "~name is VALUE: what is right" are appended */
    bool failed;
    size_t known_count;
    const char *known[OPTIONS_LIMIT]; /* what was asked for */
};

/* Each returns what is set, or `fallback` where nothing is, or where it is wrong. `name` is a
 * literal; texts live as long as the tree. */
double read_number(struct option_reader *reader, const char *name, double fallback, double low,
                   double high);
uint64_t read_whole(struct option_reader *reader, const char *name, uint64_t fallback, uint64_t low,
                    uint64_t high);
bool read_bool(struct option_reader *reader, const char *name, bool fallback);
const char *read_text(struct option_reader *reader, const char *name, const char *fallback);
/* The index in `choices`, of which there are `count`. */
size_t read_choice(struct option_reader *reader, const char *name, const char *const *choices,
                   size_t count, size_t fallback);
/* A name of ROS: letters, digits, '_' and '/', a letter or '/' first. */
const char *read_ros_name(struct option_reader *reader, const char *name, const char *fallback);
/* A text or a list of texts, none of them empty; NULL where it is not set or wrong. */
const cJSON *read_texts(struct option_reader *reader, const char *name);

/* Whether `name` is set. */
bool option_is_set(const struct option_reader *reader, const char *name);

/* Adds a problem with `name`: "~name is VALUE: right", or "~name is not set: right". */
void option_complain(struct option_reader *reader, const char *name, const char *right);

/* Complains of every parameter that was not asked for; true where there was no problem at all. */
bool options_end(struct option_reader *reader) MUST_CHECK;

#endif
