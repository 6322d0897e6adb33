#include "spool/examination.h"

#include <inttypes.h>
#include <stdio.h>

/* Up to this size a file is read whole at open, to find what is wrong with it. */
#define CHECKED_FILE_SIZE (UINT64_C(64) << 20)

static enum spool_verdict damaged(struct spool_examination *found, const char *what)
{
    (void)snprintf(found->damage, sizeof found->damage, "%s", what);
    return SPOOL_DAMAGED;
}

/* A result that is neither: memory, the system. */
static enum spool_verdict judge(struct spool_store *store, int result,
                                struct spool_examination *found, struct error *error)
{
    if (spool_result_is_damage(result) || (result & 0xff) == SQLITE_ERROR)
        return damaged(found, sqlite3_errmsg(store->handle));
    (void)spool_store_error(store, result, "cannot be opened", error);
    return SPOOL_REFUSED;
}

static enum spool_verdict refuse(struct error *error, const char *path, int64_t version)
{
    (void)error_set(error, ERROR_RANGE, path, 0,
                    "%s has version %lld, made by a newer kafka_bridge, and this one reads up to "
                    "%d; update this one, or move the file away when what it holds was sent",
                    path, (long long)version, SPOOL_FORMAT_VERSION);
    return SPOOL_REFUSED;
}

/* Who made the file ended before the first commit: it has nothing but tables. */
static bool is_unused(struct spool_store *store)
{
    int64_t rows = 0;
    return spool_store_number(store,
                              "SELECT (SELECT count(*) FROM state) +"
                              " (SELECT count(*) FROM sequence) + (SELECT count(*) FROM origin) +"
                              " (SELECT count(*) FROM note) + (SELECT count(*) FROM block)",
                              &rows) == SQLITE_OK &&
           rows == 0;
}

/* Whose file it is, and of which version. */
static enum spool_verdict examine_header(struct spool_store *store, struct spool_examination *found,
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
        return SPOOL_SOUND;
    result = spool_store_get_state(store, &found->progress);
    bool ours = result == SQLITE_OK && found->progress.identity != 0;
    if (ours && version == SPOOL_FORMAT_VERSION && application == SPOOL_APPLICATION_ID)
        return SPOOL_SOUND;
    found->is_new = application == SPOOL_APPLICATION_ID && version == SPOOL_FORMAT_VERSION &&
                    result == SQLITE_EMPTY && is_unused(store);
    if (found->is_new)
        return SPOOL_SOUND;
    if (ours)
        return damaged(found, "its header is not what was written");
    if (application == SPOOL_APPLICATION_ID && version > SPOOL_FORMAT_VERSION)
        return refuse(error, store->path, version);
    if (application == SPOOL_APPLICATION_ID || found->watermark == SPOOL_WATERMARK_SOUND)
        return damaged(found, "its state is not what was written");
    (void)error_set(error, ERROR_IO, store->path, 0,
                    "%s is a database of something else; give the spool a directory of its own",
                    store->path);
    return SPOOL_REFUSED;
}

/* Whether the b-trees are whole. */
static enum spool_verdict examine_structure(struct spool_store *store,
                                            struct spool_examination *found, struct error *error)
{
    if (spool_file_size(store->path) > CHECKED_FILE_SIZE)
        return SPOOL_SOUND;
    sqlite3_stmt *check = NULL;
    enum spool_verdict verdict = SPOOL_SOUND;
    int result = sqlite3_prepare_v2(store->handle, "PRAGMA quick_check(1)", -1, &check, NULL);
    if (result == SQLITE_OK)
        result = sqlite3_step(check);
    if (result == SQLITE_ROW) {
        const char *text = (const char *)sqlite3_column_text(check, 0);
        if (!text)
            verdict = judge(store, SQLITE_NOMEM, found, error);
        else if (strcmp(text, "ok") != 0)
            verdict = damaged(found, text);
    } else if (result != SQLITE_DONE) {
        verdict = judge(store, result, found, error);
    }
    (void)sqlite3_finalize(check);
    return verdict;
}

/* Whether all that was committed is there. */
static enum spool_verdict examine_progress(struct spool_examination *found)
{
    if (found->watermark != SPOOL_WATERMARK_SOUND)
        return SPOOL_SOUND;
    const struct spool_extent *marked = &found->mark.progress;
    if (found->is_new)
        return marked->commits > 0 ? damaged(found, "it is missing or empty") : SPOOL_SOUND;
    if (marked->identity != found->progress.identity)
        return damaged(found, "it is not the file that its watermark belongs to");
    if (marked->commits > found->progress.commits && !found->lost_power)
        return damaged(found, "commits are missing at its end");
    return SPOOL_SOUND;
}

/* Origins, sequences and blocks, of a file whose state was read. */
static enum spool_verdict load(struct spool *spool, struct spool_store *store,
                               struct spool_examination *found, struct error *error)
{
    spool->mark.progress = found->progress;
    int result = spool_store_prepare(store);
    if (result == SQLITE_OK)
        result = spool_load(spool, store);
    if (result == SQLITE_OK)
        return SPOOL_SOUND;
    spool_sequences_fini(&spool->sequences);
    spool_origins_fini(&spool->origins);
    spool_notes_fini(&spool->notes);
    return judge(store, result, found, error);
}

static void look_at_watermark(const char *path, struct spool_examination *found)
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
static void resolve_half(struct spool_examination *found)
{
    if (found->watermark != SPOOL_WATERMARK_HALF)
        return;
    found->watermark = SPOOL_WATERMARK_SOUND;
    struct spool_extent *marked = &found->mark.progress;
    found->uncertain = !marked->clean && !found->lost_power &&
                       (found->progress.identity != marked->identity ||
                        found->progress.commits <= marked->commits);
    if (found->uncertain)
        marked->numbers = found->mark.numbers_limit + SPOOL_NUMBERS_AHEAD;
}

enum spool_verdict spool_examine_file(struct spool *spool, struct spool_store *store, int result,
                                      struct spool_examination *found, struct error *error)
{
    enum spool_verdict verdict =
        result == SQLITE_OK ? SPOOL_SOUND : judge(store, result, found, error);
    if (verdict == SPOOL_SOUND)
        verdict = examine_header(store, found, error);
    if (verdict == SPOOL_SOUND && found->is_new)
        verdict = damaged(found, "it is empty");
    return verdict == SPOOL_SOUND ? load(spool, store, found, error) : verdict;
}

static enum spool_verdict examine(struct spool *spool, struct spool_store *store,
                                  struct spool_examination *found, struct error *error)
{
    int result = spool_store_open(store, spool->path, SPOOL_STORE_WRITER);
    enum spool_verdict verdict =
        result == SQLITE_OK ? SPOOL_SOUND : judge(store, result, found, error);
    if (verdict == SPOOL_SOUND)
        verdict = examine_header(store, found, error);
    resolve_half(found);
    if (verdict == SPOOL_SOUND)
        verdict = examine_progress(found);
    if (verdict == SPOOL_SOUND && !found->is_new)
        verdict = examine_structure(store, found, error);
    if (verdict == SPOOL_SOUND && !found->is_new)
        verdict = load(spool, store, found, error);
    return verdict;
}

enum spool_verdict spool_examine(struct spool *spool, struct spool_examination *found,
                                 struct error *error)
{
    *found = (struct spool_examination){0};
    look_at_watermark(spool->path, found);
    char log[SPOOL_NAME_SIZE];
    spool_name(log, spool->path, "-wal");
    if (spool_file_size(spool->path) == 0 && spool_file_size(log) > 0) {
        resolve_half(found);
        return damaged(found, "it is missing, and only its log is there");
    }
    struct spool_store store;
    enum spool_verdict verdict = examine(spool, &store, found, error);
    spool_store_close(&store, false);
    return verdict;
}
