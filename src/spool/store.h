/* One SQLite connection to a spool's file, with its statements prepared. Functions return SQLite's
 * result codes; what they mean for a spool is said by spool_store_error.
 *
 * Threads: one at a time.
 */
#ifndef KAFKA_BRIDGE_SPOOL_STORE_H
#define KAFKA_BRIDGE_SPOOL_STORE_H

#include "base/error.h"
#include "spool/extent.h"
#include "spool/spool.h"

#include <sqlite3.h>

#define SPOOL_FORMAT_VERSION 1
/* Small commits write few bytes, and large blocks are no slower: README.md has figures. */
#define SPOOL_PAGE_SIZE       4096
#define SPOOL_BUSY_TIMEOUT_MS 5000
#define SPOOL_APPLICATION_ID  0x6b627370 /* "kbsp" */

enum spool_statement {
    SPOOL_BEGIN,
    SPOOL_COMMIT,
    SPOOL_ROLLBACK,
    SPOOL_PUT_STATE,
    SPOOL_PUT_BLOCK,
    SPOOL_PUT_SEQUENCE,
    SPOOL_PUT_ORIGIN,
    SPOOL_PUT_NOTE,
    SPOOL_DELETE_BLOCKS,
    SPOOL_MEASURE,
    SPOOL_READ_BLOCK,
    SPOOL_FIRST,
    SPOOL_PAGE_COUNT, /* with those that are in the log */
    SPOOL_FREE_COUNT,
    SPOOL_STATEMENTS,
};

enum spool_store_mode {
    SPOOL_STORE_WRITER, /* makes the file where it is missing */
    SPOOL_STORE_READER, /* beside a writer of the same process */
    SPOOL_STORE_LOOK,   /* changes nothing */
    SPOOL_STORE_FROZEN, /* a file that nobody changes, on a disk that cannot be written */
};

struct spool_store {
    sqlite3 *handle; /* NULL: not open */
    sqlite3_stmt *statements[SPOOL_STATEMENTS];
    char path[SPOOL_PATH_SIZE];
};

/* Opens the file. SQLITE_OK, or what went wrong, with the store to be closed all the same: it knows
 * more for spool_store_error. A writer's new file has its tables after spool_store_make. */
int spool_store_open(struct spool_store *store, const char *path, enum spool_store_mode mode);
int spool_store_make(struct spool_store *store);
int spool_store_prepare(struct spool_store *store);

/* `checkpoint`: what the write-ahead log holds goes into the file, and the log goes. */
void spool_store_close(struct spool_store *store, bool checkpoint);

/* Runs statements without results. */
int spool_store_run(struct spool_store *store, const char *sql);

/* The one integer of a query; `*value` is untouched where there is no row. */
int spool_store_number(struct spool_store *store, const char *sql, int64_t *value);

int spool_store_begin(struct spool_store *store);
int spool_store_commit(struct spool_store *store);
void spool_store_rollback(struct spool_store *store);

int spool_store_put_state(struct spool_store *store, const struct spool_extent *progress);
int spool_store_put_block(struct spool_store *store, uint64_t identity, uint64_t at,
                          const struct spool_block *block);
int spool_store_put_sequence(struct spool_store *store, uint64_t identity, uint32_t id,
                             const char *kafka_topic, uint64_t next, uint64_t numbers);
int spool_store_put_origin(struct spool_store *store, uint64_t identity,
                           const struct spool_origin *origin);
int spool_store_put_note(struct spool_store *store, uint64_t identity, uint32_t id,
                         const char *name, uint64_t value, uint64_t commits);
int spool_store_delete_blocks(struct spool_store *store, uint64_t first, uint64_t last);

struct spool_measure {
    uint64_t blocks, records, bytes;
    uint64_t first, last; /* ids; 0 where there are no blocks */
    uint64_t at;          /* the least of theirs */
};

/* Of the blocks with ids from `first` to `last`. */
int spool_store_measure(struct spool_store *store, uint64_t first, uint64_t last,
                        struct spool_measure *measure);

/* SQLITE_EMPTY where it has none; SQLITE_CORRUPT where its checksum is wrong. */
int spool_store_get_state(struct spool_store *store, struct spool_extent *progress);

/* Of SPOOL_PAGE_COUNT or SPOOL_FREE_COUNT. */
int spool_store_count(struct spool_store *store, enum spool_statement which, uint64_t *count);

/* The first block that is kept: its id and how many records were accepted before it. SQLITE_EMPTY:
 * there is none. */
int spool_store_first(struct spool_store *store, uint64_t *id, uint64_t *at);

/* A row of the table block; the bytes are valid until spool_store_read_done. */
struct spool_block_row {
    struct spool_block_head head;
    uint64_t head_checksum;
    const void *bytes;
};

/* SQLITE_ROW, or SQLITE_DONE where there is no block above `after`. */
int spool_store_read_block(struct spool_store *store, uint64_t after, struct spool_block_row *row);
void spool_store_read_done(struct spool_store *store);

/* Whether this result means that the file is damaged, or the disk full. */
bool spool_result_is_damage(int result);
bool spool_store_is_full(struct spool_store *store, int result);

/* What the result means: ERROR_FULL, ERROR_MEMORY, or ERROR_IO with the path and SQLite's words. */
enum error_code spool_store_error(struct spool_store *store, int result, const char *what,
                                  struct error *error);

/* The checksum of an origin's row. */
uint64_t spool_origin_checksum(uint64_t identity, const struct spool_origin *origin);

/* The `flags` column. */
enum { SPOOL_ORIGIN_LATCHED = 1, SPOOL_ORIGIN_HEADERS = 2 };

#endif
