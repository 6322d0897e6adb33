/* What is wrong with a configuration: all of it, not only the first thing found.
 *
 * Each problem names the key's full path, what was found and what would be right. Owned by the
 * caller; one thread.
 */
#ifndef KAFKA_BRIDGE_BRIDGE_CONFIG_PROBLEMS_H
#define KAFKA_BRIDGE_BRIDGE_CONFIG_PROBLEMS_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

/* A key that is not set in the file but by a parameter, whose name is told in its place. */
struct problem_place {
    char *key;  /* "kafka.linger.ms"; those below it are meant too */
    char *name; /* "/ros_to_kafka/kafka/linger.ms" */
    char *mend; /* what else to say of it; "": nothing */
};

struct problems {
    const struct problem_place *places; /* borrowed; set by the caller after problems_init */
    size_t place_count;
    size_t placed; /* problems that lie in one of them */
    char **lines;  /* "ros_to_kafka[0].format: found "xml"; one of json, fields, text, ros1" */
    size_t count;
    size_t lost; /* problems that could not be kept for want of memory */
};

void problems_init(struct problems *problems);
void problems_fini(struct problems *problems);

/* Adds a line "<path>: <text>"; an empty path gives the text alone. Where one of the places has the
 * path, it is "parameter <name>…: <text>; <mend>". */
void problems_add(struct problems *problems, const char *path, const char *format, ...)
    PRINTF_LIKE(3, 4);

/* How many there are. */
size_t problems_count(const struct problems *problems);
/* Whether anything is wrong. */
bool problems_any(const struct problems *problems);

#endif
