#include "spool/store.h"

#include "spool/checksum.h"
#include "spool/cluster.h"
#include "spool/origins.h"
#include "spool/privacy.h"
#include "spool/system.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* Blocks are appended and deleted by id, which is SQLite's rowid: no index besides. What a row says
 * of its block stands before the bytes, so that it is read without them. */
static const char *const tables =
    "CREATE TABLE IF NOT EXISTS state(id INTEGER PRIMARY KEY, identity INTEGER, version INTEGER,"
    " commits INTEGER, accepted INTEGER, trimmed INTEGER, numbers INTEGER, floor INTEGER,"
    " id_limit INTEGER, origins INTEGER, first_id INTEGER, first_at INTEGER, untold INTEGER,"
    " clean INTEGER, checksum INTEGER);"
    "CREATE TABLE IF NOT EXISTS sequence(id INTEGER PRIMARY KEY, kafka_topic TEXT, next INTEGER,"
    " numbers INTEGER, checksum INTEGER);"
    "CREATE TABLE IF NOT EXISTS origin(id INTEGER PRIMARY KEY, robot TEXT, ros_topic TEXT,"
    " ros_type TEXT, ros_md5sum TEXT, definition TEXT, kafka_topic TEXT, flags INTEGER,"
    " checksum INTEGER);"
    "CREATE TABLE IF NOT EXISTS note(id INTEGER PRIMARY KEY, name TEXT, value INTEGER,"
    " commits INTEGER, checksum INTEGER);" SPOOL_CLUSTER_TABLE
    "CREATE TABLE IF NOT EXISTS block(id INTEGER PRIMARY KEY, at INTEGER, records INTEGER, head "
    "INTEGER,"
    " checksum INTEGER, bytes BLOB);";

static const char *const texts[SPOOL_STATEMENTS] = {
    [SPOOL_BEGIN] = "BEGIN IMMEDIATE",
    [SPOOL_COMMIT] = "COMMIT",
    [SPOOL_ROLLBACK] = "ROLLBACK",
    [SPOOL_PUT_STATE] =
        "INSERT OR REPLACE INTO state VALUES(1,?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14)",
    [SPOOL_PUT_BLOCK] = "INSERT OR REPLACE INTO block VALUES(?1,?2,?3,?4,?5,?6)",
    [SPOOL_PUT_SEQUENCE] = "INSERT OR REPLACE INTO sequence VALUES(?1,?2,?3,?4,?5)",
    [SPOOL_PUT_ORIGIN] = "INSERT OR REPLACE INTO origin VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9)",
    [SPOOL_PUT_NOTE] = "INSERT OR REPLACE INTO note VALUES(?1,?2,?3,?4,?5)",
    [SPOOL_DELETE_BLOCKS] = "DELETE FROM block WHERE id BETWEEN ?1 AND ?2",
    [SPOOL_MEASURE] =
        ("SELECT count(*), sum(records), sum(length(bytes)), min(id), max(id), min(at)"
         " FROM block WHERE id BETWEEN ?1 AND ?2"),
    [SPOOL_READ_BLOCK] = ("SELECT id, at, records, head, checksum, bytes FROM block WHERE id > ?1"
                          " ORDER BY id LIMIT 1"),
    [SPOOL_PAGE_COUNT] = "PRAGMA page_count",
    [SPOOL_FREE_COUNT] = "PRAGMA freelist_count",
    [SPOOL_FIRST] = "SELECT id, at FROM block ORDER BY id LIMIT 1",
};

static int bind(sqlite3_stmt *statement, int index, uint64_t value)
{
    return sqlite3_bind_int64(statement, index, (sqlite3_int64)value);
}

static int bind_text(sqlite3_stmt *statement, int index, const char *text)
{
    return sqlite3_bind_text(statement, index, text, -1, SQLITE_STATIC);
}

static uint64_t column(sqlite3_stmt *statement, int index)
{
    return (uint64_t)sqlite3_column_int64(statement, index);
}

/* Runs a statement without results. */
static int step(sqlite3_stmt *statement)
{
    int result = sqlite3_step(statement);
    int reset = sqlite3_reset(statement);
    if (reset != SQLITE_OK)
        return reset;
    return result == SQLITE_DONE || result == SQLITE_ROW ? SQLITE_OK : result;
}

int spool_store_run(struct spool_store *store, const char *sql)
{
    return sqlite3_exec(store->handle, sql, NULL, NULL, NULL);
}

int spool_store_number(struct spool_store *store, const char *sql, int64_t *value)
{
    sqlite3_stmt *statement = NULL;
    int result = sqlite3_prepare_v2(store->handle, sql, -1, &statement, NULL);
    if (result == SQLITE_OK) {
        result = sqlite3_step(statement);
        if (result == SQLITE_ROW)
            *value = sqlite3_column_int64(statement, 0);
        if (result == SQLITE_ROW || result == SQLITE_DONE)
            result = SQLITE_OK;
    }
    int end = sqlite3_finalize(statement);
    return result != SQLITE_OK ? result : end;
}

#define SPOOL_URI_SIZE (3 * SPOOL_NAME_SIZE)

/* https://www.sqlite.org/uri.html */
static void write_frozen_uri(char uri[static SPOOL_URI_SIZE], const char *path)
{
    static const char scheme[] = "file:";
    static const char query[] = "?immutable=1";
    static const char digits[] = "0123456789ABCDEF";
    memcpy(uri, scheme, sizeof scheme - 1);
    char *to = uri + sizeof scheme - 1;
    for (; *path != '\0'; path++) {
        bool is_plain = strchr("%?#", *path) == NULL;
        *to++ = is_plain ? *path : '%';
        if (!is_plain) {
            *to++ = digits[(unsigned char)*path >> 4];
            *to++ = digits[*path & 15];
        }
    }
    memcpy(to, query, sizeof query);
}

int spool_store_open(struct spool_store *store, const char *path, enum spool_store_mode mode)
{
    *store = (struct spool_store){0};
    (void)snprintf(store->path, sizeof store->path, "%s", path);
    int flags = SQLITE_OPEN_NOMUTEX;
    if (mode == SPOOL_STORE_WRITER)
        flags |= SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    else
        flags |= mode == SPOOL_STORE_READER ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY;
    char uri[SPOOL_URI_SIZE];
    if (mode == SPOOL_STORE_FROZEN) {
        write_frozen_uri(uri, path);
        flags |= SQLITE_OPEN_URI;
    }
    if (mode == SPOOL_STORE_WRITER)
        spool_make_private(path);
    const char *name = mode == SPOOL_STORE_FROZEN ? uri : path;
    int result = sqlite3_open_v2(name, &store->handle, flags, NULL);
    if (result != SQLITE_OK)
        return result;
    (void)sqlite3_extended_result_codes(store->handle, 1);
    (void)sqlite3_busy_timeout(store->handle, SPOOL_BUSY_TIMEOUT_MS);
    /* What is damaged is looked at before it is changed: no checkpoint by the mere close. */
    (void)sqlite3_db_config(store->handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    /* The log stays where it is, with the room that was taken for it. */
    int persist = 1;
    (void)sqlite3_file_control(store->handle, "main", SQLITE_FCNTL_PERSIST_WAL, &persist);
    return spool_store_run(store, "PRAGMA temp_store=MEMORY; PRAGMA mmap_size=0;"
                                  "PRAGMA cell_size_check=ON; PRAGMA trusted_schema=OFF;"
                                  "PRAGMA secure_delete=OFF;");
}

int spool_store_make(struct spool_store *store)
{
    char sql[256];
    (void)snprintf(sql, sizeof sql, "PRAGMA page_size=%d; PRAGMA journal_mode=WAL; BEGIN",
                   SPOOL_PAGE_SIZE);
    int result = spool_store_run(store, sql);
    if (result == SQLITE_OK)
        result = spool_store_run(store, tables);
    (void)snprintf(sql, sizeof sql, "PRAGMA application_id=%d; PRAGMA user_version=%d; COMMIT",
                   SPOOL_APPLICATION_ID, SPOOL_FORMAT_VERSION);
    return result == SQLITE_OK ? spool_store_run(store, sql) : result;
}

int spool_store_prepare(struct spool_store *store)
{
    int result = SQLITE_OK;
    for (int i = 0; i < SPOOL_STATEMENTS && result == SQLITE_OK; i++)
        result = sqlite3_prepare_v3(store->handle, texts[i], -1, SQLITE_PREPARE_PERSISTENT,
                                    &store->statements[i], NULL);
    return result;
}

void spool_store_close(struct spool_store *store, bool checkpoint)
{
    for (int i = 0; i < SPOOL_STATEMENTS; i++) {
        (void)sqlite3_finalize(store->statements[i]);
        store->statements[i] = NULL;
    }
    if (store->handle && checkpoint)
        (void)sqlite3_db_config(store->handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, NULL);
    (void)sqlite3_close(store->handle);
    store->handle = NULL;
}

int spool_store_begin(struct spool_store *store)
{
    return step(store->statements[SPOOL_BEGIN]);
}

int spool_store_commit(struct spool_store *store)
{
    return step(store->statements[SPOOL_COMMIT]);
}

void spool_store_rollback(struct spool_store *store)
{
    /* SQLite has done so by itself after some errors. */
    if (!sqlite3_get_autocommit(store->handle))
        (void)step(store->statements[SPOOL_ROLLBACK]);
}

int spool_store_put_state(struct spool_store *store, const struct spool_extent *progress)
{
    sqlite3_stmt *put = store->statements[SPOOL_PUT_STATE];
    const uint64_t values[] = {
        progress->identity, SPOOL_FORMAT_VERSION,
        progress->commits,  progress->accepted,
        progress->trimmed,  progress->numbers,
        progress->floor,    progress->id_limit,
        progress->origins,  progress->first_id,
        progress->first_at, progress->untold,
        progress->clean,    spool_extent_checksum(progress),
    };
    for (int i = 0; i < (int)(sizeof values / sizeof *values); i++)
        (void)bind(put, i + 1, values[i]);
    return step(put);
}

int spool_store_get_state(struct spool_store *store, struct spool_extent *progress)
{
    sqlite3_stmt *get = NULL;
    int result = sqlite3_prepare_v2(store->handle,
                                    "SELECT identity, commits, accepted, trimmed, numbers, floor,"
                                    " id_limit, origins, first_id, first_at, untold, clean, "
                                    "checksum, version FROM state WHERE id = 1",
                                    -1, &get, NULL);
    if (result != SQLITE_OK)
        return result;
    result = sqlite3_step(get);
    if (result == SQLITE_ROW) {
        *progress = (struct spool_extent){
            .identity = column(get, 0),
            .commits = column(get, 1),
            .accepted = column(get, 2),
            .trimmed = column(get, 3),
            .numbers = column(get, 4),
            .floor = column(get, 5),
            .id_limit = column(get, 6),
            .origins = column(get, 7),
            .first_id = column(get, 8),
            .first_at = column(get, 9),
            .untold = column(get, 10),
            .clean = column(get, 11),
        };
        result = column(get, 12) == spool_extent_checksum(progress) ? SQLITE_OK : SQLITE_CORRUPT;
    } else if (result == SQLITE_DONE) {
        result = SQLITE_EMPTY;
    }
    (void)sqlite3_finalize(get);
    return result;
}

int spool_store_put_block(struct spool_store *store, uint64_t identity, uint64_t at,
                          const struct spool_block *block)
{
    sqlite3_stmt *put = store->statements[SPOOL_PUT_BLOCK];
    const void *bytes = block->bytes.length > 0 ? block->bytes.data : "";
    struct spool_block_head head = {
        .id = block->id, .at = at, .records = block->count, .size = block->bytes.length};
    head.checksum = spool_block_checksum(identity, head.id, bytes, head.size);
    (void)bind(put, 1, head.id);
    (void)bind(put, 2, head.at);
    (void)bind(put, 3, head.records);
    (void)bind(put, 4, spool_block_head_checksum(identity, &head));
    (void)bind(put, 5, head.checksum);
    int result = sqlite3_bind_blob64(put, 6, bytes, head.size, SQLITE_STATIC);
    return result == SQLITE_OK ? step(put) : result;
}

int spool_store_put_sequence(struct spool_store *store, uint64_t identity, uint32_t id,
                             const char *kafka_topic, uint64_t next, uint64_t numbers)
{
    sqlite3_stmt *put = store->statements[SPOOL_PUT_SEQUENCE];
    (void)bind(put, 1, id);
    int result = bind_text(put, 2, kafka_topic);
    (void)bind(put, 3, next);
    (void)bind(put, 4, numbers);
    (void)bind(put, 5, spool_sequence_checksum(identity, kafka_topic, next, numbers));
    return result == SQLITE_OK ? step(put) : result;
}

int spool_store_put_note(struct spool_store *store, uint64_t identity, uint32_t id,
                         const char *name, uint64_t value, uint64_t commits)
{
    sqlite3_stmt *put = store->statements[SPOOL_PUT_NOTE];
    (void)bind(put, 1, id);
    int result = bind_text(put, 2, name);
    (void)bind(put, 3, value);
    (void)bind(put, 4, commits);
    (void)bind(put, 5, spool_note_checksum(identity, name, value, commits));
    return result == SQLITE_OK ? step(put) : result;
}

static uint64_t flags_of(const struct spool_origin *origin)
{
    return (origin->latched ? SPOOL_ORIGIN_LATCHED : 0U) |
           (origin->headers ? SPOOL_ORIGIN_HEADERS : 0U);
}

uint64_t spool_origin_checksum(uint64_t identity, const struct spool_origin *origin)
{
    const uint64_t row[] = {identity, origin->id, flags_of(origin)};
    const char *const names[] = {origin->robot,      origin->ros_topic,  origin->ros_type,
                                 origin->ros_md5sum, origin->definition, origin->kafka_topic};
    uint64_t checksum = spool_checksum(row, sizeof row, 0);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        checksum = spool_checksum_text(names[i], checksum);
    const char *publisher = spool_origin_publisher(origin);
    return *publisher ? spool_checksum_text(publisher, checksum) : checksum;
}

int spool_store_put_origin(struct spool_store *store, uint64_t identity,
                           const struct spool_origin *origin)
{
    sqlite3_stmt *put = store->statements[SPOOL_PUT_ORIGIN];
    const char *const names[] = {origin->robot,      origin->ros_topic,  origin->ros_type,
                                 origin->ros_md5sum, origin->definition, origin->kafka_topic};
    int result = bind(put, 1, origin->id);
    for (int i = 0; i < 6 && result == SQLITE_OK; i++)
        result = bind_text(put, i + 2, names[i]);
    const char *publisher = spool_origin_publisher(origin);
    if (result == SQLITE_OK && *publisher) {
        char *both = sqlite3_mprintf("%s %s", origin->ros_topic, publisher);
        result = both ? sqlite3_bind_text(put, 3, both, -1, sqlite3_free) : SQLITE_NOMEM;
    }
    (void)bind(put, 8, flags_of(origin));
    (void)bind(put, 9, spool_origin_checksum(identity, origin));
    return result == SQLITE_OK ? step(put) : result;
}

int spool_store_delete_blocks(struct spool_store *store, uint64_t first, uint64_t last)
{
    sqlite3_stmt *delete = store->statements[SPOOL_DELETE_BLOCKS];
    (void)bind(delete, 1, first);
    (void)bind(delete, 2, last);
    return step(delete);
}

int spool_store_measure(struct spool_store *store, uint64_t first, uint64_t last,
                        struct spool_measure *measure)
{
    sqlite3_stmt *get = store->statements[SPOOL_MEASURE];
    (void)bind(get, 1, first);
    (void)bind(get, 2, last);
    int result = sqlite3_step(get);
    if (result == SQLITE_ROW)
        *measure = (struct spool_measure){column(get, 0), column(get, 1), column(get, 2),
                                          column(get, 3), column(get, 4), column(get, 5)};
    int reset = sqlite3_reset(get);
    return result == SQLITE_ROW ? SQLITE_OK : reset;
}

int spool_store_count(struct spool_store *store, enum spool_statement which, uint64_t *count)
{
    int result = sqlite3_step(store->statements[which]);
    if (result == SQLITE_ROW)
        *count = column(store->statements[which], 0);
    int reset = sqlite3_reset(store->statements[which]);
    return result == SQLITE_ROW ? SQLITE_OK : reset;
}

int spool_store_first(struct spool_store *store, uint64_t *id, uint64_t *at)
{
    sqlite3_stmt *get = store->statements[SPOOL_FIRST];
    int result = sqlite3_step(get);
    if (result == SQLITE_ROW) {
        *id = column(get, 0);
        *at = column(get, 1);
    }
    int reset = sqlite3_reset(get);
    if (result == SQLITE_ROW)
        return SQLITE_OK;
    return result == SQLITE_DONE ? SQLITE_EMPTY : reset;
}

int spool_store_read_block(struct spool_store *store, uint64_t after, struct spool_block_row *row)
{
    sqlite3_stmt *get = store->statements[SPOOL_READ_BLOCK];
    (void)bind(get, 1, after);
    int result = sqlite3_step(get);
    if (result != SQLITE_ROW)
        return result;
    *row = (struct spool_block_row){
        .head = {.id = column(get, 0),
                 .at = column(get, 1),
                 .records = column(get, 2),
                 .checksum = column(get, 4)},
        .head_checksum = column(get, 3),
        .bytes = sqlite3_column_blob(get, 5),
    };
    row->head.size = (uint64_t)sqlite3_column_bytes(get, 5);
    /* Overflow pages are read only now: what is wrong with them shows here. */
    if (!row->bytes && sqlite3_column_type(get, 5) == SQLITE_BLOB) {
        int code = sqlite3_extended_errcode(store->handle);
        if (code != SQLITE_ROW && code != SQLITE_OK && code != SQLITE_DONE)
            return code;
    }
    return SQLITE_ROW;
}

void spool_store_read_done(struct spool_store *store)
{
    (void)sqlite3_reset(store->statements[SPOOL_READ_BLOCK]);
}

bool spool_result_is_damage(int result)
{
    int primary = result & 0xff;
    return primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB ||
           result == SQLITE_IOERR_SHORT_READ;
}

bool spool_store_is_full(struct spool_store *store, int result)
{
    int primary = result & 0xff;
    if (primary == SQLITE_FULL || result == SQLITE_IOERR_SHMSIZE)
        return true;
    return primary == SQLITE_IOERR && spool_is_full_errno(sqlite3_system_errno(store->handle));
}

enum error_code spool_store_error(struct spool_store *store, int result, const char *what,
                                  struct error *error)
{
    if (spool_store_is_full(store, result))
        return spool_full_error(error, store->path);
    int primary = result & 0xff;
    if (primary == SQLITE_NOMEM)
        return error_set(error, ERROR_MEMORY, store->path, 0, "%s: no memory", store->path);
    int number = store->handle ? sqlite3_system_errno(store->handle) : 0;
    bool of_system = primary == SQLITE_CANTOPEN || primary == SQLITE_IOERR ||
                     primary == SQLITE_PERM || primary == SQLITE_READONLY;
    if (of_system && number != 0)
        return spool_system_error(error, number, store->path, what);
    if (primary == SQLITE_READONLY)
        return spool_system_error(error, EROFS, store->path, what);
    return error_set(error, ERROR_IO, store->path, 0, "%s %s: %s", store->path, what,
                     sqlite3_errstr(result));
}
