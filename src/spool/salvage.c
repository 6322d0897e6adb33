/* The new file is made whole beside the damaged one before that is touched, so that a process that
 * dies here, or a disk that is full, costs nothing. */
#include "spool/salvage.h"

#include "spool/privacy.h"
#include "spool/salvage_rows.h"
#include "spool/system.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

static const enum spool_pages_view views[] = {SPOOL_PAGES_NEWEST, SPOOL_PAGES_SOUND,
                                              SPOOL_PAGES_FILE};
#define VIEWS ((int)(sizeof views / sizeof *views))

static void remove_database(const char *path)
{
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    for (int i = 0; i < 3; i++) {
        char name[SPOOL_NAME_SIZE];
        spool_name(name, path, suffixes[i]);
        (void)unlink(name);
    }
}

static void move(const char *from, const char *to, const char *suffix)
{
    char old[SPOOL_NAME_SIZE];
    char new[SPOOL_NAME_SIZE];
    spool_name(old, from, suffix);
    spool_name(new, to, suffix);
    (void)rename(old, new);
}

/* The new file takes the damaged one's place. The file first, then its log: spool_salvage_resume
 * goes on from any point in between. */
static enum error_code exchange(const char *path, const char *aside, const char *made,
                                struct error *error)
{
    move(path, aside, "");
    move(path, aside, "-wal");
    char name[SPOOL_NAME_SIZE];
    spool_name(name, path, "-shm");
    (void)unlink(name);
    if (rename(made, path) != 0)
        return spool_system_error(error, errno, path, "cannot be replaced");
    spool_sync_directory(path);
    return ERROR_NONE;
}

/* Whether the new file was finished, which its state is the last of; it has no log then. */
static bool is_finished(const char *made)
{
    struct spool_store store;
    struct spool_extent progress;
    int result = spool_store_open(&store, made, SPOOL_STORE_WRITER);
    if (result == SQLITE_OK)
        result = spool_store_get_state(&store, &progress);
    if (result == SQLITE_OK)
        result = spool_store_run(&store, "PRAGMA wal_checkpoint(TRUNCATE)");
    spool_store_close(&store, result == SQLITE_OK);
    return result == SQLITE_OK;
}

enum error_code spool_salvage_resume(const char *path, struct error *error)
{
    char made[SPOOL_NAME_SIZE];
    spool_name(made, path, "-salvage");
    if (access(made, F_OK) != 0)
        return ERROR_NONE;
    if (access(path, F_OK) == 0 || !is_finished(made)) {
        remove_database(made);
        return ERROR_NONE;
    }
    char aside[SPOOL_NAME_SIZE];
    spool_damaged_name(aside, path);
    return exchange(path, aside, made, error);
}

static enum error_code find_state(struct spool_pages *pages, struct spool_rows *rows,
                                  uint64_t identity)
{
    enum error_code code = ERROR_NONE;
    rows->identity = identity;
    for (int i = 0; i < VIEWS && code == ERROR_NONE && rows->progress.identity == 0; i++)
        code = spool_pages_visit(pages, views[i], spool_rows_find_state, rows);
    return code;
}

/* What the watermark knows, or the newest state that is found, or nothing. */
static enum error_code find_progress(struct spool_salvage *salvage, struct spool_pages *pages,
                                     struct spool_rows *rows)
{
    struct spool_extent *progress = &salvage->mark.progress;
    enum error_code code = ERROR_NONE;
    if (salvage->mark_known) {
        code = find_state(pages, rows, progress->identity);
        bool is_ours = rows->progress.identity != 0;
        if (code == ERROR_NONE && !is_ours)
            code = find_state(pages, rows, 0);
        /* A watermark of another file says nothing of this one, but that its numbers were used. */
        salvage->mark_known = is_ours || rows->progress.identity == 0;
    } else {
        code = find_state(pages, rows, 0);
    }
    if (salvage->mark_known) {
        rows->progress = *progress;
        return code;
    }
    uint64_t number = spool_number_of_last_resort();
    number = number > progress->numbers ? number : progress->numbers;
    *progress = rows->progress;
    if (progress->identity == 0)
        progress->identity = rows->progress.identity = spool_identity_new();
    if (progress->numbers < number)
        progress->numbers = number;
    if (progress->id_limit < number)
        progress->id_limit = number;
    return code;
}

/* Records that should be there and were not found. Those that were trimmed while others before them
 * were kept count too, as it is not known which they were. */
static uint64_t missing(const struct spool_salvage *salvage, const struct spool_rows *rows)
{
    const struct spool_extent *progress = &salvage->mark.progress;
    uint64_t accepted = progress->accepted > rows->end ? progress->accepted : rows->end;
    uint64_t kept = accepted - progress->first_at;
    return kept > rows->blocks.records ? kept - rows->blocks.records : 0;
}

static enum error_code find_rows(const struct spool_salvage *salvage, struct spool_pages *pages,
                                 struct spool_rows *rows)
{
    enum error_code code = ERROR_NONE;
    for (int i = 0; i < VIEWS && code == ERROR_NONE; i++) {
        /* Older copies of pages may hold what was trimmed since. */
        if (!salvage->mark_known || missing(salvage, rows) > 0)
            code = spool_pages_visit(pages, views[i], spool_rows_find_blocks, rows);
        if (code == ERROR_NONE && !salvage->only_blocks)
            code = spool_pages_visit(pages, views[i], spool_rows_find_names, rows);
    }
    return code;
}

/* A sequence may have come so far since its row was written: that was when so many numbers of all
 * topics were used as `committed` says. */
static uint64_t next_of(const struct spool_sequence_entry *entry, uint64_t numbers)
{
    uint64_t since = numbers > entry->committed ? numbers - entry->committed : 0;
    return entry->sequence.next + since;
}

static int write_names(const struct spool_salvage *salvage, const struct spool_rows *rows)
{
    const struct spool_extent *progress = &salvage->mark.progress;
    int result = SQLITE_OK;
    for (uint32_t i = 0; i < rows->sequences.count && result == SQLITE_OK; i++) {
        const struct spool_sequence_entry *entry = rows->sequences.entries[i];
        result =
            spool_store_put_sequence(rows->store, progress->identity, entry->id, entry->kafka_topic,
                                     next_of(entry, progress->numbers), progress->numbers);
    }
    for (uint32_t i = 0; i < rows->origins.count && result == SQLITE_OK; i++) {
        if (rows->origins.entries[i])
            result =
                spool_store_put_origin(rows->store, progress->identity, rows->origins.entries[i]);
    }
    for (const struct spool_note_entry *entry = rows->notes.first; entry && result == SQLITE_OK;
         entry = entry->next)
        result = spool_store_put_note(rows->store, progress->identity, entry->id, entry->name,
                                      entry->note.value, entry->note.found);
    if (result == SQLITE_OK && rows->cluster.id[0] != '\0')
        result = spool_store_put_cluster(rows->store, progress->identity, &rows->cluster,
                                         rows->cluster_commits);
    return result;
}

/* How much is lost, and what that makes of the progress. */
static void settle_accounts(struct spool_salvage *salvage, const struct spool_rows *rows)
{
    struct spool_extent *progress = &salvage->mark.progress;
    salvage->is_counted = salvage->mark_known;
    salvage->lost_records = missing(salvage, rows);
    if (rows->end > progress->accepted)
        progress->accepted = rows->end;
    progress->trimmed = progress->accepted - rows->blocks.records;
    progress->untold += salvage->lost_records;
    progress->floor = progress->numbers;
    progress->commits++;
    progress->clean = 0;
    if (progress->id_limit < rows->blocks.last)
        progress->id_limit = rows->blocks.last;
    if (progress->origins < rows->origins.count)
        progress->origins = rows->origins.count;
}

static enum error_code fill(struct spool_salvage *salvage, struct spool_pages *pages,
                            struct spool_rows *rows, struct error *error)
{
    enum error_code code = find_progress(salvage, pages, rows);
    int result = code == ERROR_NONE ? spool_store_begin(rows->store) : SQLITE_OK;
    if (code == ERROR_NONE && result == SQLITE_OK)
        code = find_rows(salvage, pages, rows);
    if (result == SQLITE_OK)
        result = rows->result;
    if (code == ERROR_NONE && result == SQLITE_OK) {
        settle_accounts(salvage, rows);
        result = write_names(salvage, rows);
        if (result == SQLITE_OK)
            result = spool_store_put_state(rows->store, &salvage->mark.progress);
        if (result == SQLITE_OK)
            result = spool_store_commit(rows->store);
    }
    if (result != SQLITE_OK)
        return spool_store_error(rows->store, result, "cannot be written", error);
    return code == ERROR_NONE ? code
                              : error_set(error, code, salvage->path, 0,
                                          "%s: no memory for its repair", salvage->path);
}

/* Makes the new file beside the damaged one, on the disk and without a log. */
static enum error_code make(struct spool_salvage *salvage, const char *made,
                            struct spool_pages *pages, struct error *error)
{
    struct spool_store store;
    struct spool_rows rows = {.store = &store};
    int result = spool_store_open(&store, made, SPOOL_STORE_WRITER);
    if (result == SQLITE_OK)
        result = spool_store_make(&store);
    if (result == SQLITE_OK)
        result = spool_store_prepare(&store);
    enum error_code code = result == SQLITE_OK
                               ? fill(salvage, pages, &rows, error)
                               : spool_store_error(&store, result, "cannot be made", error);
    if (code == ERROR_NONE) {
        result = spool_store_run(&store, "PRAGMA synchronous=FULL;"
                                         "PRAGMA wal_checkpoint(TRUNCATE)");
        if (result != SQLITE_OK)
            code = spool_store_error(&store, result, "cannot be written", error);
    }
    spool_rows_fini(&rows);
    spool_store_close(&store, code == ERROR_NONE);
    return code;
}

/* A copy beside the damaged files, for who looks into what happened. */
static void copy_watermark(const char *path, const char *aside)
{
    char name[SPOOL_NAME_SIZE];
    char page[4096];
    spool_name(name, path, "-watermark");
    int from = open(name, O_RDONLY | O_CLOEXEC);
    if (from < 0)
        return;
    ssize_t size = read(from, page, sizeof page);
    (void)close(from);
    spool_name(name, aside, "-watermark");
    int to = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, SPOOL_FILE_MODE);
    if (to < 0)
        return;
    if (size > 0 && write(to, page, (size_t)size) != size)
        (void)unlink(name);
    (void)close(to);
}

enum error_code spool_salvage(struct spool_salvage *salvage, struct error *error)
{
    char made[SPOOL_NAME_SIZE];
    char aside[SPOOL_NAME_SIZE];
    spool_name(made, salvage->path, "-salvage");
    spool_damaged_name(aside, salvage->path);
    remove_database(made);
    struct spool_salvage result = *salvage;
    struct spool_pages pages;
    enum error_code code = spool_pages_open(&pages, salvage->path, SPOOL_PAGE_SIZE, error);
    if (code == ERROR_NONE)
        code = make(&result, made, &pages, error);
    spool_pages_close(&pages);
    if (code == ERROR_NONE) {
        copy_watermark(salvage->path, aside);
        code = exchange(salvage->path, aside, made, error);
    }
    if (code != ERROR_NONE) {
        remove_database(made);
        return code;
    }
    *salvage = result;
    (void)snprintf(salvage->set_aside, sizeof salvage->set_aside, "%s", aside);
    return ERROR_NONE;
}
