/* A file that turns out to be damaged while it is in use: the same repair as at open, in place.
 * What is in memory (origins, sequences, notes, how far it had come) is right and is written anew.
 */
#include "spool/spool_private.h"

#include "spool/salvage.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

/* A repair that failed is tried again after so many seconds: it reads the whole file. */
#define PATIENCE 1

static int64_t now(void)
{
    struct timespec time = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec;
}

/* All that is in memory is to be in the next commit. */
static void write_anew(struct spool *spool, const struct spool_salvage *salvage)
{
    for (uint32_t i = 0; i < spool->sequences.count; i++)
        spool->sequences.entries[i]->sequence.changed = true;
    (void)pthread_mutex_lock(&spool->lock);
    for (struct spool_note_entry *entry = spool->notes.first; entry; entry = entry->next)
        entry->note.changed = true;
    spool->cluster_version += spool->cluster.id[0] != '\0' ? 1 : 0;
    uint64_t id_limit = spool->mark.progress.id_limit;
    spool->mark.progress = salvage->mark.progress;
    spool->mark.progress.id_limit = id_limit;
    spool->mark.progress.untold = 0;
    spool->origins.committed = 0;
    spool->lost_records += salvage->lost_records;
    (void)pthread_mutex_unlock(&spool->lock);
}

static int measure(struct spool *spool)
{
    struct spool_measure kept = {0};
    uint64_t id = 0;
    uint64_t at = 0;
    int result = spool_store_measure(&spool->writer, 0, INT64_MAX, &kept);
    if (result == SQLITE_OK && kept.blocks > 0)
        result = spool_store_first(&spool->writer, &id, &at);
    spool->in_order = at == kept.at;
    (void)pthread_mutex_lock(&spool->lock);
    spool->kept = kept;
    (void)pthread_mutex_unlock(&spool->lock);
    return result;
}

static enum error_code exchange(struct spool *spool, struct error *error)
{
    struct spool_salvage salvage = {
        .path = spool->path, .mark_known = true, .only_blocks = true, .mark = spool->mark};
    enum error_code code = spool_salvage(&salvage, error);
    if (code != ERROR_NONE)
        return code;
    write_anew(spool, &salvage);
    if (spool->report) {
        char text[ERROR_TEXT_SIZE];
        (void)snprintf(text, sizeof text,
                       "%s was damaged: it is set aside as %s, and a new one holds what could be "
                       "read of it; %" PRIu64 " records are lost",
                       spool->path, salvage.set_aside, salvage.lost_records);
        spool->report(spool->report_user, text);
    }
    return ERROR_NONE;
}

/* With `reading` too. */
static enum error_code repair(struct spool *spool, struct error *error)
{
    spool_disconnect(spool, false);
    enum error_code code = spool->is_salvaged ? ERROR_NONE : exchange(spool, error);
    if (code != ERROR_NONE)
        return code;
    spool->is_salvaged = true;
    code = spool_connect(spool, false, error);
    if (code != ERROR_NONE)
        return code;
    int result = measure(spool);
    if (result != SQLITE_OK)
        return spool_store_error(&spool->writer, result, "cannot be read", error);
    spool->is_salvaged = false;
    spool->repairs++;
    return ERROR_NONE;
}

enum error_code spool_repair(struct spool *spool, uint64_t repairs, struct error *error)
{
    if (spool->repairs != repairs)
        return ERROR_NONE;
    if (now() < spool->repair_after)
        return error_set(error, ERROR_IO, spool->path, 0, "%s is damaged: %s", spool->path,
                         spool->trouble);
    struct error reason = {0};
    (void)pthread_mutex_lock(&spool->reading);
    enum error_code code = repair(spool, &reason);
    (void)pthread_mutex_unlock(&spool->reading);
    if (code == ERROR_NONE)
        return ERROR_NONE;
    spool->repair_after = now() + PATIENCE;
    (void)snprintf(spool->trouble, sizeof spool->trouble,
                   "its repair failed, and is tried again: %s", reason.text);
    return error_set(error, code, spool->path, 0, "%s is damaged: %s", spool->path, spool->trouble);
}
