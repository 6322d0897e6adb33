/* The parameters of csv_player. Knows no ROS: they come as a cJSON tree. */
#ifndef KAFKA_BRIDGE_SIMULATORS_CSV_PLAYER_OPTIONS_H
#define KAFKA_BRIDGE_SIMULATORS_CSV_PLAYER_OPTIONS_H

#include "simulators/playlist.h"
#include "simulators/row_text.h"
#include "simulators/source.h"

struct csv_player_options {
    struct source_settings source;
    struct playlist_options playlist;
    enum row_form form;
    const char *separator; /* between the cells of ROW_TEXT; lives as long as the tree */
    double rate;           /* rows per second; 0: by `interval` */
    double interval;       /* s from one row of each file to the next */
    uint64_t count;        /* rows, 0: all */
};

/* Fills `options` from `tree` (NULL: nothing is set, which is wrong). False where anything is
 * wrong with it: then `problems` holds one line for each. */
bool csv_player_options_read(const cJSON *tree, struct csv_player_options *options,
                             struct buffer *problems) MUST_CHECK;

#endif
