/* Opening: is the file there, ours, and sound; and what has to be done where it is not. */
#include "spool/inside.h"

#include "spool/holder.h"
#include "spool/salvage.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Ids that may be given before the watermark is written again. */
#define IDS_AHEAD 65536

/* Up to this size a file is read whole at open, to find what is wrong with it. */
#define CHECKED_FILE_SIZE (UINT64_C(64) << 20)

enum verdict { SOUND, DAMAGED, REFUSED };

/* What a look at the file and its watermark says. */
struct examination {
    enum spool_watermark_found watermark;
    struct spool_mark mark;         /* of the watermark */
    struct spool_progress progress; /* of the file */
    bool is_new;
    bool lost_power; /* since the last write */
    bool uncertain;  /* there may have been one commit more than the watermark says */
    char damage[ERROR_TEXT_SIZE];
};

static enum verdict damaged(struct examination *found, const char *what)
{
    (void)snprintf(found->damage, sizeof found->damage, "%s", what);
    return DAMAGED;
}

/* A result that is neither: memory, the system. */
static enum verdict judge(struct spool_store *store, int result, struct examination *found,
                          struct error *error)
{
    if (spool_result_is_damage(result) || (result & 0xff) == SQLITE_ERROR)
        return damaged(found, sqlite3_errmsg(store->handle));
    (void)spool_store_error(store, result, "cannot be opened", error);
    return REFUSED;
}

static enum verdict refuse(struct error *error, const char *path, int64_t version)
{
    (void)error_set(error, ERROR_RANGE, path, 0,
                    "%s has version %lld, made by a newer kafka_bridge, and this one reads up to "
                    "%d; update this one, or move the file away when what it holds was sent",
                    path, (long long)version, SPOOL_FORMAT_VERSION);
    return REFUSED;
}

/* Whose file it is, and of which version. */
static enum verdict examine_header(struct spool_store *store, struct examination *found,
                                   struct error *error)
{
    int64_t version = 0;
    int64_t application = 0;
    int64_t tables = 0;
    int result = spool_store_number(store, "PRAGMA user_version", &version);
    if (result == SQLITE_OK)
        result = spool_store_number(store, "PRAGMA application_id", &application);
    if (result == SQLITE_OK)
        result = spool_store_number(store, "SELECT count(*) FROM sqlite_master", &tables);
    if (result != SQLITE_OK)
        return judge(store, result, found, error);
    found->is_new = tables == 0 && version == 0 && application == 0;
    if (found->is_new)
        return SOUND;
    result = spool_store_get_state(store, &found->progress);
    bool ours = result == SQLITE_OK && found->progress.identity != 0;
    if (ours && version == SPOOL_FORMAT_VERSION && application == SPOOL_APPLICATION_ID)
        return SOUND;
    if (ours)
        return damaged(found, "its header is not what was written");
    if (application == SPOOL_APPLICATION_ID && version > SPOOL_FORMAT_VERSION)
        return refuse(error, store->path, version);
    if (application == SPOOL_APPLICATION_ID || found->watermark == SPOOL_WATERMARK_SOUND)
        return damaged(found, "its state is not what was written");
    (void)error_set(error, ERROR_IO, store->path, 0,
                    "%s is a database of something else; give the spool a directory of its own",
                    store->path);
    return REFUSED;
}

/* Whether the b-trees are whole. */
static enum verdict examine_structure(struct spool_store *store, struct examination *found,
                                      struct error *error)
{
    if (spool_file_size(store->path) > CHECKED_FILE_SIZE)
        return SOUND;
    sqlite3_stmt *check = NULL;
    enum verdict verdict = SOUND;
    int result = sqlite3_prepare_v2(store->handle, "PRAGMA quick_check(1)", -1, &check, NULL);
    if (result == SQLITE_OK)
        result = sqlite3_step(check);
    if (result == SQLITE_ROW) {
        const char *text = (const char *)sqlite3_column_text(check, 0);
        if (!text || strcmp(text, "ok") != 0)
            verdict = damaged(found, text ? text : "its pages are not whole");
    } else if (result != SQLITE_DONE) {
        verdict = judge(store, result, found, error);
    }
    (void)sqlite3_finalize(check);
    return verdict;
}

/* Whether all that was committed is there. */
static enum verdict examine_progress(struct examination *found)
{
    if (found->watermark != SPOOL_WATERMARK_SOUND)
        return SOUND;
    const struct spool_progress *marked = &found->mark.progress;
    if (found->is_new)
        return marked->commits > 0 ? damaged(found, "it is missing or empty") : SOUND;
    if (marked->identity != found->progress.identity)
        return damaged(found, "it is not the file that its watermark belongs to");
    if (marked->commits > found->progress.commits && !found->lost_power)
        return damaged(found, "commits are missing at its end");
    return SOUND;
}

/* Origins, sequences and blocks, of a file whose state was read. */
static enum verdict load(struct spool *spool, struct spool_store *store, struct examination *found,
                         struct error *error)
{
    spool->mark.progress = found->progress;
    int result = spool_store_prepare(store);
    if (result == SQLITE_OK)
        result = spool_load(spool, store);
    if (result == SQLITE_OK)
        return SOUND;
    spool_sequences_fini(&spool->sequences);
    spool_origins_fini(&spool->origins);
    spool_notes_fini(&spool->notes);
    return judge(store, result, found, error);
}

static void look_at_watermark(const char *path, struct examination *found)
{
    uint64_t turn = 0;
    found->watermark = spool_watermark_look(path, &found->mark, &turn);
    bool is_known =
        found->watermark == SPOOL_WATERMARK_SOUND || found->watermark == SPOOL_WATERMARK_HALF;
    uint64_t boot = spool_boot();
    found->lost_power =
        is_known && !found->mark.progress.clean && boot != 0 && boot != found->mark.boot;
}

/* The slot that is damaged was the older one, or else the file shows it; or else one commit is not
 * known of, and numbers may have come up to their limit in it. */
static void resolve_half(struct examination *found)
{
    if (found->watermark != SPOOL_WATERMARK_HALF)
        return;
    found->watermark = SPOOL_WATERMARK_SOUND;
    struct spool_progress *marked = &found->mark.progress;
    found->uncertain = !marked->clean && !found->lost_power &&
                       (found->progress.identity != marked->identity ||
                        found->progress.commits <= marked->commits);
    if (found->uncertain)
        marked->numbers = found->mark.numbers_limit + SPOOL_NUMBERS_AHEAD;
}

static enum verdict examine(struct spool *spool, struct examination *found, struct error *error)
{
    const char *path = spool->path;
    *found = (struct examination){0};
    look_at_watermark(path, found);
    char log[SPOOL_NAME_SIZE];
    spool_name(log, path, "-wal");
    if (spool_file_size(path) == 0 && spool_file_size(log) > 0) {
        resolve_half(found);
        return damaged(found, "it is missing, and only its log is there");
    }
    struct spool_store store;
    int result = spool_store_open(&store, path, SPOOL_STORE_WRITER);
    enum verdict verdict = result == SQLITE_OK ? SOUND : judge(&store, result, found, error);
    if (verdict == SOUND)
        verdict = examine_header(&store, found, error);
    resolve_half(found);
    if (verdict == SOUND)
        verdict = examine_progress(found);
    if (verdict == SOUND && !found->is_new)
        verdict = examine_structure(&store, found, error);
    if (verdict == SOUND && !found->is_new)
        verdict = load(spool, &store, found, error);
    spool_store_close(&store, false);
    return verdict;
}

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
    struct spool_progress *progress = &spool->mark.progress;
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
static void go_on(struct spool *spool, const struct examination *found,
                  struct spool_findings *findings)
{
    struct spool_progress *progress = &spool->mark.progress;
    const struct spool_progress *marked = &found->mark.progress;
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

static enum error_code connect_writer(struct spool *spool, bool is_new, struct error *error)
{
    struct spool_store *writer = &spool->writer;
    int result = spool_store_open(writer, spool->path, SPOOL_STORE_WRITER);
    if (result == SQLITE_OK && is_new)
        result = spool_store_make(writer);
    if (result == SQLITE_OK)
        result = spool_store_prepare(writer);
    if (result == SQLITE_OK)
        result =
            spool_store_run(writer, spool->sync == SPOOL_SYNC_FULL
                                        ? "PRAGMA synchronous=FULL; PRAGMA cache_size=-8192"
                                        : "PRAGMA synchronous=NORMAL; PRAGMA cache_size=-8192");
    return result == SQLITE_OK ? ERROR_NONE
                               : spool_store_error(writer, result, "cannot be opened", error);
}

static enum error_code connect_reader(struct spool *spool, enum spool_store_mode mode,
                                      struct error *error)
{
    int result = spool_store_open(&spool->reader, spool->path, mode);
    if (result == SQLITE_OK)
        result = spool_store_prepare(&spool->reader);
    return result == SQLITE_OK ? ERROR_NONE
                               : spool_store_error(&spool->reader, result, "cannot be read", error);
}

enum error_code spool_connect(struct spool *spool, bool is_new, struct error *error)
{
    enum error_code code = connect_writer(spool, is_new, error);
    if (code == ERROR_NONE)
        code = connect_reader(spool, SPOOL_STORE_READER, error);
    return code;
}

void spool_disconnect(struct spool *spool, bool checkpoint)
{
    spool_store_close(&spool->reader, false);
    spool_store_close(&spool->writer, checkpoint);
}

static enum error_code repair(struct spool *spool, struct examination *found,
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
    findings->lost_records = salvage.lost_records;
    found->mark = salvage.mark;
    found->progress = salvage.mark.progress;
    found->watermark = SPOOL_WATERMARK_SOUND;
    found->is_new = false;
    found->lost_power = false;
    found->uncertain = false;
    struct spool_store store;
    int result = spool_store_open(&store, spool->path, SPOOL_STORE_READER);
    if (result != SQLITE_OK)
        code = spool_store_error(&store, result, "cannot be read after its repair", error);
    else if (load(spool, &store, found, error) != SOUND)
        code = error_set(error, ERROR_IO, spool->path, 0, "%s cannot be read after its repair: %s",
                         spool->path, found->damage);
    spool_store_close(&store, false);
    return code;
}

static enum error_code look_and_repair(struct spool *spool, struct examination *found,
                                       struct spool_findings *findings, struct error *error)
{
    enum error_code code = spool_salvage_resume(spool->path, error);
    if (code != ERROR_NONE)
        return code;
    switch (examine(spool, found, error)) {
    case SOUND:
        return ERROR_NONE;
    case DAMAGED:
        return repair(spool, found, findings, error);
    default:
        return error->code;
    }
}

static void write_identity(struct spool *spool)
{
    const uint64_t identity = spool->mark.progress.identity;
    spool->identity = identity;
    (void)snprintf(spool->identity_text, sizeof spool->identity_text, "%016" PRIx64 "%016" PRIx64,
                   identity, spool_checksum(&identity, sizeof identity, 0));
}

static enum error_code begin(struct spool *spool, const struct examination *found,
                             struct spool_findings *findings, struct error *error)
{
    enum error_code code = spool_connect(spool, found->is_new, error);
    if (code == ERROR_NONE)
        code = spool_watermark_open(&spool->watermark, spool->path, error);
    if (code != ERROR_NONE)
        return code;
    spool->mark.progress = found->progress;
    if (found->is_new)
        spool->mark.progress = (struct spool_progress){.identity = spool_identity_new()};
    write_identity(spool);
    go_on(spool, found, findings);
    struct spool_progress *progress = &spool->mark.progress;
    progress->clean = 0;
    uint64_t last = progress->id_limit > spool->kept.last ? progress->id_limit : spool->kept.last;
    spool->next_id = last + 1;
    progress->id_limit = last + IDS_AHEAD;
    spool->mark.boot = spool_boot();
    spool_ballast_make(&spool->ballast, &spool->writer);
    code = spool_commit(spool, NULL, 0, true, error);
    if (code != ERROR_NONE)
        return code;
    /* So that the file alone says that it is in use. */
    (void)spool_store_run(&spool->writer, "PRAGMA wal_checkpoint(TRUNCATE)");
    spool_sync_directory(spool->path);
    return ERROR_NONE;
}

static struct spool *create(const char *path)
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

static void destroy(struct spool *spool, bool checkpoint)
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
    struct spool *spool = create(path);
    if (!spool)
        return error_set(error, ERROR_MEMORY, path, 0, "%s: no memory", path);
    spool->max_bytes = options->max_bytes;
    spool->sync = options->sync;
    spool->report = options->report;
    spool->report_user = options->user;
    struct examination found;
    enum error_code code = spool_holder_take(path, &spool->lock_file, error);
    if (code == ERROR_NONE)
        code = look_and_repair(spool, &found, findings, error);
    if (code == ERROR_NONE)
        code = begin(spool, &found, findings, error);
    if (code != ERROR_NONE) {
        destroy(spool, false);
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

enum error_code spool_open_read_only(const char *path, struct spool **result, struct error *error)
{
    struct error unheard;
    error = error ? error : &unheard;
    if (access(path, F_OK) != 0)
        return error_set(error, ERROR_MISSING, path, 0, "there is no file %s", path);
    struct spool *spool = create(path);
    if (!spool)
        return error_set(error, ERROR_MEMORY, path, 0, "%s: no memory", path);
    spool->read_only = true;
    struct examination found = {0};
    struct spool_store *store = &spool->reader;
    int status = spool_store_open(store, path, SPOOL_STORE_LOOK);
    enum verdict verdict = status == SQLITE_OK ? SOUND : judge(store, status, &found, error);
    if (verdict == SOUND)
        verdict = examine_header(store, &found, error);
    if (verdict == SOUND && !found.is_new)
        verdict = load(spool, store, &found, error);
    enum error_code code = verdict == REFUSED ? error->code : ERROR_NONE;
    if (verdict == DAMAGED || (verdict == SOUND && found.is_new))
        code = error_set(error, ERROR_IO, path, 0,
                         "%s is damaged (%s); a node that opens it repairs it", path,
                         found.is_new ? "it is empty" : found.damage);
    if (code != ERROR_NONE) {
        destroy(spool, false);
        return code;
    }
    write_identity(spool);
    *result = spool;
    return ERROR_NONE;
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
    destroy(spool, ended);
}
