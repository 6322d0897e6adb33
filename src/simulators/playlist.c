#include "simulators/playlist.h"

#include <glob.h>
#include <stdlib.h>

struct entry {
    struct csv_reader *reader;
    bool ended;
};

struct playlist {
    struct playlist_options options;
    struct entry *entries;
    size_t count;
    size_t turn;
    uint64_t round;
};

/* Fills `problems`; returns the first code that was not ERROR_NONE. */
struct opening {
    struct playlist *playlist;
    struct buffer *problems;
    enum error_code code;
};

static void complain(struct opening *opening, const struct error *error)
{
    if (opening->code == ERROR_NONE)
        opening->code = error->code;
    if (buffer_append_format(opening->problems, "%s: %s\n", error->path, error->text) != ERROR_NONE)
        opening->code = ERROR_MEMORY;
}

static void open_file(struct opening *opening, const char *path)
{
    struct playlist *playlist = opening->playlist;
    struct error error;
    if (playlist->count == PLAYLIST_FILES_LIMIT) {
        (void)error_set(&error, ERROR_LIMIT, path, 0, "is one file too many: %u can be played",
                        PLAYLIST_FILES_LIMIT);
        complain(opening, &error);
        return;
    }
    struct csv_reader **reader = &playlist->entries[playlist->count].reader;
    enum error_code code = playlist->options.plain
                               ? csv_reader_open_plain(path, reader, &error)
                               : csv_reader_open(path, playlist->options.delimiter, reader, &error);
    if (code != ERROR_NONE)
        complain(opening, &error);
    else
        playlist->count++;
}

static void open_pattern(struct opening *opening, const char *pattern)
{
    struct error error;
    glob_t found;
    int result = glob(pattern, GLOB_TILDE, NULL, &found);
    if (result != 0) {
        (void)error_set(&error, result == GLOB_NOSPACE ? ERROR_MEMORY : ERROR_MISSING, pattern, 0,
                        result == GLOB_NOSPACE ? "out of memory" : "there is no such file");
        complain(opening, &error);
        return;
    }
    for (size_t i = 0; i < found.gl_pathc && opening->code != ERROR_LIMIT; i++)
        open_file(opening, found.gl_pathv[i]);
    globfree(&found);
}

enum error_code playlist_open(const struct playlist_options *options, struct playlist **playlist,
                              struct buffer *problems)
{
    struct playlist *made = calloc(1, sizeof *made);
    if (!made)
        return ERROR_MEMORY;
    made->options = *options;
    made->entries = calloc(PLAYLIST_FILES_LIMIT, sizeof *made->entries);
    struct opening opening = {.playlist = made, .problems = problems};
    if (!made->entries)
        opening.code = ERROR_MEMORY;
    else if (cJSON_IsString(options->files))
        open_pattern(&opening, options->files->valuestring);
    else
        for (const cJSON *item = options->files->child; item; item = item->next)
            open_pattern(&opening, item->valuestring);
    if (opening.code != ERROR_NONE) {
        playlist_close(made);
        return opening.code;
    }
    *playlist = made;
    return ERROR_NONE;
}

void playlist_close(struct playlist *playlist)
{
    if (!playlist)
        return;
    for (size_t i = 0; i < playlist->count; i++)
        csv_reader_close(playlist->entries[i].reader);
    free(playlist->entries);
    free(playlist);
}

static enum error_code read_entry(const struct playlist *playlist, struct entry *entry,
                                  struct csv_row *row, struct error *error)
{
    enum error_code code = csv_reader_next(entry->reader, row, error);
    if (code == ERROR_NONE && row->count == 0 && playlist->options.loop) {
        code = csv_reader_rewind(entry->reader, error);
        if (code == ERROR_NONE)
            code = csv_reader_next(entry->reader, row, error);
    }
    entry->ended = code == ERROR_NONE && row->count == 0;
    return code;
}

enum error_code playlist_next(struct playlist *playlist, struct playlist_row *row,
                              struct error *error)
{
    *row = (struct playlist_row){0};
    for (size_t tried = 0; tried < playlist->count; tried++) {
        struct entry *entry = &playlist->entries[playlist->turn];
        row->round = playlist->round;
        row->names = csv_reader_names(entry->reader);
        enum error_code code = ERROR_NONE;
        if (!entry->ended)
            code = read_entry(playlist, entry, &row->row, error);
        if (code != ERROR_NONE)
            return code;
        playlist->turn = (playlist->turn + 1) % playlist->count;
        playlist->round += playlist->turn == 0;
        if (!entry->ended)
            return ERROR_NONE;
    }
    row->row.count = 0;
    return ERROR_NONE;
}

size_t playlist_file_count(const struct playlist *playlist)
{
    return playlist->count;
}
