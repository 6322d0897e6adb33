/* The rows of a SQLite file whose b-trees cannot be relied on: every leaf page is looked at by
 * itself, whatever leads to it, and a row's overflow pages are followed.
 *
 * Format: https://www.sqlite.org/fileformat2.html, sections 1.6 (b-tree pages), 2.1 (records) and 4
 * (the write-ahead log). What is found may be stale: pages that are free still hold what they held.
 * Rows are told apart, and right from wrong, by their checksums, which is the caller's part.
 */
#ifndef KAFKA_BRIDGE_SPOOL_PAGES_H
#define KAFKA_BRIDGE_SPOOL_PAGES_H

#include "base/buffer.h"

#include <stdint.h>

/* Which of a page's copies is taken. */
enum spool_pages_view {
    SPOOL_PAGES_NEWEST, /* the last one committed to the log, though frames before it be damaged */
    SPOOL_PAGES_SOUND,  /* the last one in the part of the log whose checksums are right */
    SPOOL_PAGES_FILE,   /* the file's, as if there were no log */
};

#define SPOOL_PAGES_COLUMNS 16

struct spool_column {
    enum spool_column_kind { SPOOL_COLUMN_OTHER, SPOOL_COLUMN_NUMBER, SPOOL_COLUMN_BYTES } kind;
    uint64_t number;
    const char *bytes; /* not terminated */
    uint64_t size;
};

struct spool_page_row {
    uint64_t id; /* its rowid */
    int count;
    struct spool_column columns[SPOOL_PAGES_COLUMNS]; /* the rowid's own, the first, is OTHER */
};

struct spool_pages {
    int file; /* -1: there is none */
    int log;
    uint32_t page_size;
    uint64_t file_pages; /* of the file, */
    uint32_t page_count; /* and with those that are in the log only */
    uint32_t *frames; /* of each page, from 1: the frame of the log that holds it; 0: none does */
    uint64_t frame_count;
    char *page;
    char *overflow;
    struct buffer payload;
};

/* Opens the file at `path` and the log beside it, of pages of `page_size` bytes. Files that are not
 * there have no rows. ERROR_IO, ERROR_MEMORY. */
enum error_code spool_pages_open(struct spool_pages *pages, const char *path, uint32_t page_size,
                                 struct error *error) MUST_CHECK;
void spool_pages_close(struct spool_pages *pages);

/* Calls `visit` with each row of each leaf page, valid during the call; ends where it returns
 * something else than ERROR_NONE, with that. */
enum error_code spool_pages_visit(struct spool_pages *pages, enum spool_pages_view view,
                                  enum error_code (*visit)(void *user,
                                                           const struct spool_page_row *row),
                                  void *user) MUST_CHECK;

#endif
