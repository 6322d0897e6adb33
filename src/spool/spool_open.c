/* Opening: is the file there, ours, and sound; and what has to be done where it is not. */
#include "spool/examination.h"

#include "spool/checksum.h"
#include "spool/holder.h"
#include "spool/privacy.h"
#include "spool/salvage.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Ids that may be given before the watermark is written again. */
#define IDS_AHEAD 65536

/* Moves every sequence up, so that no number of what was lost comes again. */
static void move_sequences(struct spool *spool, uint64_t by, uint64_t to_at_least)
{
    for (uint32_t i = 0; i < spool->sequences.count; i++) {
        struct spool_sequence_entry *entry = spool->sequences.entries[i];
        uint64_t next = entry->sequence.next + by;
        next = next < to_at_least ? to_at_least : next;
        entry->sequence = (struct spool_sequence){.next = next, .reserved = next, .changed = true};
        entry->committed = next;
    }
}

/* Nothing says how far a spool that was not closed in order had come. */
static void go_on_blindly(struct spool *spool, struct spool_findings *findings)
{
    struct spool_extent *progress = &spool->mark.progress;
    uint64_t number = spool_number_of_last_resort();
    number = number > progress->numbers ? number : progress->numbers;
    move_sequences(spool, 0, number);
    progress->numbers = number;
    progress->floor = number;
    progress->id_limit = number > progress->id_limit ? number : progress->id_limit;
    (void)snprintf(findings->damage, sizeof findings->damage,
                   "its watermark is missing or damaged: what was lost at its end, if anything, "
                   "cannot be told; sequences go on at %" PRIu64,
                   number);
}

/* Where ids and sequences go on in a file that is sound. */
static void go_on(struct spool *spool, const struct spool_examination *found,
                  struct spool_findings *findings)
{
    struct spool_extent *progress = &spool->mark.progress;
    const struct spool_extent *marked = &found->mark.progress;
    if (found->watermark != SPOOL_WATERMARK_SOUND) {
        bool nothing_to_know = found->is_new && found->watermark == SPOOL_WATERMARK_MISSING;
        if (!nothing_to_know && !progress->clean)
            go_on_blindly(spool, findings);
        return;
    }
    uint64_t numbers = found->lost_power ? found->mark.numbers_limit : marked->numbers;
    if (found->uncertain)
        (void)snprintf(findings->damage, sizeof findings->damage,
                       "half of its watermark is damaged: whether its last commit is lost cannot "
                       "be told");
    if (numbers > progress->numbers) {
        move_sequences(spool, numbers - progress->numbers, 0);
        progress->floor += numbers - progress->numbers;
        progress->numbers = numbers;
    }
    if (marked->id_limit > progress->id_limit)
        progress->id_limit = marked->id_limit;
    if (marked->accepted > progress->accepted) {
        uint64_t lost = marked->accepted - progress->accepted;
        findings->lost_records += lost;
        progress->accepted += lost;
        progress->trimmed += lost;
        (void)snprintf(findings->damage, sizeof findings->damage,
                       "the machine lost power, and with it up to %" PRIu64
                       " records that were accepted last; spool.sync: full would have kept them",
                       lost);
    }
    if (marked->commits > progress->commits)
        progress->commits = marked->commits;
}

static enum error_code repair(struct spool *spool, struct spool_examination *found,
                              struct spool_findings *findings, struct error *error)
{
    struct spool_salvage salvage = {.path = spool->path,
                                    .mark_known = found->watermark == SPOOL_WATERMARK_SOUND};
    if (salvage.mark_known)
        salvage.mark = found->mark;
    if (found->lost_power)
        salvage.mark.progress.numbers = found->mark.numbers_limit;
    enum error_code code = spool_salvage(&salvage, error);
    if (code != ERROR_NONE)
        return code;
    (void)snprintf(findings->damage, sizeof findings->damage, "%s%s", found->damage,
                   salvage.is_counted && !found->uncertain
                       ? ""
                       : "; how much was lost cannot be told for certain");
    (void)snprintf(findings->set_aside, sizeof findings->set_aside, "%s", salvage.set_aside);
    found->mark = salvage.mark;
    found->progress = salvage.mark.progress;
    found->watermark = SPOOL_WATERMARK_SOUND;
    found->is_new = false;
    found->lost_power = false;
    found->uncertain = false;
    struct spool_store store;
    int result = spool_store_open(&store, spool->path, SPOOL_STORE_READER);
    enum spool_verdict verdict = spool_examine_file(spool, &store, result, found, error);
    if (verdict == SPOOL_REFUSED)
        code = error->code;
    else if (verdict == SPOOL_DAMAGED)
        code = error_set(error, ERROR_IO, spool->path, 0, "%s cannot be read after its repair: %s",
                         spool->path, found->damage);
    spool_store_close(&store, false);
    return code;
}

static enum error_code look_and_repair(struct spool *spool, struct spool_examination *found,
                                       struct spool_findings *findings, struct error *error)
{
    enum error_code code = spool_salvage_resume(spool->path, error);
    if (code != ERROR_NONE)
        return code;
    switch (spool_examine(spool, found, error)) {
    case SPOOL_SOUND:
        return ERROR_NONE;
    case SPOOL_DAMAGED:
        return repair(spool, found, findings, error);
    default:
        return error->code;
    }
}

/* More than so many are forgotten: those that were committed longest ago. */
static void forget_notes(struct spool *spool)
{
    char sql[160];
    (void)snprintf(sql, sizeof sql,
                   "DELETE FROM note WHERE id NOT IN"
                   " (SELECT id FROM note ORDER BY commits DESC LIMIT %d)",
                   SPOOL_NOTES_LIMIT);
    (void)spool_store_run(&spool->writer, sql);
}

void spool_write_identity(struct spool *spool)
{
    const uint64_t identity = spool->mark.progress.identity;
    spool->identity = identity;
    (void)snprintf(spool->identity_text, sizeof spool->identity_text, "%016" PRIx64 "%016" PRIx64,
                   identity, spool_checksum(&identity, sizeof identity, 0));
}

/* The repair may have been another process's, which ended before it could tell. */
static void tell_of_repair(const struct spool_extent *progress, struct spool_findings *findings)
{
    findings->lost_records = progress->untold;
    if (progress->untold > 0 && findings->damage[0] == '\0')
        (void)snprintf(findings->damage, sizeof findings->damage,
                       "it was damaged, and its repair cut off before it was told");
}

static enum error_code begin(struct spool *spool, const struct spool_examination *found,
                             struct spool_findings *findings, struct error *error)
{
    enum error_code code = spool_connect(spool, found->is_new, error);
    if (code == ERROR_NONE)
        code = spool_watermark_open(&spool->watermark, spool->path, error);
    if (code != ERROR_NONE)
        return code;
    spool->mark.progress = found->progress;
    if (found->is_new)
        spool->mark.progress = (struct spool_extent){.identity = spool_identity_new()};
    spool_write_identity(spool);
    tell_of_repair(&found->progress, findings);
    go_on(spool, found, findings);
    struct spool_extent *progress = &spool->mark.progress;
    progress->clean = 0;
    uint64_t last = progress->id_limit > spool->kept.last ? progress->id_limit : spool->kept.last;
    spool->next_id = last + 1;
    progress->id_limit = last + IDS_AHEAD;
    spool->mark.boot = spool_boot();
    /* A process that ends right behind the first commit leaves no file without its watermark. */
    if (found->is_new)
        spool_mark_write(spool, false);
    code = spool_commit(spool, NULL, 0, true, error);
    if (code != ERROR_NONE)
        return code;
    if (spool->notes.count >= SPOOL_NOTES_LIMIT)
        forget_notes(spool);
    /* From the next commit on: it is told with this open. */
    spool->mark.progress.untold = 0;
    spool->grown = true;
    /* So that the file alone says that it is in use. */
    (void)spool_store_run(&spool->writer, "PRAGMA wal_checkpoint(TRUNCATE)");
    spool_room_keep_log(&spool->room, spool->path);
    spool_sync_directory(spool->path);
    return ERROR_NONE;
}

struct spool *spool_create(const char *path)
{
    struct spool *spool = calloc(1, sizeof *spool);
    if (!spool)
        return NULL;
    spool_name(spool->path, path, "");
    spool->watermark.descriptor = -1;
    spool->lock_file = -1;
    (void)pthread_mutex_init(&spool->writing, NULL);
    (void)pthread_mutex_init(&spool->reading, NULL);
    (void)pthread_mutex_init(&spool->lock, NULL);
    return spool;
}

void spool_destroy(struct spool *spool, bool checkpoint)
{
    spool_disconnect(spool, checkpoint);
    spool_watermark_close(&spool->watermark);
    spool_settled_fini(&spool->settled);
    spool_settled_fini(&spool->leaving);
    spool_sequences_fini(&spool->sequences);
    spool_origins_fini(&spool->origins);
    spool_notes_fini(&spool->notes);
    if (spool->lock_file >= 0)
        (void)close(spool->lock_file);
    (void)pthread_mutex_destroy(&spool->writing);
    (void)pthread_mutex_destroy(&spool->reading);
    (void)pthread_mutex_destroy(&spool->lock);
    free(spool);
}

static enum error_code open_at(const char *path, const struct spool_options *options,
                               struct spool **result, struct spool_findings *findings,
                               struct error *error)
{
    struct spool *spool = spool_create(path);
    if (!spool)
        return error_set(error, ERROR_MEMORY, path, 0, "%s: no memory", path);
    spool->max_bytes = options->max_bytes;
    spool->sync = options->sync;
    spool->report = options->report;
    spool->report_user = options->user;
    struct spool_examination found;
    enum error_code code = spool_holder_take(path, &spool->lock_file, error);
    if (code == ERROR_NONE)
        spool_tighten(path, findings->exposed);
    if (code == ERROR_NONE)
        code = look_and_repair(spool, &found, findings, error);
    if (code == ERROR_NONE)
        code = begin(spool, &found, findings, error);
    if (code != ERROR_NONE) {
        spool_destroy(spool, false);
        return code;
    }
    findings->blocks = spool->kept.blocks;
    findings->records = spool->kept.records;
    findings->bytes = spool->kept.bytes;
    spool->lost_records = findings->lost_records;
    *result = spool;
    return ERROR_NONE;
}

enum error_code spool_open(const struct spool_options *options, struct spool **spool,
                           struct spool_findings *findings, struct error *error)
{
    struct spool_findings ignored;
    struct error unheard;
    findings = findings ? findings : &ignored;
    error = error ? error : &unheard;
    *findings = (struct spool_findings){0};
    char path[SPOOL_NAME_SIZE];
    int length = snprintf(path, sizeof path, "%s/%s.db", options->directory, options->robot);
    if (length < 0 || length >= SPOOL_PATH_SIZE)
        return error_set(error, ERROR_LIMIT, options->directory, 0, "the path is too long");
    enum error_code code = spool_make_directory(options->directory, error);
    return code == ERROR_NONE ? open_at(path, options, spool, findings, error) : code;
}

void spool_close(struct spool *spool)
{
    if (!spool)
        return;
    bool ended = false;
    if (!spool->read_only) {
        /* What was reserved and not used is given back. */
        for (uint32_t i = 0; i < spool->sequences.count; i++) {
            struct spool_sequence_entry *entry = spool->sequences.entries[i];
            entry->sequence.changed =
                entry->sequence.changed || entry->sequence.next != entry->committed;
            entry->sequence.reserved = entry->sequence.next;
        }
        spool->mark.progress.clean = 1;
        spool->mark.progress.id_limit = spool->next_id - 1;
        (void)spool_store_run(&spool->writer, "PRAGMA synchronous=FULL");
        ended = spool_commit(spool, NULL, 0, true, NULL) == ERROR_NONE;
    }
    spool_destroy(spool, ended);
}
