/* What the files of this room share of a spool. Locks are taken in the order of their fields. */
#ifndef KAFKA_BRIDGE_SPOOL_SPOOL_PRIVATE_H
#define KAFKA_BRIDGE_SPOOL_SPOOL_PRIVATE_H

#include "spool/cluster.h"
#include "spool/notes.h"
#include "spool/origins.h"
#include "spool/room.h"
#include "spool/sequences.h"
#include "spool/settled.h"
#include "spool/store.h"
#include "spool/system.h"
#include "spool/watermark.h"

#include <pthread.h>

struct spool {
    char path[SPOOL_NAME_SIZE];
    uint64_t max_bytes;
    enum spool_sync sync;
    bool read_only;
    void (*report)(void *user, const char *text);
    void *report_user;
    int lock_file;
    uint64_t identity; /* never changes */
    char identity_text[33];

    pthread_mutex_t writing; /* of what is the writer's: */
    struct spool_store writer;
    struct spool_sequences sequences;
    struct spool_room room;
    bool in_order; /* the blocks were accepted in the order of their ids */
    bool grown;    /* records were kept since the file was last shrunk */

    uint64_t repairs;     /* so many were done */
    int64_t repair_after; /* seconds of the monotonic clock: not before */
    bool is_salvaged;     /* a repair that failed had come so far */
    char trouble[ERROR_TEXT_SIZE];

    pthread_mutex_t reading; /* of the reader's connection */
    struct spool_store reader;

    pthread_mutex_t lock; /* of what follows; never held over a transaction */
    struct spool_origins origins;
    struct spool_notes notes;
    struct spool_cluster cluster;
    uint64_t cluster_version;     /* each other one is one more */
    uint64_t cluster_committed;   /* the version that is in the file */
    struct spool_settled settled; /* and not yet in a transaction */
    struct spool_settled leaving; /* in the transaction under way */
    struct spool_watermark watermark;
    struct spool_mark mark; /* its progress is that of the last commit */
    uint64_t next_id;
    struct spool_measure kept;
    uint64_t lost_records;
};

/* What the transaction under way changes, for when it is committed. */
struct spool_change {
    struct spool_extent progress;
    struct spool_measure trimmed;
    struct spool_measure added;
    bool in_order;
    uint64_t last_id; /* of the blocks that are there */
    uint32_t origins; /* so many are in the file then */
    uint64_t cluster; /* the version that is in the file then */
};

/* Numbers that may be used before the watermark has to be on the disk again. */
#define SPOOL_NUMBERS_AHEAD (UINT64_C(1) << 20)

/* Writes the mark of the last commit. With `lock`. `durable` as spool_watermark_write has it. */
void spool_mark_write(struct spool *spool, bool durable);

/* Loads origins, sequences, and how much is kept. SQLite's result code; SQLITE_CORRUPT also where a
 * checksum is wrong. */
int spool_load(struct spool *spool, struct spool_store *store);

/* NULL where memory ran out. Nothing is opened yet. */
struct spool *spool_create(const char *path);
void spool_destroy(struct spool *spool, bool checkpoint);

/* Puts down whose it is, after its progress was read. */
void spool_write_identity(struct spool *spool);

/* Opens both connections on a file that is sound. `is_new`: and makes its tables. */
enum error_code spool_connect(struct spool *spool, bool is_new, struct error *error) MUST_CHECK;
void spool_disconnect(struct spool *spool, bool checkpoint);

/* With `writing` and nothing else: repairs the file where there were so many `repairs` when the
 * damage was met. ERROR_IO, ERROR_FULL, ERROR_MEMORY: it is tried again by and by. */
enum error_code spool_repair(struct spool *spool, uint64_t repairs, struct error *error) MUST_CHECK;

/* With `writing`: what was settled, then blocks, in one commit. `blocks` may be none. `force`: also
 * where nothing changed. */
enum error_code spool_commit(struct spool *spool, const struct spool_block *const *blocks,
                             size_t count, bool force, struct error *error) MUST_CHECK;

#endif
