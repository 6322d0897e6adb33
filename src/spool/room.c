#include "spool/room.h"

#include "spool/system.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#define MOST_PAGES   3072 /* 12 MiB: larger ones were no faster */
#define LEAST_PAGES  64
#define PART_OF_DISK 16 /* of what is free */
#define FRAME_SIZE   (SPOOL_PAGE_SIZE + 24)
#define CHUNK        65536 /* bytes */
#define OTHER_FRAMES 64    /* pages that a transaction changes besides */
#define PER_ROW      2     /* pages, besides those that its bytes fill */
#define PER_COMMIT   16    /* pages of inner nodes and of the other tables */
#define PAGE_CONTENT (SPOOL_PAGE_SIZE - 4)

void spool_room_bound_log(struct spool_room *room, struct spool_store *store)
{
    uint64_t free = spool_free_bytes(store->path);
    uint64_t pages = free == UINT64_MAX ? MOST_PAGES : free / PART_OF_DISK / SPOOL_PAGE_SIZE;
    room->log_pages = pages < LEAST_PAGES ? LEAST_PAGES : pages > MOST_PAGES ? MOST_PAGES : pages;
    /* A checkpoint cuts the file off behind its last page, rounded up to this. */
    int chunk = CHUNK;
    (void)sqlite3_file_control(store->handle, "main", SQLITE_FCNTL_CHUNK_SIZE, &chunk);
    char sql[64];
    (void)snprintf(sql, sizeof sql, "PRAGMA wal_autocheckpoint=%d", (int)room->log_pages);
    (void)spool_store_run(store, sql);
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
    int file = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
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

static bool extend_file(struct spool_store *store, uint64_t pages)
{
    sqlite3_int64 size = (sqlite3_int64)(pages * SPOOL_PAGE_SIZE);
    return sqlite3_file_control(store->handle, "main", SQLITE_FCNTL_SIZE_HINT, &size) == SQLITE_OK;
}

bool spool_room_make(struct spool_room *room, struct spool_store *store, uint64_t pages)
{
    if (!extend_log(room, store->path, pages))
        return false;
    uint64_t size = spool_file_size(store->path);
    room->pages += pages;
    if (room->pages * SPOOL_PAGE_SIZE <= size)
        return true;
    int64_t count = 0;
    int64_t free = 0;
    if (spool_store_number(store, "PRAGMA page_count", &count) != SQLITE_OK ||
        spool_store_number(store, "PRAGMA freelist_count", &free) != SQLITE_OK)
        return true; /* what is wrong shows in the transaction */
    uint64_t needed = (uint64_t)count + pages;
    room->pages = needed;
    if (needed * SPOOL_PAGE_SIZE <= size || extend_file(store, needed + room->log_pages) ||
        extend_file(store, needed))
        return true;
    room->pages = (uint64_t)count;
    return (uint64_t)free >= pages;
}
