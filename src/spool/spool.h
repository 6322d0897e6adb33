/* The durable queue between a ROS callback and a delivery report: one SQLite file (WAL) a robot.
 *
 * It keeps blocks of records until they are settled, the origins of those records, and the sequence
 * of each Kafka topic, which never repeats a number. Every row carries a checksum. A small file
 * beside it remembers how far it had come, so that commits which a damaged write-ahead log lost are
 * noticed and told.
 *
 * Threads: `append`, `trim`, `reserve`, `sequence`, `origin_add` are the writer's (one thread);
 * `read` is the reader's (one thread, beside the writer); the others anyone's.
 */
#ifndef KAFKA_BRIDGE_SPOOL_SPOOL_H
#define KAFKA_BRIDGE_SPOOL_SPOOL_H

#include "base/error.h"
#include "spool/block.h"

#include <stdbool.h>
#include <stdint.h>

#define SPOOL_PATH_SIZE 4096

struct spool;

enum spool_sync {
    SPOOL_SYNC_NORMAL, /* survives a crash of the process; a power loss may take the last moments */
    SPOOL_SYNC_FULL,   /* every append is on the disk before it returns */
};

struct spool_options {
    const char *directory; /* made, with its parents, where it is missing */
    const char *robot;     /* the file is <directory>/<robot>.db */
    uint64_t max_bytes;    /* of the blocks that are kept; an append past it is ERROR_FULL */
    enum spool_sync sync;
    /* Told, where it is not NULL, what is found and done while the spool is open: damage that was
     * repaired. From the thread that came upon it, which may hold the spool: it only logs. */
    void (*report)(void *user, const char *text);
    void *user;
};

/* What open found. */
struct spool_findings {
    uint64_t blocks;
    uint64_t records;
    uint64_t bytes;
    uint64_t lost_records;           /* that a damaged file no longer gave */
    char set_aside[SPOOL_PATH_SIZE]; /* where the damaged file is now; "" where none was */
    char damage[ERROR_TEXT_SIZE];    /* what was wrong with it; "" */
    char exposed[ERROR_TEXT_SIZE];   /* what other users can see of it all the same; "" */
};

/* Opens or makes the file, which is its owner's alone, and locks it. A damaged file is set aside as
 * <file>.damaged-<time> and what can be read of it is carried over into a new one; `findings` says
 * what was lost. Errors, all with the file's path: ERROR_DUPLICATE (another node has it; its pid is
 * said), ERROR_RANGE (made by a newer version), ERROR_FULL (no room on the disk), ERROR_IO (not
 * writable, read-only file system, no directory), ERROR_MEMORY. */
enum error_code spool_open(const struct spool_options *options, struct spool **spool,
                           struct spool_findings *findings, struct error *error) MUST_CHECK;

/* Opens for looking at only, also while a node has it open: `read`, `origin_get` and `statistics`
 * work. ERROR_MISSING (no such file), ERROR_IO, ERROR_RANGE. */
enum error_code spool_open_read_only(const char *path, struct spool **spool,
                                     struct error *error) MUST_CHECK;

/* Commits what was settled and the sequences, and closes. May be NULL. */
void spool_close(struct spool *spool);

/* The path of the file. */
const char *spool_path(const struct spool *spool);

/* The id of the next block: above all that were ever used. */
uint64_t spool_next_id(struct spool *spool);

/* Keeps blocks, with the origins, sequences and notes that changed and without the blocks that were
 * settled, in one commit: all or nothing. A block whose id is there already takes that one's place.
 * ERROR_FULL (max_bytes, or the disk: the text says which; try again when something was settled or
 * freed), ERROR_IO. */
enum error_code spool_append(struct spool *spool, const struct spool_block *const *blocks,
                             size_t count, struct error *error) MUST_CHECK;

/* The kept block with the lowest id above `after`, copied into `block` (initialized; its bytes are
 * replaced). ERROR_MISSING: there is none; ERROR_SYNTAX: that block is damaged, `block->id` says
 * which and `block->count` how many records it is said to have had: it was set aside in
 * <file>.damaged-<time> and is settled, read on after it; ERROR_IO, ERROR_MEMORY. */
enum error_code spool_read(struct spool *spool, uint64_t after, struct spool_block *block,
                           struct error *error) MUST_CHECK;

/* The block needs no more to be kept: it goes with the next append or trim. A block that was never
 * appended may be settled too. */
void spool_settle(struct spool *spool, uint64_t id);

/* Commits what was settled, and whose the records are, since the last append or trim. Cheap where
 * nothing was. Gives the disk
 * its room back where the spool is empty and its file has grown. */
enum error_code spool_trim(struct spool *spool, struct error *error) MUST_CHECK;

/* The sequence of a Kafka topic. It lives as long as the spool. The writer takes numbers with
 * `sequence->next++`; what is committed with each append is the greater of next and reserved. */
struct spool_sequence {
    uint64_t next;     /* of the next record */
    uint64_t reserved; /* a later run begins here, or at next where that is greater */
    bool changed;      /* set by the writer with next: the next append commits it */
};

/* Finds or makes it. NULL only where memory ran out. */
struct spool_sequence *spool_sequence(struct spool *spool, const char *kafka_topic);

/* Commits `until` as the sequence's `reserved`, for numbers that are used without an append. */
enum error_code spool_reserve(struct spool *spool, struct spool_sequence *sequence, uint64_t until,
                              struct error *error) MUST_CHECK;

/* A number under a name, for what its owner wants to find again after a crash exactly as it was
 * with the last append (say, the last header.seq of a publisher). It lives as long as the spool. */
struct spool_note {
    bool known;     /* it was there when the spool was opened, */
    uint64_t found; /* with this value; neither changes any more */
    uint64_t value; /* the writer's, with `changed` */
    bool changed;   /* set by the writer with value: the next append commits it */
};

/* Finds or makes it; any thread. At most SPOOL_NOTES_LIMIT are kept: at open those that were
 * committed longest ago are forgotten. NULL where memory ran out, or ten times the limit are in
 * use. */
#define SPOOL_NOTES_LIMIT 1000
struct spool_note *spool_note(struct spool *spool, const char *name);

/* What tells this spool from every other: 32 hexadecimal digits, random, made with the file. What
 * takes the place of a damaged file has the same, where that could still be found out: ids go on
 * above those that were used. Else it has another. */
const char *spool_identity(const struct spool *spool);

/* The Kafka cluster that the records are for. Longer texts are cut off. */
#define SPOOL_CLUSTER_SIZE 256
#define SPOOL_SERVERS_SIZE 512
struct spool_cluster {
    char id[SPOOL_CLUSTER_SIZE];      /* as Kafka has it; "": nothing was delivered yet */
    char servers[SPOOL_SERVERS_SIZE]; /* bootstrap.servers that led there */
};

/* Copies what the file says. Any thread. */
void spool_cluster(struct spool *spool, struct spool_cluster *cluster);

/* Another one, which the writer's next append or trim commits. Any thread. */
void spool_set_cluster(struct spool *spool, const struct spool_cluster *cluster);

/* Where records come from and where they go: what those of one source have in common. */
struct spool_origin {
    uint32_t id; /* from 1 */
    const char *robot;
    const char *ros_topic;
    const char *ros_type;
    const char *ros_md5sum;
    const char *definition; /* of the type, as ROS concatenates it; "" where unknown */
    const char *kafka_topic;
    const char *publisher; /* the node that latched the messages; "" or NULL where none did */
    bool latched;
    bool headers; /* whether its records carry headers */
};

/* Finds the origin that is equal save for the id, or adds it; committed with the next append. */
enum error_code spool_origin_add(struct spool *spool, const struct spool_origin *origin,
                                 uint32_t *id, struct error *error) MUST_CHECK;

/* The origin of that id, or NULL. Its texts live as long as the spool. Any thread. */
const struct spool_origin *spool_origin_get(struct spool *spool, uint32_t id);

struct spool_statistics {
    uint64_t blocks; /* kept and not yet trimmed */
    uint64_t records;
    uint64_t bytes;
    uint64_t max_bytes;
    uint64_t last_id;      /* no kept block has a higher one */
    uint64_t file_bytes;   /* what the files take on the disk, about */
    uint64_t lost_records; /* of damaged blocks and files since open */
};

void spool_statistics(struct spool *spool, struct spool_statistics *statistics);

#endif
