/* The parameters of chamber_plot. Knows no ROS: they come as a cJSON tree. */
#ifndef KAFKA_BRIDGE_VIEWERS_CHAMBER_PLOT_OPTIONS_H
#define KAFKA_BRIDGE_VIEWERS_CHAMBER_PLOT_OPTIONS_H

#include "base/buffer.h"

#include <cjson/cJSON.h>
#include <stdbool.h>

struct chamber_plot_options {
    int width, height; /* pixels */
    const char *file;  /* where each picture is written, "": nowhere; lives as long as the tree */
};

/* Fills `options` from `tree` (NULL: all defaults). False where anything is wrong with it: then
 * `problems` holds one line for each, with the parameter, what was found and what is right. */
bool chamber_plot_options_read(const cJSON *tree, struct chamber_plot_options *options,
                               struct buffer *problems) MUST_CHECK;

#endif
