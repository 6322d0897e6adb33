#include "simulators/csv_reader.h"

#include "message/values/utf8.h"

#include <csv.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define PATH_LINE_SIZE ERROR_PATH_SIZE

/* Cells as they are gathered: where their text begins in `text`, which may still move. */
struct gathered {
    struct buffer text;
    struct csv_cell *cells;
    size_t *offsets;
    size_t count, capacity;
};

struct csv_reader {
    char *path;
    FILE *file;
    bool plain;
    char delimiter;
    struct csv_parser parser;
    bool has_parser;
    struct gathered row, names;
    struct csv_row name_row;
    bool row_ended;        /* the parser has seen the end of a row */
    enum error_code fault; /* of a callback */
    size_t line, row_line; /* where we are, and where the row began */
    int last;              /* the byte before, so that CRLF counts once */
};

static int no_space(unsigned char byte)
{
    (void)byte;
    return 0;
}

static void gathered_init(struct gathered *gathered)
{
    *gathered = (struct gathered){0};
    buffer_init(&gathered->text, CSV_ROW_LIMIT);
}

static void gathered_fini(struct gathered *gathered)
{
    buffer_fini(&gathered->text);
    free(gathered->cells);
    free(gathered->offsets);
}

static void gathered_clear(struct gathered *gathered)
{
    buffer_clear(&gathered->text);
    gathered->count = 0;
}

static enum error_code gathered_grow(struct gathered *gathered)
{
    if (gathered->count == CSV_CELL_LIMIT)
        return ERROR_LIMIT;
    size_t capacity = gathered->capacity ? 2 * gathered->capacity : 16;
    struct csv_cell *cells = realloc(gathered->cells, capacity * sizeof *cells);
    if (!cells)
        return ERROR_MEMORY;
    gathered->cells = cells;
    size_t *offsets = realloc(gathered->offsets, capacity * sizeof *offsets);
    if (!offsets)
        return ERROR_MEMORY;
    gathered->offsets = offsets;
    gathered->capacity = capacity;
    return ERROR_NONE;
}

static enum error_code gathered_add(struct gathered *gathered, const void *text, size_t length)
{
    enum error_code code = ERROR_NONE;
    if (gathered->count == gathered->capacity)
        code = gathered_grow(gathered);
    size_t offset = gathered->text.length;
    if (code == ERROR_NONE)
        code = buffer_append(&gathered->text, text, length);
    if (code != ERROR_NONE)
        return code;
    gathered->offsets[gathered->count] = offset;
    gathered->cells[gathered->count] = (struct csv_cell){.length = length, .missing = !text};
    gathered->count++;
    return ERROR_NONE;
}

/* The texts do not move any more. */
static void gathered_settle(struct gathered *gathered)
{
    for (size_t i = 0; i < gathered->count; i++)
        gathered->cells[i].text =
            gathered->text.data ? gathered->text.data + gathered->offsets[i] : "";
}

static enum error_code fail(const struct csv_reader *reader, enum error_code code,
                            struct error *error, const char *text)
{
    char place[PATH_LINE_SIZE];
    (void)snprintf(place, sizeof place, "%s:%zu", reader->path, reader->row_line);
    return error_set(error, code, place, 0, "%s", text);
}

static enum error_code fail_with(const struct csv_reader *reader, enum error_code code,
                                 struct error *error)
{
    switch (code) {
    case ERROR_LIMIT:
        return fail(reader, code, error,
                    "the row is longer than 1 MiB or has more than 4096 cells: is a quote "
                    "missing?");
    case ERROR_MEMORY:
        return fail(reader, code, error, "out of memory");
    default:
        return fail(reader, code, error,
                    "a quote is out of place: a cell that has quotes in it is put in quotes, "
                    "and each of them is doubled (RFC 4180)");
    }
}

static void take_cell(void *text, size_t length, void *user)
{
    struct csv_reader *reader = user;
    if (reader->fault == ERROR_NONE)
        reader->fault = gathered_add(&reader->row, text, length);
}

static void take_end(int byte, void *user)
{
    (void)byte;
    ((struct csv_reader *)user)->row_ended = true;
}

/* The next byte, with lines counted; EOF at the end. */
static int next_byte(struct csv_reader *reader)
{
    int byte = getc_unlocked(reader->file);
    if (byte == '\r' || (byte == '\n' && reader->last != '\r'))
        reader->line++;
    reader->last = byte;
    return byte;
}

static enum error_code check_io(const struct csv_reader *reader, struct error *error)
{
    if (!ferror(reader->file))
        return ERROR_NONE;
    return error_set(error, ERROR_IO, reader->path, 0, "cannot be read: %s", strerror(errno));
}

static enum error_code feed(struct csv_reader *reader, int byte)
{
    unsigned char one = (unsigned char)byte;
    if (csv_parse(&reader->parser, &one, 1, take_cell, take_end, reader) == 1)
        return reader->fault;
    return csv_error(&reader->parser) == CSV_ENOMEM ? ERROR_MEMORY : ERROR_SYNTAX;
}

/* Byte by byte, so that the parser never holds more than one row. */
static enum error_code gather_parsed(struct csv_reader *reader)
{
    enum error_code code = ERROR_NONE;
    for (size_t size = 0; code == ERROR_NONE && !reader->row_ended;) {
        size_t line = reader->line;
        int byte = next_byte(reader);
        if (byte == EOF) {
            if (csv_fini(&reader->parser, take_cell, take_end, reader) != 0)
                return ERROR_SYNTAX;
            return reader->fault;
        }
        if (size > 0 || (byte != '\n' && byte != '\r')) {
            if (size++ == 0)
                reader->row_line = line;
            if (size > CSV_ROW_LIMIT)
                return ERROR_LIMIT;
        }
        code = feed(reader, byte);
    }
    return code;
}

static enum error_code gather_plain(struct csv_reader *reader)
{
    struct buffer *text = &reader->row.text;
    enum error_code code = ERROR_NONE;
    bool any = false;
    reader->row_line = reader->line;
    for (int byte; code == ERROR_NONE && (byte = next_byte(reader)) != EOF && byte != '\n';) {
        any = true;
        code = buffer_append(text, &(char){(char)byte}, 1);
    }
    if (code != ERROR_NONE || (!any && reader->last == EOF))
        return code;
    if (text->length > 0 && text->data[text->length - 1] == '\r')
        text->length--;
    size_t length = text->length;
    code = gathered_add(&reader->row, "", 0);
    if (code == ERROR_NONE) {
        reader->row.offsets[0] = 0;
        reader->row.cells[0].length = length;
    }
    return code;
}

static bool is_utf8(const struct csv_cell *cell)
{
    const uint8_t *bytes = (const uint8_t *)cell->text;
    for (size_t at = 0, length; at < cell->length; at += length) {
        length = utf8_length(bytes + at, cell->length - at);
        if (length == 0)
            return false;
    }
    return true;
}

/* A row as it stands in the file, checked for nothing but its text. */
static enum error_code gather(struct csv_reader *reader, struct error *error)
{
    gathered_clear(&reader->row);
    reader->row_ended = false;
    reader->fault = ERROR_NONE;
    enum error_code code = reader->plain ? gather_plain(reader) : gather_parsed(reader);
    if (code != ERROR_NONE)
        return fail_with(reader, code, error);
    code = check_io(reader, error);
    if (code != ERROR_NONE)
        return code;
    gathered_settle(&reader->row);
    for (size_t i = 0; i < reader->row.count; i++)
        if (!is_utf8(&reader->row.cells[i]))
            return fail(reader, ERROR_SYNTAX, error,
                        "a cell is not UTF-8; iconv -f latin1 -t utf-8 FILE converts one from "
                        "Latin 1");
    return ERROR_NONE;
}

/* Moves the names out of the row, with those that are missing made up. */
static enum error_code keep_names(struct csv_reader *reader, struct error *error)
{
    struct gathered *names = &reader->names;
    gathered_clear(names);
    for (size_t i = 0; i < reader->row.count; i++) {
        const struct csv_cell *cell = &reader->row.cells[i];
        char made_up[32];
        (void)snprintf(made_up, sizeof made_up, "Unnamed: %zu", i);
        enum error_code code = cell->length > 0 ? gathered_add(names, cell->text, cell->length)
                                                : gathered_add(names, made_up, strlen(made_up));
        if (code != ERROR_NONE)
            return fail_with(reader, code, error);
    }
    gathered_settle(names);
    reader->name_row = (struct csv_row){names->cells, names->count, reader->row_line};
    for (size_t i = 0; i < names->count; i++)
        for (size_t j = 0; j < i; j++)
            if (names->cells[i].length == names->cells[j].length &&
                memcmp(names->cells[i].text, names->cells[j].text, names->cells[i].length) == 0)
                return fail(reader, ERROR_DUPLICATE, error, "two columns have the same name");
    return ERROR_NONE;
}

static enum error_code skip_mark(struct csv_reader *reader, struct error *error)
{
    unsigned char mark[3];
    size_t size = fread(mark, 1, sizeof mark, reader->file);
    if (size == sizeof mark && memcmp(mark, "\xEF\xBB\xBF", sizeof mark) == 0)
        return ERROR_NONE;
    if (size >= 2 && ((mark[0] == 0xFF && mark[1] == 0xFE) || (mark[0] == 0xFE && mark[1] == 0xFF)))
        return error_set(error, ERROR_SYNTAX, reader->path, 0,
                         "is UTF-16; iconv -f utf-16 -t utf-8 FILE converts it");
    rewind(reader->file);
    return ERROR_NONE;
}

enum error_code csv_reader_rewind(struct csv_reader *reader, struct error *error)
{
    if (reader->has_parser)
        csv_free(&reader->parser);
    reader->has_parser = false;
    if (csv_init(&reader->parser, CSV_STRICT | CSV_STRICT_FINI | CSV_EMPTY_IS_NULL) != 0)
        return error_set(error, ERROR_MEMORY, reader->path, 0, "out of memory");
    reader->has_parser = true;
    csv_set_delim(&reader->parser, (unsigned char)reader->delimiter);
    csv_set_space_func(&reader->parser, no_space);
    rewind(reader->file);
    reader->line = reader->row_line = 1;
    reader->last = 0;
    errno = 0;
    enum error_code code = skip_mark(reader, error);
    if (code == ERROR_NONE)
        code = check_io(reader, error);
    if (code != ERROR_NONE || reader->plain)
        return code;
    code = gather(reader, error);
    if (code != ERROR_NONE)
        return code;
    if (reader->row.count == 0)
        return error_set(error, ERROR_MISSING, reader->path, 0,
                         "is empty: the first line must hold the columns' names");
    return keep_names(reader, error);
}

static enum error_code open_file(const char *path, char delimiter, bool plain,
                                 struct csv_reader **reader, struct error *error)
{
    struct csv_reader *made = calloc(1, sizeof *made);
    char *copy = strdup(path);
    if (!made || !copy) {
        free(made);
        free(copy);
        return error_set(error, ERROR_MEMORY, path, 0, "out of memory");
    }
    made->path = copy;
    made->delimiter = delimiter;
    made->plain = plain;
    gathered_init(&made->row);
    gathered_init(&made->names);
    made->file = fopen(path, "rbe");
    enum error_code code = ERROR_NONE;
    if (!made->file)
        code = error_set(error, ERROR_IO, path, 0, "cannot be opened: %s", strerror(errno));
    if (code == ERROR_NONE)
        code = csv_reader_rewind(made, error);
    if (code != ERROR_NONE) {
        csv_reader_close(made);
        return code;
    }
    *reader = made;
    return ERROR_NONE;
}

enum error_code csv_reader_open(const char *path, char delimiter, struct csv_reader **reader,
                                struct error *error)
{
    return open_file(path, delimiter, false, reader, error);
}

enum error_code csv_reader_open_plain(const char *path, struct csv_reader **reader,
                                      struct error *error)
{
    return open_file(path, ',', true, reader, error);
}

void csv_reader_close(struct csv_reader *reader)
{
    if (!reader)
        return;
    if (reader->file)
        (void)fclose(reader->file);
    if (reader->has_parser)
        csv_free(&reader->parser);
    gathered_fini(&reader->row);
    gathered_fini(&reader->names);
    free(reader->path);
    free(reader);
}

const struct csv_row *csv_reader_names(const struct csv_reader *reader)
{
    return &reader->name_row;
}

const char *csv_reader_path(const struct csv_reader *reader)
{
    return reader->path;
}

enum error_code csv_reader_next(struct csv_reader *reader, struct csv_row *row, struct error *error)
{
    enum error_code code = gather(reader, error);
    if (code != ERROR_NONE)
        return code;
    size_t count = reader->row.count, names = reader->name_row.count;
    if (!reader->plain && count > 0 && count != names) {
        char text[96];
        (void)snprintf(text, sizeof text, "the row has %zu cells; there are %zu columns", count,
                       names);
        return fail(reader, ERROR_LENGTH, error, text);
    }
    *row = (struct csv_row){reader->row.cells, count, reader->row_line};
    return ERROR_NONE;
}
