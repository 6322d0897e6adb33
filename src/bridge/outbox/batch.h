/* A batch: a block of the spool with what is known of each of its records, on its way to Kafka.
 *
 * The writer fills it, then the outbox owns it. A record's state is changed by the reports' thread
 * and read by the sender's; everything else stays as it was when the outbox took it.
 */
#ifndef KAFKA_BRIDGE_BRIDGE_OUTBOX_BATCH_H
#define KAFKA_BRIDGE_BRIDGE_OUTBOX_BATCH_H

#include "bridge/outbox/origins.h"
#include "spool/block.h"

#include <pthread.h>
#include <stdatomic.h>

/* What a record of the spool is (spool_record.kind). */
enum record_kind {
    KIND_RECORD, /* goes to its origin's Kafka topic */
    KIND_LETTER, /* a dead letter about a message that could not be encoded */
};

/* Bits of a record's state. */
enum item_state {
    ITEM_TOO_LARGE = 1,  /* refused: larger than Kafka takes; a letter takes its place */
    ITEM_REFUSED = 2,    /* refused for another reason */
    ITEM_SETTLED = 4,    /* its fate is known and counted */
    ITEM_SHORT = 8,      /* Kafka did not take the letter with the original in it either */
    ITEM_KEPT = 16,      /* it is in the spool, and counted so */
    ITEM_SENT = 32,      /* it is under way: its report comes, or its transaction ends */
    ITEM_RESTAMPED = 64, /* it was sent with another time than its own */
    ITEM_SUSPECT = 128,  /* one of its batch was invalid: it goes alone */
};

#define ITEM_BAD (ITEM_TOO_LARGE | ITEM_REFUSED)

struct item {
    struct origin *origin;
    uint32_t position; /* in the block's bytes */
    uint8_t kind;      /* enum record_kind */
    uint8_t reason;    /* of a refusal: index into the accounting's reasons */
    atomic_uchar state;
};

struct batch {
    struct batch *previous, *next;
    struct spool_block block;
    struct item *items; /* block.count of them */
    size_t item_capacity;
    atomic_uint unsettled; /* records, and who holds it */
    int64_t since;         /* when it came to the outbox: nanoseconds of the steady clock */
    bool restored;         /* from an earlier run */
    bool kept;             /* in the spool */
    bool pinned;           /* being written to the spool: not to be freed */
    bool gone;             /* settled while it was pinned */
};

/* NULL where memory ran out. `max_bytes` bounds the records. */
struct batch *batch_create(size_t max_bytes);
void batch_destroy(struct batch *batch);

/* Empties it for use under another id. */
void batch_reset(struct batch *batch, uint64_t id);

/* Copies a record of `origin` in. ERROR_LIMIT, ERROR_MEMORY: the batch is as it was. */
enum error_code batch_add(struct batch *batch, struct origin *origin,
                          const struct spool_record *record) MUST_CHECK;

/* Makes the items of a block that was read from the spool; records whose origin is not known are
 * settled, and their number is returned in `*lost`. ERROR_MEMORY. */
enum error_code batch_restore(struct batch *batch, struct origins *origins,
                              uint32_t *lost) MUST_CHECK;

/* The record of item `index`. */
void batch_record(const struct batch *batch, uint32_t index, struct spool_record *record);

/* Holds the batch, which the outbox has, so that it stays (accounting_release gives it back).
 * False: all of it is settled, and it is about to go. With the outbox's mutex. */
bool batch_hold(struct batch *batch);

/* Bytes of memory that it is charged with, librdkafka's own for its records included. */
size_t batch_charge(const struct batch *batch);

/* Where item `index` is counted. */
struct counters *batch_counters(const struct batch *batch, uint32_t index,
                                struct counters *restored);

/* Batches that wait to be filled again, so that nothing is allocated for each of them (any thread):
 * so many wait at most, with so many bytes of memory together. */
#define BATCH_POOL_LIMIT       8
#define BATCH_POOL_BYTES_LIMIT (32U << 20)

struct batch_pool {
    pthread_mutex_t mutex;
    struct batch *first;
    size_t size;
    size_t bytes; /* of memory */
};

void batch_pool_init(struct batch_pool *pool);
void batch_pool_fini(struct batch_pool *pool);

/* An empty batch with this id. NULL: no memory. */
struct batch *batch_pool_take(struct batch_pool *pool, uint64_t id);

void batch_pool_give(struct batch_pool *pool, struct batch *batch);

#endif
