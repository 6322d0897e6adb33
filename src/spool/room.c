#include "spool/room.h"

#include "spool/privacy.h"
#include "spool/system.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#define MOST_PAGES   3072  /* 12 MiB: larger ones were no faster */
#define LARGE_PAGES  24576 /* 96 MiB: with large blocks */
#define LARGE_BLOCKS 8     /* that the log holds */
#define LEAST_PAGES  64
#define PART         16 /* of what is free, and of max_bytes */
#define FRAME_SIZE   (SPOOL_PAGE_SIZE + 24)
#define CHUNKS       8  /* of the file, that the log may come to */
#define OTHER_FRAMES 64 /* pages that a transaction changes besides */
#define PER_ROW      2  /* pages, besides those that its bytes fill */
#define PER_COMMIT   4  /* pages of inner nodes and of the other tables */
#define PAGE_CONTENT (SPOOL_PAGE_SIZE - 4)

static uint64_t clamp(uint64_t pages, uint64_t most)
{
    return pages < LEAST_PAGES ? LEAST_PAGES : pages > most ? most : pages;
}

static void set_log(const struct spool_room *room, struct spool_store *store)
{
    char sql[64];
    (void)snprintf(sql, sizeof sql, "PRAGMA wal_autocheckpoint=%d", (int)room->log_pages);
    (void)spool_store_run(store, sql);
}

void spool_room_bound_log(struct spool_room *room, struct spool_store *store, uint64_t max_bytes)
{
    uint64_t free = spool_free_bytes(store->path);
    uint64_t least = free < max_bytes ? free : max_bytes;
    uint64_t pages = least / PART / SPOOL_PAGE_SIZE;
    room->log_pages = clamp(pages, MOST_PAGES);
    room->log_most = clamp(pages, LARGE_PAGES);
    /* A checkpoint cuts the file off behind its last page, rounded up to this. */
    int chunk = (int)room->log_pages / CHUNKS * SPOOL_PAGE_SIZE;
    (void)sqlite3_file_control(store->handle, "main", SQLITE_FCNTL_CHUNK_SIZE, &chunk);
    set_log(room, store);
}

/* A log that a few blocks fill is emptied all the time: each time two waits for the disk, and what
 * goes soon is written a second time. */
static void lengthen_log(struct spool_room *room, struct spool_store *store, uint64_t pages)
{
    uint64_t wanted = pages * LARGE_BLOCKS;
    wanted = wanted < room->log_most ? wanted : room->log_most;
    if (wanted <= room->log_pages)
        return;
    room->log_pages = wanted;
    set_log(room, store);
}

uint64_t spool_room_pages(uint64_t size, uint64_t rows)
{
    return size / PAGE_CONTENT + rows * PER_ROW + PER_COMMIT;
}

/* A file system that cannot do it is no hindrance. */
static bool reserve(int file, uint64_t from, uint64_t to)
{
    int result;
    do
        result = fallocate(file, FALLOC_FL_KEEP_SIZE, (off_t)from, (off_t)(to - from));
    while (result != 0 && errno == EINTR);
    return result == 0 || errno == EOPNOTSUPP || errno == ENOSYS;
}

static bool extend_log(struct spool_room *room, const char *path, uint64_t pages)
{
    uint64_t to = (room->log_pages + pages + OTHER_FRAMES) * FRAME_SIZE;
    if (to <= room->log_reserved)
        return true;
    char name[SPOOL_NAME_SIZE];
    spool_name(name, path, "-wal");
    int file = open(name, O_RDWR | O_CREAT | O_CLOEXEC, SPOOL_FILE_MODE);
    if (file < 0)
        return false;
    bool has = reserve(file, room->log_reserved, to);
    (void)close(file);
    if (has)
        room->log_reserved = to;
    return has;
}

void spool_room_keep_log(struct spool_room *room, const char *path)
{
    room->log_reserved = 0;
    (void)extend_log(room, path, 0);
}

/* Whether the file is or becomes so large. Where the disk is full it may have become larger, if not
 * by a whole chunk. */
static bool extend_file(struct spool_store *store, uint64_t pages)
{
    uint64_t size = pages * SPOOL_PAGE_SIZE;
    if (size <= spool_file_size(store->path))
        return true;
    sqlite3_int64 hint = (sqlite3_int64)size;
    return sqlite3_file_control(store->handle, "main", SQLITE_FCNTL_SIZE_HINT, &hint) ==
               SQLITE_OK ||
           size <= spool_file_size(store->path);
}

/* Counts anew: a transaction takes less than what was held ready for it. */
static bool count_pages(struct spool_room *room, struct spool_store *store)
{
    return spool_store_count(store, SPOOL_PAGE_COUNT, &room->pages) == SQLITE_OK &&
           spool_store_count(store, SPOOL_FREE_COUNT, &room->free) == SQLITE_OK;
}

bool spool_room_make(struct spool_room *room, struct spool_store *store, uint64_t pages)
{
    lengthen_log(room, store, pages);
    if (!extend_log(room, store->path, pages))
        return false;
    if (room->free < pages && !count_pages(room, store))
        return true; /* what is wrong shows in the transaction */
    if (room->free >= pages) {
        room->free -= pages;
        return true;
    }
    if (!extend_file(store, room->pages + pages))
        return false;
    room->pages += pages;
    return true;
}
