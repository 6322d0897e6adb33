/* What the files of the outbox share. */
#ifndef KAFKA_BRIDGE_BRIDGE_OUTBOX_OUTBOX_PRIVATE_H
#define KAFKA_BRIDGE_BRIDGE_OUTBOX_OUTBOX_PRIVATE_H

#include "bridge/outbox/batch.h"
#include "bridge/outbox/outbox.h"

#include <pthread.h>
#include <rosc/log.h>

#define OUTBOX_LOG_SECONDS 10.0

/* What became of records of a parked batch. */
struct outbox_part {
    uint64_t id;
    uint8_t *settled;        /* a bit a record */
    struct outbox_mark {     /* that a record was refused: */
        unsigned char state; /* those bits of its state */
        uint8_t reason;
    } * marks; /* one a record; NULL: none was */
};

struct outbox {
    const struct config *config;
    struct spool *spool;
    struct origins *origins;
    struct counters *restored;
    uint64_t first_id; /* ids below are from earlier runs */

    pthread_mutex_t mutex; /* guards what follows */
    pthread_cond_t filled;
    pthread_cond_t settled;
    struct batch *first, *last; /* in memory, by id */
    struct batch *cursor;       /* of these the next to be sent; NULL: none */
    size_t bytes;
    uint64_t last_id;          /* of the newest batch that is or was in memory */
    uint64_t backlog;          /* batches in the spool behind last_id */
    uint64_t parked;           /* those that were taken and are on the disk alone: before that */
    uint64_t parked_first;     /* none of them has a lower id, */
    uint64_t parked_last;      /* nor a higher one */
    uint64_t walk;             /* from this id on they are to be sent; UINT64_MAX: none is */
    struct outbox_part *parts; /* of parked batches, those that are not whole */
    size_t part_count, part_capacity;
    uint64_t settles; /* batches that were settled so far */
    outbox_recall recall;
    void *recall_user;

    struct batch_pool pool;
    pthread_mutex_t reading; /* before the mutex: one batch of the disk is read back once */
    struct rosc_throttle full_log;
    struct rosc_throttle read_log;   /* the sender's */
    struct rosc_throttle parked_log; /* with `reading` */
    struct rosc_throttle trim_log;   /* the writer's */
    int64_t shrink_at;               /* the writer's: when a parked batch is made smaller again */
    uint64_t lost_records;           /* the writer's: of these it was told */
    bool said_full;                  /* the writer's: it was said that there is no room */
    struct outbox_look {
        uint64_t settles, first;
        uint64_t next; /* from this id on nothing was taken */
        uint32_t left; /* of the first batch */
        int64_t at;    /* nanoseconds of the steady clock, as those: */
        int64_t since; /* it is as it was */
        int64_t moved; /* it was seen to move last; 0: it was not */
    } look;            /* the writer's: how far what was taken has come */
};

/* Waits for a change until `until` (nanoseconds of the steady clock). The mutex is held. False
 * where the time is over. */
bool outbox_wait(struct outbox *outbox, pthread_cond_t *condition, int64_t until);
int64_t outbox_in_ms(int timeout_ms);

/* With the mutex held: takes the batch into memory, behind all others there. */
void outbox_push(struct outbox *outbox, struct batch *batch);

/* With the mutex held: hands the batch to the sender where memory has room and nothing waits before
 * it. */
bool outbox_pass(struct outbox *outbox, struct batch *batch);

/* Makes the items of a batch that was read from the spool; `*lost` of them are of no known origin,
 * and settled. ERROR_MEMORY. */
enum error_code outbox_restore(struct outbox *outbox, struct batch *batch,
                               uint32_t *lost) MUST_CHECK;

/* Reads the oldest batch of the backlog into memory, behind all others there, held; NULL where that
 * was not possible. The sender's thread. */
struct batch *outbox_load(struct outbox *outbox);

/* With the mutex held, which it gives up meanwhile: the next parked batch that is to be sent, back
 * in memory, held; NULL: what is at the cursor comes before, or there is none. False: it cannot be
 * read now, and nothing may be sent before it. The sender's thread. */
bool outbox_take_parked(struct outbox *outbox, struct batch **batch);

/* With the mutex held: keep what is known of a batch that is parked now (false: no memory), tell it
 * to the batch that was read back, forget it. */
bool outbox_remember_part(struct outbox *outbox, const struct batch *batch);
void outbox_apply_part(struct outbox *outbox, struct batch *batch);
void outbox_forget_part(struct outbox *outbox, uint64_t id);

/* The id of a parked batch of which the disk has more than is left, and which holds no letter (what
 * is known of those is known by their places in the batch); 0: there is none. */
uint64_t outbox_part_to_shrink(const struct outbox *outbox);
void outbox_free_parts(struct outbox *outbox);

/* At the end: the disk keeps only what is left of a batch, or of the parked ones. */
void outbox_leave_in_spool(struct outbox *outbox, struct batch *batch);

/* The disk has only what is left of a kept batch; where that fails, the whole. ERROR_MEMORY, or as
 * spool_append. The writer's thread. */
enum error_code outbox_keep_rest(struct outbox *outbox, const struct batch *batch,
                                 struct error *error) MUST_CHECK;

/* One parked batch gives the disk back what is settled of it, so that what flows does not fill the
 * spool beside what waits, and comes no second time after a crash. The writer's thread. */
void outbox_shrink_parked(struct outbox *outbox);
void outbox_close_parked(struct outbox *outbox);

/* With both locks held; it gives the mutex up meanwhile: the oldest parked batch, if its id is
 * below `before`, parked no more. NULL: there is none, or it cannot be read now. */
struct batch *outbox_unpark_oldest(struct outbox *outbox, uint64_t before);

/* Drops the oldest batch with an id below `before` that is not in hand, in memory or on the disk.
 * False where there is none. The writer's thread. */
bool outbox_drop_oldest(struct outbox *outbox, uint64_t before);

/* With the mutex held: whether librdkafka may have records of the batch, or who sends holds it.
 * Else it was not taken yet, or what is left of it waits for its topic to take records again. */
bool outbox_is_in_hand(struct batch *batch);

/* With the mutex held: takes the batch out of memory. */
void outbox_unlink(struct outbox *outbox, struct batch *batch);

/* Counts what the spool could not read any more. The writer's thread. */
void outbox_look_for_damage(struct outbox *outbox);

/* The batch is in the spool now: its records that are not settled yet count as accepted. */
void outbox_mark_kept(struct outbox *outbox, struct batch *batch);

/* Records of the batch that are not settled. */
uint32_t outbox_count_left(const struct batch *batch);

/* The fates of records that no report tells of; those that are settled are left out. */
void outbox_count_full(struct outbox *outbox, const struct batch *batch);
void outbox_count_not_delivered(struct outbox *outbox, const struct batch *batch);

#endif
