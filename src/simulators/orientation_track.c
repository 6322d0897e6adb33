#include "simulators/orientation_track.h"

#include "simulators/csv_reader.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define COLUMNS        5
#define NORM_TOLERANCE 0.01
#define NUMBER_SIZE    64

static const char *const column_names[COLUMNS] = {"seconds_elapsed", "qx", "qy", "qz", "qw"};

struct orientation_track {
    struct csv_reader *reader;
    bool loop;
    size_t columns[COLUMNS];
    size_t lap_samples; /* since the track last began */
    double first;       /* seconds_elapsed where it begins */
    double base;        /* of the lap, s since the first sample of all */
    double last, gap;   /* the sample before, and how long after its own predecessor it was */
};

static bool find_column(const struct csv_row *names, const char *name, size_t *column)
{
    for (size_t i = 0; i < names->count; i++)
        if (names->cells[i].length == strlen(name) &&
            memcmp(names->cells[i].text, name, strlen(name)) == 0) {
            *column = i;
            return true;
        }
    return false;
}

enum error_code orientation_track_open(const char *path, bool loop,
                                       struct orientation_track **track, struct error *error)
{
    struct orientation_track *made = calloc(1, sizeof *made);
    if (!made)
        return error_set(error, ERROR_MEMORY, path, 0, "out of memory");
    made->loop = loop;
    enum error_code code = csv_reader_open(path, ',', &made->reader, error);
    for (size_t i = 0; code == ERROR_NONE && i < COLUMNS; i++)
        if (!find_column(csv_reader_names(made->reader), column_names[i], &made->columns[i]))
            code = error_set(error, ERROR_MISSING, path, 0,
                             "has no column %s; seconds_elapsed, qx, qy, qz and qw are needed",
                             column_names[i]);
    if (code != ERROR_NONE) {
        orientation_track_close(made);
        return code;
    }
    *track = made;
    return ERROR_NONE;
}

void orientation_track_close(struct orientation_track *track)
{
    if (!track)
        return;
    csv_reader_close(track->reader);
    free(track);
}

static enum error_code fail(const struct orientation_track *track, size_t line,
                            enum error_code code, struct error *error, const char *column,
                            const char *right)
{
    char place[ERROR_PATH_SIZE];
    (void)snprintf(place, sizeof place, "%s:%zu", csv_reader_path(track->reader), line);
    return error_set(error, code, place, 0, "%s %s", column, right);
}

static bool to_number(const struct csv_cell *cell, double *value)
{
    char text[NUMBER_SIZE];
    if (cell->length == 0 || cell->length >= sizeof text)
        return false;
    memcpy(text, cell->text, cell->length);
    text[cell->length] = '\0';
    char *end;
    *value = strtod(text, &end);
    return (size_t)(end - text) == cell->length && isfinite(*value);
}

/* The next row, from the beginning again where the track loops. */
static enum error_code next_row(struct orientation_track *track, struct csv_row *row,
                                struct error *error)
{
    enum error_code code = csv_reader_next(track->reader, row, error);
    if (code != ERROR_NONE || row->count > 0 || !track->loop || track->lap_samples == 0)
        return code;
    if (track->last == track->base)
        return error_set(error, ERROR_LENGTH, csv_reader_path(track->reader), 0,
                         "cannot begin again: all of its samples have the same time");
    track->base = track->last + track->gap;
    track->lap_samples = 0;
    code = csv_reader_rewind(track->reader, error);
    return code == ERROR_NONE ? csv_reader_next(track->reader, row, error) : code;
}

static enum error_code take(struct orientation_track *track, const double *values, size_t line,
                            struct orientation_sample *sample, struct error *error)
{
    if (track->lap_samples++ == 0)
        track->first = values[0];
    double time = track->base + values[0] - track->first;
    if (time < track->last)
        return fail(track, line, ERROR_RANGE, error, column_names[0],
                    "is less than in the row before");
    double square = 0;
    for (size_t i = 0; i < 4; i++) {
        sample->quaternion[i] = values[i + 1];
        square += values[i + 1] * values[i + 1];
    }
    if (fabs(sqrt(square) - 1) > NORM_TOLERANCE)
        return fail(track, line, ERROR_RANGE, error, "qx, qy, qz, qw",
                    "are no unit quaternion: the sum of their squares must be 1");
    track->gap = time - track->last;
    track->last = sample->time = time;
    return ERROR_NONE;
}

enum error_code orientation_track_next(struct orientation_track *track,
                                       struct orientation_sample *sample, bool *done,
                                       struct error *error)
{
    struct csv_row row;
    double values[COLUMNS];
    enum error_code code = next_row(track, &row, error);
    if (code != ERROR_NONE)
        return code;
    *done = row.count == 0;
    if (*done)
        return ERROR_NONE;
    for (size_t i = 0; i < COLUMNS; i++)
        if (!to_number(&row.cells[track->columns[i]], &values[i]))
            return fail(track, row.line, ERROR_TYPE, error, column_names[i], "is no number");
    return take(track, values, row.line, sample, error);
}
