#include "spool/salvage_rows.h"

#include <stdlib.h>

#define COMMIT_BYTES (UINT64_C(8) << 20)

void spool_rows_fini(struct spool_rows *rows)
{
    spool_sequences_fini(&rows->sequences);
    spool_notes_fini(&rows->notes);
    spool_origins_fini(&rows->origins);
}

/* Whether the row has these columns: `n`umber or `b`ytes for each behind the first. */
static bool has_columns(const struct spool_page_row *row, const char *kinds)
{
    if (row->count != (int)strlen(kinds) + 1)
        return false;
    for (int i = 1; i < row->count; i++) {
        enum spool_column_kind kind =
            kinds[i - 1] == 'n' ? SPOOL_COLUMN_NUMBER : SPOOL_COLUMN_BYTES;
        if (row->columns[i].kind != kind)
            return false;
    }
    return true;
}

static uint64_t number(const struct spool_page_row *row, int column)
{
    return row->columns[column].number;
}

enum error_code spool_rows_find_state(void *user, const struct spool_page_row *row)
{
    struct spool_rows *rows = user;
    if (!has_columns(row, "nnnnnnnnnnnnnn"))
        return ERROR_NONE;
    const struct spool_extent progress = {
        .identity = number(row, 1),
        .commits = number(row, 3),
        .accepted = number(row, 4),
        .trimmed = number(row, 5),
        .numbers = number(row, 6),
        .floor = number(row, 7),
        .id_limit = number(row, 8),
        .origins = number(row, 9),
        .first_id = number(row, 10),
        .first_at = number(row, 11),
        .untold = number(row, 12),
        .clean = number(row, 13),
    };
    if (number(row, 14) == spool_extent_checksum(&progress) && progress.identity != 0 &&
        (rows->identity == 0 || rows->identity == progress.identity) &&
        (rows->progress.identity == 0 || progress.commits > rows->progress.commits))
        rows->progress = progress;
    return ERROR_NONE;
}

/* A text column with its NUL. NULL where memory ran out. */
static char *text_of(const struct spool_column *column)
{
    char *text = malloc(column->size + 1);
    if (text) {
        memcpy(text, column->bytes, column->size);
        text[column->size] = '\0';
    }
    return text;
}

static enum error_code keep_sequence(struct spool_rows *rows, const char *name, uint64_t next,
                                     uint64_t numbers)
{
    struct spool_sequence_entry *entry = spool_sequences_find(&rows->sequences, name);
    if (!entry)
        entry = spool_sequences_add(&rows->sequences, name, 0);
    if (!entry)
        return ERROR_MEMORY;
    if (next >= entry->sequence.next) {
        entry->sequence.next = next;
        entry->committed = numbers;
    }
    return ERROR_NONE;
}

static enum error_code keep_note(struct spool_rows *rows, const char *name, uint64_t value,
                                 uint64_t commits)
{
    struct spool_note_entry *entry = spool_notes_find(&rows->notes, name);
    if (!entry)
        entry = spool_notes_add(&rows->notes, name, rows->notes.last_id + 1);
    if (entry && commits >= entry->note.found) {
        entry->note.value = value;
        entry->note.found = commits;
    }
    return ERROR_NONE; /* a note more or less than can be held is no loss */
}

/* A sequence or a note: their checksums tell. */
static enum error_code find_name(struct spool_rows *rows, const struct spool_page_row *row)
{
    char *name = text_of(&row->columns[1]);
    if (!name)
        return ERROR_MEMORY;
    uint64_t identity = rows->progress.identity;
    uint64_t checksum = number(row, 4);
    enum error_code code = ERROR_NONE;
    if (checksum == spool_sequence_checksum(identity, name, number(row, 2), number(row, 3)))
        code = keep_sequence(rows, name, number(row, 2), number(row, 3));
    else if (checksum == spool_note_checksum(identity, name, number(row, 2), number(row, 3)))
        code = keep_note(rows, name, number(row, 2), number(row, 3));
    free(name);
    return code;
}

static enum error_code find_origin(struct spool_rows *rows, const struct spool_page_row *row)
{
    char *texts[6] = {NULL};
    bool all = true;
    for (int i = 0; i < 6; i++) {
        texts[i] = text_of(&row->columns[i + 1]);
        all = all && texts[i];
    }
    enum error_code code = all ? ERROR_NONE : ERROR_MEMORY;
    if (all) {
        const char *publisher;
        spool_origin_split(texts[1], &publisher);
        const struct spool_origin origin = {
            .id = (uint32_t)row->id,
            .robot = texts[0],
            .ros_topic = texts[1],
            .ros_type = texts[2],
            .ros_md5sum = texts[3],
            .definition = texts[4],
            .kafka_topic = texts[5],
            .publisher = publisher,
            .latched = (number(row, 7) & SPOOL_ORIGIN_LATCHED) != 0,
            .headers = (number(row, 7) & SPOOL_ORIGIN_HEADERS) != 0,
        };
        if (number(row, 8) == spool_origin_checksum(rows->progress.identity, &origin) &&
            !spool_origins_get(&rows->origins, origin.id))
            code = spool_origins_put(&rows->origins, &origin);
    }
    for (int i = 0; i < 6; i++)
        free(texts[i]);
    return code == ERROR_LIMIT ? ERROR_NONE : code;
}

static void copy_text(char *text, size_t size, const struct spool_column *column)
{
    size_t length = column->size < size ? (size_t)column->size : size - 1;
    memcpy(text, column->bytes, length);
    text[length] = '\0';
}

static enum error_code find_cluster(struct spool_rows *rows, const struct spool_page_row *row)
{
    struct spool_cluster cluster;
    uint64_t commits = number(row, 3);
    copy_text(cluster.id, sizeof cluster.id, &row->columns[1]);
    copy_text(cluster.servers, sizeof cluster.servers, &row->columns[2]);
    if (number(row, 4) == spool_cluster_checksum(rows->progress.identity, &cluster, commits) &&
        commits >= rows->cluster_commits) {
        rows->cluster = cluster;
        rows->cluster_commits = commits;
    }
    return ERROR_NONE;
}

enum error_code spool_rows_find_names(void *user, const struct spool_page_row *row)
{
    if (has_columns(row, "bnnn"))
        return find_name(user, row);
    if (has_columns(row, "bbnn"))
        return find_cluster(user, row);
    return has_columns(row, "bbbbbbnn") ? find_origin(user, row) : ERROR_NONE;
}

static int keep_block(struct spool_rows *rows, struct spool_block *block, uint64_t at)
{
    struct spool_measure there = {0};
    int result = spool_store_measure(rows->store, block->id, block->id, &there);
    if (result != SQLITE_OK || there.blocks > 0)
        return result;
    result = spool_store_put_block(rows->store, rows->progress.identity, at, block);
    rows->blocks.blocks++;
    rows->blocks.records += block->count;
    rows->blocks.bytes += block->bytes.length;
    if (block->id > rows->blocks.last)
        rows->blocks.last = block->id;
    if (rows->blocks.first == 0 || block->id < rows->blocks.first)
        rows->blocks.first = block->id;
    if (at + block->count > rows->end)
        rows->end = at + block->count;
    rows->unwritten += block->bytes.length;
    if (result != SQLITE_OK || rows->unwritten < COMMIT_BYTES)
        return result;
    rows->unwritten = 0;
    result = spool_store_commit(rows->store);
    return result == SQLITE_OK ? spool_store_begin(rows->store) : result;
}

enum error_code spool_rows_find_blocks(void *user, const struct spool_page_row *row)
{
    struct spool_rows *rows = user;
    if (!has_columns(row, "nnnnb"))
        return ERROR_NONE;
    const struct spool_column *bytes = &row->columns[5];
    const struct spool_block_head head = {.id = row->id,
                                          .at = number(row, 1),
                                          .records = number(row, 2),
                                          .size = bytes->size,
                                          .checksum = number(row, 4)};
    uint64_t identity = rows->progress.identity;
    bool is_trimmed = head.id < rows->progress.first_id && head.at < rows->progress.first_at;
    if (is_trimmed || number(row, 3) != spool_block_head_checksum(identity, &head) ||
        head.checksum != spool_block_checksum(identity, head.id, bytes->bytes, bytes->size))
        return ERROR_NONE;
    /* The bytes stay the page's: the block is only lent to be written. */
    struct spool_block block = {
        .id = head.id,
        .count = (uint32_t)head.records,
        .bytes = {.data = (char *)bytes->bytes, .length = bytes->size, .limit = bytes->size}};
    rows->result = keep_block(rows, &block, head.at);
    return rows->result == SQLITE_OK ? ERROR_NONE : ERROR_IO;
}
