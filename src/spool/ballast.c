#include "spool/ballast.h"

#include "spool/system.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#define LARGEST       (UINT64_C(16) << 20)
#define SMALLEST      (UINT64_C(256) << 10)
#define PART_OF_DISK  16 /* of what is free */
#define NO_PAGE_LIMIT 4294967294U

/* How many pages the log may have before it is emptied into the file. */
static void bound_log(const struct spool_ballast *ballast, struct spool_store *store)
{
    char sql[128];
    (void)snprintf(sql, sizeof sql, "PRAGMA wal_autocheckpoint=%llu",
                   (unsigned long long)(ballast->bytes / 4 * 3 / SPOOL_PAGE_SIZE));
    (void)spool_store_run(store, sql);
}

static bool make_file(const struct spool_ballast *ballast, const struct spool_store *store)
{
    char name[SPOOL_NAME_SIZE];
    spool_name(name, store->path, "-ballast");
    if (spool_file_size(name) == ballast->bytes)
        return true;
    int file = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    if (file < 0)
        return false;
    bool made = ftruncate(file, 0) == 0 && posix_fallocate(file, 0, (off_t)ballast->bytes) == 0;
    (void)close(file);
    if (!made)
        (void)unlink(name);
    return made;
}

void spool_ballast_make(struct spool_ballast *ballast, struct spool_store *store)
{
    char name[SPOOL_NAME_SIZE];
    spool_name(name, store->path, "-ballast");
    uint64_t size = spool_file_size(name);
    uint64_t part = (spool_free_bytes(store->path) + size) / PART_OF_DISK;
    ballast->bytes = part < SMALLEST ? SMALLEST : part > LARGEST ? LARGEST : part;
    ballast->released = !make_file(ballast, store);
    bound_log(ballast, store);
}

/* The file may not grow over what it has now, or may again. */
static void bound_file(struct spool_store *store, bool bounded)
{
    int64_t pages = NO_PAGE_LIMIT;
    if (bounded && spool_store_number(store, "PRAGMA page_count", &pages) != SQLITE_OK)
        return;
    char sql[64];
    (void)snprintf(sql, sizeof sql, "PRAGMA max_page_count=%lld", (long long)pages);
    (void)spool_store_run(store, sql);
}

bool spool_ballast_release(struct spool_ballast *ballast, struct spool_store *store)
{
    char name[SPOOL_NAME_SIZE];
    spool_name(name, store->path, "-ballast");
    bool was_there = unlink(name) == 0;
    ballast->released = true;
    bound_file(store, true);
    int left = -1;
    int done = -1;
    int result =
        sqlite3_wal_checkpoint_v2(store->handle, NULL, SQLITE_CHECKPOINT_PASSIVE, &left, &done);
    return was_there || (result == SQLITE_OK && left >= 0 && left == done);
}

void spool_ballast_restore(struct spool_ballast *ballast, struct spool_store *store)
{
    if (!ballast->released || spool_free_bytes(store->path) < ballast->bytes * 2 ||
        !make_file(ballast, store))
        return;
    ballast->released = false;
    bound_file(store, false);
}
