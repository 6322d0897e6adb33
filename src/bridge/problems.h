/* What is wrong with a configuration: all of it, not only the first thing found.
 *
 * Each problem names the key's full path, what was found and what would be right. Owned by the
 * caller; one thread.
 */
#ifndef KAFKA_BRIDGE_BRIDGE_PROBLEMS_H
#define KAFKA_BRIDGE_BRIDGE_PROBLEMS_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

struct problems {
    char **lines; /* "ros_to_kafka[0].format: found "xml"; one of json, fields, text, ros1" */
    size_t count;
    size_t lost; /* problems that could not be kept for want of memory */
};

void problems_init(struct problems *problems);
void problems_fini(struct problems *problems);

/* Adds a line "<path>: <text>"; an empty path gives the text alone. */
void problems_add(struct problems *problems, const char *path, const char *format, ...)
    PRINTF_LIKE(3, 4);

/* Whether anything is wrong. */
bool problems_any(const struct problems *problems);

#endif
