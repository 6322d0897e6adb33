/* Rows of a CSV file, one after the other: RFC 4180 with a line of names first.
 *
 * Lines end with LF, CRLF or CR; a byte order mark is passed over, and so are empty lines; spaces
 * belong to the cell. Text is UTF-8. A row that has more or fewer cells than the first line, a
 * quote that is out of place, and bytes that are not UTF-8 are errors. Built on libcsv. The file is
 * read as it goes; a row has at most CSV_ROW_LIMIT bytes, so that memory is bounded.
 *
 * A plain reader takes each line as it is, as a row of one cell, the first one too.
 *
 * One thread.
 */
#ifndef KAFKA_BRIDGE_SIMULATORS_CSV_READER_H
#define KAFKA_BRIDGE_SIMULATORS_CSV_READER_H

#include "base/buffer.h"

#define CSV_ROW_LIMIT  (1U << 20) /* bytes */
#define CSV_CELL_LIMIT 4096U      /* cells of a row */

struct csv_cell {
    const char *text; /* not terminated; lives until the next row is read */
    size_t length;    /* bytes */
    bool missing;     /* nothing stands there, no quotes either */
};

struct csv_row {
    const struct csv_cell *cells;
    size_t count; /* 0: the file has ended */
    size_t line;  /* where it begins, from 1 */
};

struct csv_reader;

/* Opens `path` and reads the names. A name that is missing becomes "Unnamed: N" with its column
 * from 0, as pandas has it. The error's path is the file, or "file:line". ERROR_IO,
 * ERROR_MISSING (no names), ERROR_DUPLICATE, and csv_reader_next's. */
enum error_code csv_reader_open(const char *path, char delimiter, struct csv_reader **reader,
                                struct error *error) MUST_CHECK;
enum error_code csv_reader_open_plain(const char *path, struct csv_reader **reader,
                                      struct error *error) MUST_CHECK;
void csv_reader_close(struct csv_reader *reader);

/* The names, as cells that live as long as the reader; of a plain reader none. */
const struct csv_row *csv_reader_names(const struct csv_reader *reader);
const char *csv_reader_path(const struct csv_reader *reader);

/* The next row, in storage that is the reader's until the next call. Errors, with "file:line" as
 * path: ERROR_SYNTAX, ERROR_LENGTH (another number of cells than names), ERROR_LIMIT, ERROR_IO,
 * ERROR_MEMORY. */
enum error_code csv_reader_next(struct csv_reader *reader, struct csv_row *row,
                                struct error *error) MUST_CHECK;

/* Back to the first row. Errors as csv_reader_open's. */
enum error_code csv_reader_rewind(struct csv_reader *reader, struct error *error) MUST_CHECK;

#endif
