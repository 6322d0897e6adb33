/* From the file into memory: origins, sequences, and how much is kept. */
#include "spool/spool_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *text(sqlite3_stmt *row, int index)
{
    const char *value = (const char *)sqlite3_column_text(row, index);
    return value ? value : "";
}

/* A row whose checksum is wrong is damaged, unless there was no memory to read it. */
static int wrong(sqlite3_stmt *row)
{
    int code = sqlite3_errcode(sqlite3_db_handle(row));
    return code == SQLITE_NOMEM ? SQLITE_NOMEM : SQLITE_CORRUPT;
}

static uint64_t number(sqlite3_stmt *row, int index)
{
    return (uint64_t)sqlite3_column_int64(row, index);
}

static int load_origin(struct spool *spool, sqlite3_stmt *row)
{
    uint64_t flags = number(row, 7);
    const char *publisher;
    char *topic = strdup(text(row, 2));
    if (!topic)
        return SQLITE_NOMEM;
    spool_origin_split(topic, &publisher);
    const struct spool_origin origin = {
        .id = (uint32_t)number(row, 0),
        .robot = text(row, 1),
        .ros_topic = topic,
        .ros_type = text(row, 3),
        .ros_md5sum = text(row, 4),
        .definition = text(row, 5),
        .kafka_topic = text(row, 6),
        .publisher = publisher,
        .latched = (flags & SPOOL_ORIGIN_LATCHED) != 0,
        .headers = (flags & SPOOL_ORIGIN_HEADERS) != 0,
    };
    bool right = spool_origin_checksum(spool->mark.progress.identity, &origin) == number(row, 8);
    enum error_code code = right ? spool_origins_put(&spool->origins, &origin) : ERROR_NONE;
    free(topic);
    if (!right)
        return wrong(row);
    return code == ERROR_NONE ? SQLITE_OK : code == ERROR_MEMORY ? SQLITE_NOMEM : SQLITE_CORRUPT;
}

static int load_sequence(struct spool *spool, sqlite3_stmt *row)
{
    const char *kafka_topic = text(row, 1);
    uint64_t next = number(row, 2);
    uint64_t identity = spool->mark.progress.identity;
    if (spool_sequence_checksum(identity, kafka_topic, next, number(row, 3)) != number(row, 4) ||
        number(row, 0) != spool->sequences.count + 1)
        return wrong(row);
    return spool_sequences_add(&spool->sequences, kafka_topic, next) ? SQLITE_OK : SQLITE_NOMEM;
}

/* They come with those first that were committed last. */
static int load_note(struct spool *spool, sqlite3_stmt *row)
{
    const char *name = text(row, 1);
    uint64_t value = number(row, 2);
    if (spool_note_checksum(spool->mark.progress.identity, name, value, number(row, 3)) !=
        number(row, 4))
        return wrong(row);
    struct spool_note_entry *entry = spool_notes_add(&spool->notes, name, (uint32_t)number(row, 0));
    if (!entry)
        return SQLITE_NOMEM;
    entry->note = (struct spool_note){.known = true, .found = value, .value = value};
    return SQLITE_OK;
}

static int load_rows(struct spool *spool, struct spool_store *store, const char *sql,
                     int (*load)(struct spool *spool, sqlite3_stmt *row))
{
    sqlite3_stmt *rows = NULL;
    int result = sqlite3_prepare_v2(store->handle, sql, -1, &rows, NULL);
    while (result == SQLITE_OK) {
        result = sqlite3_step(rows);
        if (result != SQLITE_ROW)
            break;
        result = load(spool, rows);
    }
    (void)sqlite3_finalize(rows);
    return result == SQLITE_DONE ? SQLITE_OK : result;
}

int spool_load(struct spool *spool, struct spool_store *store)
{
    char notes[160];
    (void)snprintf(notes, sizeof notes,
                   "SELECT id, name, value, commits, checksum FROM note"
                   " ORDER BY commits DESC LIMIT %d",
                   SPOOL_NOTES_LIMIT);
    int result = load_rows(spool, store,
                           "SELECT id, robot, ros_topic, ros_type, ros_md5sum, definition,"
                           " kafka_topic, flags, checksum FROM origin ORDER BY id",
                           load_origin);
    if (result == SQLITE_OK)
        result = load_rows(spool, store,
                           "SELECT id, kafka_topic, next, numbers, checksum FROM sequence"
                           " ORDER BY id",
                           load_sequence);
    if (result == SQLITE_OK)
        result = load_rows(spool, store, notes, load_note);
    if (result == SQLITE_OK)
        result = spool_store_get_cluster(store, spool->mark.progress.identity, &spool->cluster);
    if (result == SQLITE_OK)
        result = spool_store_measure(store, 0, INT64_MAX, &spool->kept);
    uint64_t first_id = 0;
    uint64_t first_at = 0;
    if (result == SQLITE_OK)
        result = spool_store_first(store, &first_id, &first_at);
    spool->in_order = result == SQLITE_EMPTY || first_at == spool->kept.at;
    if (result == SQLITE_EMPTY)
        result = SQLITE_OK;
    if (result == SQLITE_OK &&
        spool_origins_skip(&spool->origins, spool->mark.progress.origins) != ERROR_NONE)
        result = SQLITE_NOMEM;
    if (result == SQLITE_OK)
        spool->origins.committed = spool->origins.count;
    return result;
}
