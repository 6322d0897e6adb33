#include "spool/spool_private.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

/* A file that has grown over this is given back to the disk when it is empty. */
#define LARGE_FILE_SIZE (UINT64_C(64) << 20)

/* Ids that may be given before the watermark is written again. */
#define IDS_AHEAD 65536

const char *spool_path(const struct spool *spool)
{
    return spool->path;
}

uint64_t spool_next_id(struct spool *spool)
{
    (void)pthread_mutex_lock(&spool->lock);
    uint64_t id = spool->next_id++;
    if (id > spool->mark.progress.id_limit) {
        spool->mark.progress.id_limit = id + IDS_AHEAD;
        spool_watermark_write(&spool->watermark, &spool->mark, true);
    }
    (void)pthread_mutex_unlock(&spool->lock);
    return id;
}

enum error_code spool_append(struct spool *spool, const struct spool_block *const *blocks,
                             size_t count, struct error *error)
{
    (void)pthread_mutex_lock(&spool->writing);
    enum error_code code = spool_commit(spool, blocks, count, true, error);
    (void)pthread_mutex_unlock(&spool->writing);
    return code;
}

void spool_settle(struct spool *spool, uint64_t id)
{
    (void)pthread_mutex_lock(&spool->lock);
    spool_settled_add(&spool->settled, id, id);
    (void)pthread_mutex_unlock(&spool->lock);
}

static void give_disk_back(struct spool *spool)
{
    if (!spool->grown || spool->kept.blocks > 0 || spool_file_size(spool->path) < LARGE_FILE_SIZE)
        return;
    spool->grown = false;
    /* A tool that looks on is not waited for. */
    (void)sqlite3_busy_timeout(spool->writer.handle, 0);
    (void)spool_store_run(&spool->writer, "VACUUM; PRAGMA wal_checkpoint(TRUNCATE)");
    (void)sqlite3_busy_timeout(spool->writer.handle, SPOOL_BUSY_TIMEOUT_MS);
    spool->room.free = 0;
    spool_room_keep_log(&spool->room, spool->path);
}

enum error_code spool_trim(struct spool *spool, struct error *error)
{
    (void)pthread_mutex_lock(&spool->writing);
    enum error_code code = spool_commit(spool, NULL, 0, false, error);
    if (code == ERROR_NONE)
        give_disk_back(spool);
    (void)pthread_mutex_unlock(&spool->writing);
    return code;
}

struct spool_sequence *spool_sequence(struct spool *spool, const char *kafka_topic)
{
    (void)pthread_mutex_lock(&spool->writing);
    struct spool_sequence_entry *entry = spool_sequences_find(&spool->sequences, kafka_topic);
    if (!entry)
        entry = spool_sequences_add(&spool->sequences, kafka_topic, spool->mark.progress.floor);
    (void)pthread_mutex_unlock(&spool->writing);
    return entry ? &entry->sequence : NULL;
}

enum error_code spool_reserve(struct spool *spool, struct spool_sequence *sequence, uint64_t until,
                              struct error *error)
{
    (void)pthread_mutex_lock(&spool->writing);
    uint64_t before = sequence->reserved;
    sequence->reserved = until > before ? until : before;
    sequence->changed = true;
    /* Numbers that are used without an append must outlast a power loss by themselves. */
    bool normal = spool->sync == SPOOL_SYNC_NORMAL;
    if (normal)
        (void)spool_store_run(&spool->writer, "PRAGMA synchronous=FULL");
    enum error_code code = spool_commit(spool, NULL, 0, true, error);
    if (normal)
        (void)spool_store_run(&spool->writer, "PRAGMA synchronous=NORMAL");
    if (code != ERROR_NONE)
        sequence->reserved = before;
    (void)pthread_mutex_unlock(&spool->writing);
    return code;
}

struct spool_note *spool_note(struct spool *spool, const char *name)
{
    (void)pthread_mutex_lock(&spool->lock);
    struct spool_note_entry *entry = spool_notes_find(&spool->notes, name);
    if (!entry)
        entry = spool_notes_add(&spool->notes, name, spool->notes.last_id + 1);
    (void)pthread_mutex_unlock(&spool->lock);
    return entry ? &entry->note : NULL;
}

const char *spool_identity(const struct spool *spool)
{
    return spool->identity_text;
}

void spool_cluster(struct spool *spool, struct spool_cluster *cluster)
{
    (void)pthread_mutex_lock(&spool->lock);
    *cluster = spool->cluster;
    (void)pthread_mutex_unlock(&spool->lock);
}

void spool_set_cluster(struct spool *spool, const struct spool_cluster *cluster)
{
    (void)pthread_mutex_lock(&spool->lock);
    spool->cluster = *cluster;
    spool->cluster_version++;
    (void)pthread_mutex_unlock(&spool->lock);
}

enum error_code spool_origin_add(struct spool *spool, const struct spool_origin *origin,
                                 uint32_t *id, struct error *error)
{
    (void)pthread_mutex_lock(&spool->lock);
    enum error_code code = spool_origins_add(&spool->origins, origin, id);
    (void)pthread_mutex_unlock(&spool->lock);
    if (code == ERROR_LIMIT)
        return error_set(error, code, spool->path, 0, "%s has origins for no more topics",
                         spool->path);
    return code == ERROR_NONE ? code : error_set(error, code, spool->path, 0, "no memory");
}

const struct spool_origin *spool_origin_get(struct spool *spool, uint32_t id)
{
    (void)pthread_mutex_lock(&spool->lock);
    const struct spool_origin *origin = spool_origins_get(&spool->origins, id);
    (void)pthread_mutex_unlock(&spool->lock);
    return origin;
}

void spool_statistics(struct spool *spool, struct spool_statistics *statistics)
{
    (void)pthread_mutex_lock(&spool->lock);
    *statistics = (struct spool_statistics){
        .blocks = spool->kept.blocks,
        .records = spool->kept.records,
        .bytes = spool->kept.bytes,
        .max_bytes = spool->max_bytes,
        .last_id = spool->kept.last,
        .lost_records = spool->lost_records,
    };
    (void)pthread_mutex_unlock(&spool->lock);
    char log[SPOOL_NAME_SIZE];
    spool_name(log, spool->path, "-wal");
    statistics->file_bytes = spool_disk_size(spool->path) + spool_disk_size(log);
}
