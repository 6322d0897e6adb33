/* A transaction: what was settled goes, blocks with their origins and sequences come. */
#include "spool/inside.h"

#include <inttypes.h>

/* Records that were lost in between stay behind numbers; ahead of a power loss so many may be. */
#define NUMBERS_AHEAD (UINT64_C(1) << 20)

void spool_mark_write(struct spool *spool, bool durable)
{
    spool_watermark_write(&spool->watermark, &spool->mark, durable);
}

/* Takes what was settled for the transaction. */
static void take_settled(struct spool *spool)
{
    (void)pthread_mutex_lock(&spool->lock);
    if (spool->leaving.count == 0) {
        struct spool_settled empty = spool->leaving;
        spool->leaving = spool->settled;
        spool->settled = empty;
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
        int result = spool_store_put_sequence(&spool->writer, change->progress.identity, entry->id,
                                              entry->kafka_topic, entry->committing,
                                              change->progress.numbers);
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
        int result = origin
                         ? spool_store_put_origin(&spool->writer, change->progress.identity, origin)
                         : SQLITE_OK;
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
            result = spool_store_put_note(&spool->writer, change->progress.identity, entry->id,
                                          entry->name, entry->note.value, change->progress.commits);
    }
    return result;
}

/* A block may take the place of one. */
static int forget_replaced(struct spool *spool, uint64_t id, struct spool_change *change)
{
    struct spool_measure measure = {0};
    int result = spool_store_measure(&spool->writer, id, id, &measure);
    change->trimmed.blocks += measure.blocks;
    change->trimmed.records += measure.records;
    change->trimmed.bytes += measure.bytes;
    change->progress.trimmed += measure.records;
    return result;
}

static int put_blocks(struct spool *spool, const struct spool_block *const *blocks, size_t count,
                      struct spool_change *change)
{
    for (size_t i = 0; i < count; i++) {
        int result = SQLITE_OK;
        if (blocks[i]->id <= change->last_id)
            result = forget_replaced(spool, blocks[i]->id, change);
        else
            change->last_id = blocks[i]->id;
        if (result == SQLITE_OK)
            result = spool_store_put_block(&spool->writer, change->progress.identity, blocks[i]);
        if (result != SQLITE_OK)
            return result;
        change->added.blocks++;
        change->added.records += blocks[i]->count;
        change->added.bytes += blocks[i]->bytes.length;
    }
    change->progress.accepted += change->added.records;
    return SQLITE_OK;
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
        result = put_blocks(spool, blocks, count, change);
    if (result == SQLITE_OK)
        result = spool_store_put_state(&spool->writer, &change->progress);
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
    uint64_t first_kept = 0;
    (void)spool_store_first_kept(&spool->writer, &first_kept);
    (void)pthread_mutex_lock(&spool->lock);
    uint64_t id_limit = spool->mark.progress.id_limit;
    spool->mark.progress = change->progress;
    spool->mark.progress.id_limit = id_limit;
    spool->mark.first_kept = first_kept > 0 ? first_kept : spool->next_id;
    spool->origins.committed = change->origins;
    spool->leaving.count = 0;
    spool->kept.blocks += change->added.blocks - change->trimmed.blocks;
    spool->kept.records += change->added.records - change->trimmed.records;
    spool->kept.last = change->last_id;
    spool->kept.bytes += change->added.bytes - change->trimmed.bytes;
    bool durable = change->progress.numbers > spool->mark.numbers_limit;
    if (durable)
        spool->mark.numbers_limit =
            change->progress.numbers + (spool->sync == SPOOL_SYNC_FULL ? 0 : NUMBERS_AHEAD);
    spool_mark_write(spool, durable && spool->sync != SPOOL_SYNC_FULL);
    (void)pthread_mutex_unlock(&spool->lock);
    spool->grown = spool->grown || change->added.blocks > 0;
}

static uint64_t bytes_of(const struct spool_block *const *blocks, size_t count)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < count; i++)
        bytes += blocks[i]->bytes.length;
    return bytes;
}

/* One try. `*over` is set where the blocks do not fit below max_bytes; what was settled goes all
 * the same. */
static int transact(struct spool *spool, const struct spool_block *const *blocks, size_t count,
                    bool *over)
{
    int result = spool_store_begin(&spool->writer);
    if (result != SQLITE_OK)
        return result;
    take_settled(spool);
    struct spool_change change = {.progress = spool->mark.progress,
                                  .last_id = spool->kept.last,
                                  .origins = spool->origins.committed};
    change.progress.commits++;
    result = delete_settled(spool, &change);
    uint64_t kept = spool->kept.bytes - change.trimmed.bytes;
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

enum error_code spool_commit(struct spool *spool, const struct spool_block *const *blocks,
                             size_t count, bool force, struct error *error)
{
    if (!force && count == 0) {
        (void)pthread_mutex_lock(&spool->lock);
        bool nothing = spool->settled.count == 0;
        (void)pthread_mutex_unlock(&spool->lock);
        if (nothing)
            return ERROR_NONE;
    }
    spool_ballast_restore(&spool->ballast, &spool->writer);
    bool over = false;
    int result = transact(spool, blocks, count, &over);
    if (result != SQLITE_OK && spool_store_is_full(&spool->writer, result) &&
        spool_ballast_release(&spool->ballast, &spool->writer)) {
        result = transact(spool, blocks, count, &over);
        /* At least what was settled. */
        if (result != SQLITE_OK && count > 0 && spool_store_is_full(&spool->writer, result)) {
            bool ignored = false;
            (void)transact(spool, NULL, 0, &ignored);
        }
    }
    if (result != SQLITE_OK)
        return spool_store_error(&spool->writer, result, "cannot be written", error);
    if (over)
        return error_set(error, ERROR_FULL, spool->path, 0,
                         "%s holds %" PRIu64 " bytes, and %" PRIu64
                         " more would be over spool.max_bytes (%" PRIu64 ")",
                         spool->path, spool->kept.bytes, bytes_of(blocks, count), spool->max_bytes);
    return ERROR_NONE;
}
