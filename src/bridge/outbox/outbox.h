/* The outbox: batches in order, from the writer to the sender, in memory and in the spool.
 *
 *   write_ahead  every batch is committed to the spool before it may be sent
 *   spill        only those that come while Kafka does not take any, or that find no room in memory
 *   none         none; the writer waits where memory is full
 *
 * What is in memory is bounded by `in_flight_max_bytes`; batches past it are on the disk alone and
 * read back in their turn. A batch stays here until each of its records is settled, so that all of
 * them can be sent again by another producer.
 *
 * Threads: begin, put, work are the writer's; take, rewind the sender's; settle the reports'; close
 * comes after all of them.
 */
#ifndef KAFKA_BRIDGE_BRIDGE_OUTBOX_OUTBOX_H
#define KAFKA_BRIDGE_BRIDGE_OUTBOX_OUTBOX_H

#include "bridge/config/config.h"
#include "bridge/outbox/batch.h"

#include <stdatomic.h>

struct outbox;

struct outbox_options {
    const struct config *config;
    struct spool *spool;
    struct origins *origins;
    struct counters *restored; /* counts what is from earlier runs */
    uint64_t restored_batches; /* that the spool held when it was opened */
};

enum error_code outbox_create(const struct outbox_options *options,
                              struct outbox **outbox) MUST_CHECK;
void outbox_destroy(struct outbox *outbox);

/* An empty batch; give it to outbox_put or outbox_recycle. NULL: no memory. */
struct batch *outbox_begin(struct outbox *outbox);
void outbox_recycle(struct outbox *outbox, struct batch *batch);

/* Gives the batch its id and takes it, waiting for room on disk or in memory until `*deadline`
 * (nanoseconds of the steady clock). What finds none is dropped and counted, by `when_full` or
 * because the time is over.
 */
void outbox_put(struct outbox *outbox, struct batch *batch, const _Atomic int64_t *deadline);

/* What is to be done between batches: the spool forgets what is settled; with `spill` what Kafka
 * has not taken for a second goes to the disk. */
void outbox_work(struct outbox *outbox);

/* Asks who sends to give back what was taken, by outbox_rewind, so that the oldest can be dropped;
 * nothing of it was settled for `silent_ms`. False: it keeps it. On the writer's thread; must not
 * wait. */
typedef bool (*outbox_recall)(void *user, int64_t silent_ms);
void outbox_on_recall(struct outbox *outbox, outbox_recall recall, void *user);

/* The next batch that is to be sent, held (accounting_release gives it back), waiting for one up to
 * `timeout_ms`; NULL: none came. */
struct batch *outbox_take(struct outbox *outbox, int timeout_ms);

/* Begins again with the oldest batch that is not settled. No report may be outstanding: nothing is
 * under way any more. */
void outbox_rewind(struct outbox *outbox);

/* The oldest batch from the id `from` on that `wants` wants, held. It is called
 * with the outbox locked. The batches that are to be sent stay the same. ERROR_MISSING: there is
 * none; ERROR_MEMORY, ERROR_IO: one of the disk cannot be read now, which is said. */
enum error_code outbox_find(struct outbox *outbox, uint64_t from,
                            bool (*wants)(struct batch *batch, void *user), void *user,
                            struct batch **found) MUST_CHECK;

/* Goes on with the oldest batch from the id `from` on that is not settled, or where it is already
 * if that is before: what was passed over is sent, and what is under way left alone. */
void outbox_resume(struct outbox *outbox, uint64_t from);

/* Where memory is half full: batches that were taken and that `waits` says nothing but closed gates
 * hold up go from memory, those of the spool, until outbox_resume. */
void outbox_park(struct outbox *outbox, bool (*waits)(struct batch *batch, void *user), void *user);

/* All batches were taken, though they may not be settled. */
bool outbox_is_idle(struct outbox *outbox);

/* All records of the batch are settled: it is forgotten. */
void outbox_settle(struct outbox *outbox, struct batch *batch);

/* No batch is to be sent or settled. */
bool outbox_is_empty(struct outbox *outbox);

/* Wakes a sender that waits. */
void outbox_wake(struct outbox *outbox);

/* Leaves what is not settled in the spool, save with `none`: there it is counted as not delivered.
 * What a batch has left is all that the next run sends. */
void outbox_close(struct outbox *outbox);

/* Bytes of batches in memory. Any thread. */
size_t outbox_bytes(struct outbox *outbox);

#endif
