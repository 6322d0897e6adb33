/* Rows of several files in turn: one of each, and again. Knows neither ROS nor Kafka. One thread.
 */
#ifndef KAFKA_BRIDGE_SIMULATORS_PLAYLIST_H
#define KAFKA_BRIDGE_SIMULATORS_PLAYLIST_H

#include "simulators/csv_reader.h"

#include <cjson/cJSON.h>
#include <stdint.h>

#define PLAYLIST_FILES_LIMIT 512U /* they are all open at once */

struct playlist_options {
    const cJSON *files; /* a path or pattern (glob(7), ~/ too), or a list of them; borrowed */
    char delimiter;
    bool plain; /* lines as they are: csv_reader_open_plain */
    bool loop;  /* a file that has ended begins again, by itself */
};

struct playlist;

/* Opens all files, those of a pattern in the order of their names. Where something is wrong
 * `problems` gets a line for each file or pattern, and the first one's code is returned. */
enum error_code playlist_open(const struct playlist_options *options, struct playlist **playlist,
                              struct buffer *problems) MUST_CHECK;
void playlist_close(struct playlist *playlist);

struct playlist_row {
    const struct csv_row *names;
    struct csv_row row; /* count 0: all files have ended */
    uint64_t round;     /* from 0: which row of each file */
};

/* The next row, as csv_reader_next. A file that ends drops out; where it is to loop it begins again
 * and drops out only if it has no rows at all. */
enum error_code playlist_next(struct playlist *playlist, struct playlist_row *row,
                              struct error *error) MUST_CHECK;

size_t playlist_file_count(const struct playlist *playlist);

#endif
