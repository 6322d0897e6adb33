/* Room on the disk that is taken before it is needed, so that a full disk does not stop the spool
 * from giving back what it no longer needs.
 *
 * A commit goes to the write-ahead log, and from there to the file at a checkpoint. Where the disk
 * is full in between, neither could grow and nothing could be committed, not even a deletion. So
 * blocks are reserved behind the ends of both, without a change of their sizes (fallocate(2)): of
 * the log for as much as it may come to, and of the file for every page that it has in the log.
 * What finds no room is refused before SQLite sees it.
 *
 * Where the file system cannot do that, all works the same, but a full disk may have to be freed
 * before anything can be trimmed.
 *
 * Threads: the writer's.
 */
#ifndef KAFKA_BRIDGE_SPOOL_ROOM_H
#define KAFKA_BRIDGE_SPOOL_ROOM_H

#include "spool/store.h"

struct spool_room {
    uint64_t log_pages;    /* that the log may have before it is emptied into the file */
    uint64_t log_most;     /* what that may become */
    uint64_t log_reserved; /* bytes */
    uint64_t pages;        /* the file has at most so many, with those in the log */
    uint64_t free;         /* at least so many of them are free */
};

/* Bounds the log by what the disk has, and by what is to be kept. */
void spool_room_bound_log(struct spool_room *room, struct spool_store *store, uint64_t max_bytes);

/* Pages that `size` bytes in `rows` rows take at most. */
uint64_t spool_room_pages(uint64_t size, uint64_t rows);

/* Before a transaction that writes at most so many new pages: whether there is room for it. The
 * log becomes longer where it would hold only a few of these. */
bool spool_room_make(struct spool_room *room, struct spool_store *store, uint64_t pages);

/* The log was cut off to nothing, and what was reserved for it is gone. */
void spool_room_keep_log(struct spool_room *room, const char *path);

#endif
