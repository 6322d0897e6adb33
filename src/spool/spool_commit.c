/* A transaction: what was settled goes, blocks with their origins and sequences come. */
#include "spool/spool_private.h"

#include <inttypes.h>

/* Ranges of settled blocks whose deletion a full disk takes in any case. */
#define FEW_RANGES 16

void spool_mark_write(struct spool *spool, bool durable)
{
    spool_watermark_write(&spool->watermark, &spool->mark, durable);
}

/* Takes up to `limit` ranges of what was settled for the transaction. */
static void take_settled(struct spool *spool, size_t limit)
{
    (void)pthread_mutex_lock(&spool->lock);
    if (spool->settled.count <= limit) {
        struct spool_settled empty = spool->leaving;
        spool->leaving = spool->settled;
        spool->settled = empty;
    } else {
        spool_settled_move(&spool->settled, &spool->leaving, limit);
    }
    (void)pthread_mutex_unlock(&spool->lock);
}

static void give_settled_back(struct spool *spool)
{
    (void)pthread_mutex_lock(&spool->lock);
    for (size_t i = 0; i < spool->leaving.count; i++)
        spool_settled_add(&spool->settled, spool->leaving.ranges[i].first,
                          spool->leaving.ranges[i].last);
    spool->leaving.count = 0;
    (void)pthread_mutex_unlock(&spool->lock);
}

static int delete_settled(struct spool *spool, struct spool_change *change)
{
    for (size_t i = 0; i < spool->leaving.count; i++) {
        const struct spool_range *range = &spool->leaving.ranges[i];
        struct spool_measure measure = {0};
        int result = spool_store_measure(&spool->writer, range->first, range->last, &measure);
        if (result == SQLITE_OK && measure.blocks > 0)
            result = spool_store_delete_blocks(&spool->writer, range->first, range->last);
        if (result != SQLITE_OK)
            return result;
        change->trimmed.blocks += measure.blocks;
        change->trimmed.records += measure.records;
        change->trimmed.bytes += measure.bytes;
    }
    change->progress.trimmed += change->trimmed.records;
    return SQLITE_OK;
}

static int put_sequences(struct spool *spool, struct spool_change *change)
{
    for (uint32_t i = 0; i < spool->sequences.count; i++) {
        struct spool_sequence_entry *entry = spool->sequences.entries[i];
        entry->committing = entry->committed;
        if (!entry->sequence.changed)
            continue;
        uint64_t value = spool_sequence_value(entry);
        if (value > entry->committed)
            change->progress.numbers += value - entry->committed;
        entry->committing = value;
    }
    for (uint32_t i = 0; i < spool->sequences.count; i++) {
        const struct spool_sequence_entry *entry = spool->sequences.entries[i];
        if (!entry->sequence.changed)
            continue;
        int result =
            spool_store_put_sequence(&spool->writer, spool->identity, entry->id, entry->kafka_topic,
                                     entry->committing, change->progress.numbers);
        if (result != SQLITE_OK)
            return result;
    }
    return SQLITE_OK;
}

static int put_origins(struct spool *spool, struct spool_change *change)
{
    /* Origins are added by this thread alone. */
    for (; change->origins < spool->origins.count; change->origins++) {
        const struct spool_origin *origin = spool->origins.entries[change->origins];
        int result =
            origin ? spool_store_put_origin(&spool->writer, spool->identity, origin) : SQLITE_OK;
        if (result != SQLITE_OK)
            return result;
    }
    change->progress.origins = change->origins;
    return SQLITE_OK;
}

static struct spool_note_entry *first_note(struct spool *spool)
{
    (void)pthread_mutex_lock(&spool->lock);
    struct spool_note_entry *first = spool->notes.first;
    (void)pthread_mutex_unlock(&spool->lock);
    return first;
}

static int put_notes(struct spool *spool, const struct spool_change *change)
{
    int result = SQLITE_OK;
    for (const struct spool_note_entry *entry = first_note(spool); entry && result == SQLITE_OK;
         entry = entry->next) {
        if (entry->note.changed)
            result = spool_store_put_note(&spool->writer, spool->identity, entry->id, entry->name,
                                          entry->note.value, change->progress.commits);
    }
    return result;
}

static int put_cluster(struct spool *spool, struct spool_change *change)
{
    (void)pthread_mutex_lock(&spool->lock);
    const struct spool_cluster cluster = spool->cluster;
    bool is_new = spool->cluster_version != spool->cluster_committed;
    change->cluster = spool->cluster_version;
    (void)pthread_mutex_unlock(&spool->lock);
    return is_new ? spool_store_put_cluster(&spool->writer, spool->identity, &cluster,
                                            change->progress.commits)
                  : SQLITE_OK;
}

/* A block takes the place of one that is there: what it has less is trimmed. */
static int replace(struct spool *spool, const struct spool_block *block,
                   const struct spool_measure *old, struct spool_change *change)
{
    bool is_part = block->count <= old->records;
    change->trimmed.blocks++;
    change->trimmed.records += old->records;
    change->trimmed.bytes += old->bytes;
    change->progress.trimmed += is_part ? old->records - block->count : old->records;
    uint64_t at = is_part ? old->at : change->progress.accepted;
    if (!is_part)
        change->progress.accepted += block->count;
    return spool_store_put_block(&spool->writer, spool->identity, at, block);
}

static int put_block(struct spool *spool, const struct spool_block *block,
                     struct spool_change *change)
{
    struct spool_measure old = {0};
    int result = SQLITE_OK;
    if (block->id <= change->last_id)
        result = spool_store_measure(&spool->writer, block->id, block->id, &old);
    else
        change->last_id = block->id;
    if (result != SQLITE_OK)
        return result;
    if (old.blocks > 0)
        return replace(spool, block, &old, change);
    change->in_order = change->in_order && block->id == change->last_id;
    uint64_t at = change->progress.accepted;
    change->progress.accepted += block->count;
    return spool_store_put_block(&spool->writer, spool->identity, at, block);
}

static int put_blocks(struct spool *spool, const struct spool_block *const *blocks, size_t count,
                      struct spool_change *change)
{
    for (size_t i = 0; i < count; i++) {
        int result = put_block(spool, blocks[i], change);
        if (result != SQLITE_OK)
            return result;
        change->added.blocks++;
        change->added.records += blocks[i]->count;
        change->added.bytes += blocks[i]->bytes.length;
    }
    return SQLITE_OK;
}

static int put_state(struct spool *spool, struct spool_change *change)
{
    struct spool_extent *progress = &change->progress;
    uint64_t at = 0;
    int result = spool_store_first(&spool->writer, &progress->first_id, &at);
    if (result == SQLITE_EMPTY) {
        progress->first_id = INT64_MAX;
        progress->first_at = progress->accepted;
        change->in_order = true;
        result = SQLITE_OK;
    } else if (change->in_order) {
        progress->first_at = at;
    }
    return result == SQLITE_OK ? spool_store_put_state(&spool->writer, progress) : result;
}

static int write_all(struct spool *spool, const struct spool_block *const *blocks, size_t count,
                     struct spool_change *change)
{
    int result = put_origins(spool, change);
    if (result == SQLITE_OK)
        result = put_sequences(spool, change);
    if (result == SQLITE_OK)
        result = put_notes(spool, change);
    if (result == SQLITE_OK)
        result = put_cluster(spool, change);
    if (result == SQLITE_OK)
        result = put_blocks(spool, blocks, count, change);
    if (result == SQLITE_OK)
        result = put_state(spool, change);
    return result == SQLITE_OK ? spool_store_commit(&spool->writer) : result;
}

/* The transaction is in the file: so it is in memory. */
static void adopt(struct spool *spool, const struct spool_change *change)
{
    for (uint32_t i = 0; i < spool->sequences.count; i++) {
        struct spool_sequence_entry *entry = spool->sequences.entries[i];
        entry->committed = entry->committing;
        entry->sequence.changed = false;
    }
    for (struct spool_note_entry *entry = first_note(spool); entry; entry = entry->next)
        entry->note.changed = false;
    (void)pthread_mutex_lock(&spool->lock);
    spool->cluster_committed = change->cluster;
    uint64_t id_limit = spool->mark.progress.id_limit;
    spool->mark.progress = change->progress;
    spool->mark.progress.id_limit = id_limit;
    spool->origins.committed = change->origins;
    spool->leaving.count = 0;
    spool->kept.blocks += change->added.blocks - change->trimmed.blocks;
    spool->kept.records += change->added.records - change->trimmed.records;
    spool->kept.last = change->last_id;
    spool->kept.bytes += change->added.bytes - change->trimmed.bytes;
    bool durable = change->progress.numbers > spool->mark.numbers_limit;
    if (durable)
        spool->mark.numbers_limit =
            change->progress.numbers + (spool->sync == SPOOL_SYNC_FULL ? 0 : SPOOL_NUMBERS_AHEAD);
    spool_mark_write(spool, durable && spool->sync != SPOOL_SYNC_FULL);
    (void)pthread_mutex_unlock(&spool->lock);
    spool->in_order = change->in_order;
    spool->grown = spool->grown || change->added.blocks > 0;
}

static uint64_t bytes_of(const struct spool_block *const *blocks, size_t count)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < count; i++)
        bytes += blocks[i]->bytes.length;
    return bytes;
}

static struct spool_extent last_progress(struct spool *spool)
{
    (void)pthread_mutex_lock(&spool->lock);
    struct spool_extent progress = spool->mark.progress;
    (void)pthread_mutex_unlock(&spool->lock);
    return progress;
}

/* How many bytes go with the blocks whose places are taken. */
static int measure_replaced(struct spool *spool, const struct spool_block *const *blocks,
                            size_t count, uint64_t *bytes)
{
    *bytes = 0;
    for (size_t i = 0; i < count; i++) {
        struct spool_measure old = {0};
        if (blocks[i]->id > spool->kept.last)
            continue;
        int result = spool_store_measure(&spool->writer, blocks[i]->id, blocks[i]->id, &old);
        if (result != SQLITE_OK)
            return result;
        *bytes += old.bytes;
    }
    return SQLITE_OK;
}

/* One try. `*over` is set where the blocks do not fit below max_bytes; what was settled goes all
 * the same. */
static int transact(struct spool *spool, const struct spool_block *const *blocks, size_t count,
                    size_t ranges, bool *over)
{
    int result = spool_store_begin(&spool->writer);
    if (result != SQLITE_OK)
        return result;
    take_settled(spool, ranges);
    struct spool_change change = {.progress = last_progress(spool),
                                  .last_id = spool->kept.last,
                                  .in_order = spool->in_order,
                                  .origins = spool->origins.committed};
    change.progress.commits++;
    result = delete_settled(spool, &change);
    uint64_t replaced = 0;
    if (result == SQLITE_OK)
        result = measure_replaced(spool, blocks, count, &replaced);
    uint64_t kept = spool->kept.bytes - change.trimmed.bytes - replaced;
    *over = count > 0 && kept + bytes_of(blocks, count) > spool->max_bytes;
    if (result == SQLITE_OK)
        result = write_all(spool, blocks, *over ? 0 : count, &change);
    if (result == SQLITE_OK) {
        adopt(spool, &change);
    } else {
        spool_store_rollback(&spool->writer);
        give_settled_back(spool);
    }
    return result;
}

static bool has_settled(struct spool *spool)
{
    (void)pthread_mutex_lock(&spool->lock);
    bool has = spool->settled.count > 0;
    (void)pthread_mutex_unlock(&spool->lock);
    return has;
}

static bool has_another_cluster(struct spool *spool)
{
    (void)pthread_mutex_lock(&spool->lock);
    bool has = spool->cluster_version != spool->cluster_committed;
    (void)pthread_mutex_unlock(&spool->lock);
    return has;
}

static uint64_t pages_of(const struct spool *spool, const struct spool_block *const *blocks,
                         size_t count)
{
    uint64_t size = bytes_of(blocks, count);
    uint64_t rows = count;
    for (uint32_t i = spool->origins.committed; i < spool->origins.count; i++, rows++)
        size += spool_origin_size(spool->origins.entries[i]);
    return spool_room_pages(size, rows);
}

/* Where the log has no room for all of them at once. */
static int trim_by_parts(struct spool *spool)
{
    int result = SQLITE_OK;
    bool ignored = false;
    while (result == SQLITE_OK && has_settled(spool))
        result = transact(spool, NULL, 0, FEW_RANGES, &ignored);
    return result;
}

/* As transact, where there is room on the disk; else what was settled goes all the same. */
static int transact_with_room(struct spool *spool, const struct spool_block *const *blocks,
                              size_t count, bool *over)
{
    uint64_t pages = pages_of(spool, blocks, count);
    int result = SQLITE_FULL;
    if (spool_room_make(&spool->room, &spool->writer, pages))
        result = transact(spool, blocks, count, SIZE_MAX, over);
    if (result == SQLITE_OK || !spool_store_is_full(&spool->writer, result))
        return result;
    result = trim_by_parts(spool);
    if (result != SQLITE_OK)
        return result;
    if (count > 0 && !spool_room_make(&spool->room, &spool->writer, pages))
        return SQLITE_FULL;
    return transact(spool, blocks, count, SIZE_MAX, over);
}

static enum error_code over_limit(struct spool *spool, uint64_t bytes, struct error *error)
{
    return error_set(error, ERROR_FULL, spool->path, 0,
                     "%s holds %" PRIu64 " bytes, and %" PRIu64
                     " more would be over spool.max_bytes (%" PRIu64 ")",
                     spool->path, spool->kept.bytes, bytes, spool->max_bytes);
}

enum error_code spool_commit(struct spool *spool, const struct spool_block *const *blocks,
                             size_t count, bool force, struct error *error)
{
    if (!force && count == 0 && !has_settled(spool) && !has_another_cluster(spool))
        return ERROR_NONE;
    bool over = false;
    int result = SQLITE_CORRUPT;
    uint64_t repairs = spool->repairs;
    if (spool->writer.handle)
        result = transact_with_room(spool, blocks, count, &over);
    if (spool_result_is_damage(result)) {
        enum error_code code = spool_repair(spool, repairs, error);
        if (code != ERROR_NONE)
            return code;
        result = transact_with_room(spool, blocks, count, &over);
    }
    if (result != SQLITE_OK)
        return spool_store_error(&spool->writer, result, "cannot be written", error);
    return over ? over_limit(spool, bytes_of(blocks, count), error) : ERROR_NONE;
}
