#include "bridge/outbox.h"

#include <errno.h>
#include <pthread.h>
#include <rosc/log.h>
#include <rosc/time.h>
#include <stdlib.h>
#include <time.h>

#define POOL_LIMIT         8
#define WAIT_MS            100
#define STUCK_NANOSECONDS  INT64_C(1000000000)
#define LOG_PERIOD_SECONDS 10.0
#define APPEND_LIMIT       64 /* batches in one commit, at most */

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
    uint64_t last_id; /* of the newest batch that is or was in memory */
    uint64_t backlog; /* batches in the spool behind last_id */
    struct batch *pool;
    size_t pool_size;

    pthread_mutex_t reading; /* held around spool_read; guards the order of last_id */
    struct rosc_throttle full_log;
    struct rosc_throttle read_log; /* the sender's */
    struct rosc_throttle trim_log; /* the writer's */
    uint64_t lost_records;         /* the writer's: of these it was told */
    bool is_full;                  /* the writer's: it was said that there is no room */
};

static void init_conditions(struct outbox *outbox)
{
    pthread_condattr_t attributes;
    (void)pthread_condattr_init(&attributes);
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&outbox->filled, &attributes);
    (void)pthread_cond_init(&outbox->settled, &attributes);
    (void)pthread_condattr_destroy(&attributes);
    (void)pthread_mutex_init(&outbox->mutex, NULL);
    (void)pthread_mutex_init(&outbox->reading, NULL);
}

enum error_code outbox_create(const struct outbox_options *options, struct outbox **outbox)
{
    struct outbox *made = calloc(1, sizeof *made);
    if (!made)
        return ERROR_MEMORY;
    made->config = options->config;
    made->spool = options->spool;
    made->origins = options->origins;
    made->restored = options->restored;
    made->backlog = options->restored_batches;
    made->first_id = spool_next_id(options->spool);
    struct spool_statistics statistics;
    spool_statistics(options->spool, &statistics);
    made->lost_records = statistics.lost_records; /* told by who opened it */
    init_conditions(made);
    *outbox = made;
    return ERROR_NONE;
}

void outbox_destroy(struct outbox *outbox)
{
    if (!outbox)
        return;
    struct batch *lists[] = {outbox->first, outbox->pool};
    for (size_t i = 0; i < 2; i++) {
        while (lists[i]) {
            struct batch *batch = lists[i];
            lists[i] = batch->next;
            batch_destroy(batch);
        }
    }
    (void)pthread_mutex_destroy(&outbox->mutex);
    (void)pthread_mutex_destroy(&outbox->reading);
    (void)pthread_cond_destroy(&outbox->filled);
    (void)pthread_cond_destroy(&outbox->settled);
    free(outbox);
}

/* Waits for a change for at most WAIT_MS or until `until` (nanoseconds of the steady clock). The
 * mutex is held. False where the time is over. */
static bool wait_for(struct outbox *outbox, pthread_cond_t *condition, int64_t until)
{
    struct timespec time = {.tv_sec = (time_t)(until / 1000000000),
                            .tv_nsec = (long)(until % 1000000000)};
    return pthread_cond_timedwait(condition, &outbox->mutex, &time) != ETIMEDOUT;
}

static int64_t in_ms(int timeout_ms)
{
    return rosc_time_steady() + (int64_t)timeout_ms * 1000000;
}

static struct batch *new_batch(struct outbox *outbox, uint64_t id)
{
    (void)pthread_mutex_lock(&outbox->mutex);
    struct batch *batch = outbox->pool;
    if (batch) {
        outbox->pool = batch->next;
        outbox->pool_size--;
    }
    (void)pthread_mutex_unlock(&outbox->mutex);
    /* A block holds one message of any size, or several small ones. */
    if (!batch)
        batch = batch_create(UINT32_MAX);
    if (batch)
        batch_reset(batch, id);
    return batch;
}

struct batch *outbox_begin(struct outbox *outbox)
{
    return new_batch(outbox, 0);
}

/* With the mutex held. */
static void recycle(struct outbox *outbox, struct batch *batch)
{
    if (outbox->pool_size >= POOL_LIMIT) {
        batch_destroy(batch);
        return;
    }
    batch->next = outbox->pool;
    outbox->pool = batch;
    outbox->pool_size++;
}

void outbox_recycle(struct outbox *outbox, struct batch *batch)
{
    (void)pthread_mutex_lock(&outbox->mutex);
    recycle(outbox, batch);
    (void)pthread_mutex_unlock(&outbox->mutex);
}

/* Calls `add` of the records' counters, in runs of equal ones. */
static void count_all(struct outbox *outbox, const struct batch *batch,
                      void (*add)(struct counters *counters, uint64_t amount))
{
    struct counters *counters = NULL;
    uint64_t run = 0;
    for (uint32_t i = 0; i < batch->block.count; i++) {
        if (atomic_load(&batch->items[i].state) & ITEM_SETTLED)
            continue;
        struct counters *of = batch_counters(batch, i, outbox->restored);
        if (of != counters && run > 0)
            add(counters, run);
        run = of == counters ? run + 1 : 1;
        counters = of;
    }
    if (run > 0)
        add(counters, run);
}

static void add_spool_full(struct counters *counters, uint64_t amount)
{
    counter_add(&counters->dropped[DROP_SPOOL_FULL], amount);
}

static void add_not_delivered(struct counters *counters, uint64_t amount)
{
    counter_add(&counters->dropped[DROP_NOT_DELIVERED], amount);
}

/* The records leave the spool by another way than a report. */
static void add_released_full(struct counters *counters, uint64_t amount)
{
    counter_add(&counters->released, amount);
    add_spool_full(counters, amount);
}

/* The batch is in the spool now: its records that are not settled yet count as accepted. */
static void mark_kept(struct outbox *outbox, struct batch *batch)
{
    for (uint32_t i = 0; i < batch->block.count; i++) {
        unsigned char before = atomic_fetch_or(&batch->items[i].state, ITEM_KEPT);
        if (!(before & ITEM_SETTLED))
            counter_add(&batch_counters(batch, i, outbox->restored)->accepted, 1);
    }
    batch->kept = true;
}

/* With the mutex held: behind all others in memory. */
static void push(struct outbox *outbox, struct batch *batch)
{
    batch->previous = outbox->last;
    batch->next = NULL;
    if (outbox->last)
        outbox->last->next = batch;
    else
        outbox->first = batch;
    outbox->last = batch;
    outbox->bytes += batch_charge(batch);
    outbox->last_id = batch->block.id;
    batch->since = rosc_time_steady();
}

/* With the mutex held. */
static bool has_room(const struct outbox *outbox, const struct batch *batch)
{
    return outbox->backlog == 0 && (!outbox->first || outbox->bytes + batch_charge(batch) <=
                                                          outbox->config->in_flight_max_bytes);
}

/* Hands the batch to the sender where memory has room and nothing waits before it. */
static bool pass(struct outbox *outbox, struct batch *batch)
{
    (void)pthread_mutex_lock(&outbox->mutex);
    bool fits = has_room(outbox, batch);
    if (fits) {
        push(outbox, batch);
        if (!outbox->cursor)
            outbox->cursor = batch;
        (void)pthread_cond_signal(&outbox->filled);
    }
    (void)pthread_mutex_unlock(&outbox->mutex);
    return fits;
}

/* A kept batch goes on in memory where there is room, else it waits on the disk. */
static void pass_kept(struct outbox *outbox, struct batch *batch)
{
    if (pass(outbox, batch))
        return;
    (void)pthread_mutex_lock(&outbox->mutex);
    outbox->backlog++;
    recycle(outbox, batch);
    (void)pthread_cond_signal(&outbox->filled);
    (void)pthread_mutex_unlock(&outbox->mutex);
}

static enum error_code keep(struct outbox *outbox, struct batch *batch, struct error *error)
{
    const struct spool_block *block = &batch->block;
    enum error_code code = spool_append(outbox->spool, &block, 1, error);
    if (code == ERROR_NONE)
        mark_kept(outbox, batch);
    return code;
}

/* Pins batches in memory that are not kept, the oldest first; at most APPEND_LIMIT. */
static size_t pin_unkept(struct outbox *outbox, struct batch **batches)
{
    size_t count = 0;
    (void)pthread_mutex_lock(&outbox->mutex);
    for (struct batch *batch = outbox->first; batch && count < APPEND_LIMIT; batch = batch->next) {
        if (batch->kept)
            continue;
        batch->pinned = true;
        batches[count++] = batch;
    }
    (void)pthread_mutex_unlock(&outbox->mutex);
    return count;
}

static void unpin(struct outbox *outbox, struct batch *const *batches, size_t count)
{
    (void)pthread_mutex_lock(&outbox->mutex);
    for (size_t i = 0; i < count; i++) {
        struct batch *batch = batches[i];
        batch->pinned = false;
        if (!batch->gone)
            continue;
        if (batch->kept)
            spool_settle(outbox->spool, batch->block.id);
        recycle(outbox, batch);
    }
    (void)pthread_mutex_unlock(&outbox->mutex);
}

/* Writes everything in memory to the spool. ERROR_FULL, ERROR_IO as spool_append. */
static enum error_code keep_memory(struct outbox *outbox, struct error *error)
{
    struct batch *batches[APPEND_LIMIT];
    const struct spool_block *blocks[APPEND_LIMIT];
    enum error_code code = ERROR_NONE;
    size_t count;
    while (code == ERROR_NONE && (count = pin_unkept(outbox, batches)) > 0) {
        for (size_t i = 0; i < count; i++)
            blocks[i] = &batches[i]->block;
        code = spool_append(outbox->spool, blocks, count, error);
        for (size_t i = 0; code == ERROR_NONE && i < count; i++)
            mark_kept(outbox, batches[i]);
        unpin(outbox, batches, count);
    }
    return code;
}

/* Whether the oldest batch has waited for Kafka for a second. */
static bool is_stuck(struct outbox *outbox)
{
    (void)pthread_mutex_lock(&outbox->mutex);
    bool stuck = outbox->first && rosc_time_steady() - outbox->first->since > STUCK_NANOSECONDS;
    (void)pthread_mutex_unlock(&outbox->mutex);
    return stuck;
}

/* To the disk only what has to: while Kafka does not take any, or where memory is full. */
static enum error_code spill(struct outbox *outbox, struct batch *batch, struct error *error)
{
    bool stuck = is_stuck(outbox);
    if (!stuck && pass(outbox, batch))
        return ERROR_NONE;
    enum error_code code = keep_memory(outbox, error);
    if (code == ERROR_NONE)
        code = keep(outbox, batch, error);
    if (code == ERROR_NONE)
        pass_kept(outbox, batch);
    return code;
}

static enum error_code place(struct outbox *outbox, struct batch *batch, struct error *error)
{
    if (outbox->config->spool.durability == DURABILITY_NONE)
        return pass(outbox, batch) ? ERROR_NONE
                                   : error_set(error, ERROR_FULL, "in_flight_max_bytes", 0,
                                               "Kafka has not yet taken what is in memory");
    if (outbox->config->spool.durability == DURABILITY_SPILL)
        return spill(outbox, batch, error);
    enum error_code code = keep(outbox, batch, error);
    if (code == ERROR_NONE)
        pass_kept(outbox, batch);
    return code;
}

/* Records of the spool that cannot be sent any more. */
static void count_damaged(struct outbox *outbox, uint64_t records)
{
    counter_add(&outbox->restored->released, records);
    counter_add(&outbox->restored->dropped[DROP_DAMAGED], records);
}

/* What the spool could not read any more, in blocks that it set aside. */
static void look_for_damage(struct outbox *outbox)
{
    struct spool_statistics statistics;
    spool_statistics(outbox->spool, &statistics);
    uint64_t lost = statistics.lost_records - outbox->lost_records;
    if (lost == 0)
        return;
    outbox->lost_records = statistics.lost_records;
    ROSC_LOG_ERROR("%s is damaged: %llu records are lost; what is damaged was set aside",
                   spool_path(outbox->spool), (unsigned long long)lost);
    count_damaged(outbox, lost);
}

/* The oldest batch that waits on the disk, read into memory; with `reading` held. */
static enum error_code read_back(struct outbox *outbox, struct batch **batch, struct error *error)
{
    struct batch *made = new_batch(outbox, 0);
    if (!made)
        return error_set(error, ERROR_MEMORY, "", 0, "out of memory");
    enum error_code code = spool_read(outbox->spool, outbox->last_id, &made->block, error);
    uint32_t lost = 0;
    if (code == ERROR_NONE) {
        made->restored = made->block.id < outbox->first_id;
        made->kept = true;
        code = batch_restore(made, outbox->origins, &lost);
    }
    for (uint32_t i = 0; code == ERROR_NONE && i < made->block.count; i++)
        (void)atomic_fetch_or(&made->items[i].state, ITEM_KEPT);
    if (lost > 0) {
        ROSC_LOG_ERROR("%s: %u records of block %llu are lost: nothing is known of their origin",
                       spool_path(outbox->spool), lost, (unsigned long long)made->block.id);
        count_damaged(outbox, lost);
    }
    if (code == ERROR_NONE) {
        *batch = made;
        return ERROR_NONE;
    }
    (void)pthread_mutex_lock(&outbox->mutex);
    if (code == ERROR_SYNTAX) {
        outbox->last_id = made->block.id;
        outbox->backlog--;
    } else if (code == ERROR_MISSING) {
        outbox->backlog = 0;
    }
    recycle(outbox, made);
    (void)pthread_mutex_unlock(&outbox->mutex);
    return code;
}

/* Drops the oldest batch that waits on the disk alone. False where there is none. */
static bool drop_oldest(struct outbox *outbox)
{
    struct error error;
    struct batch *batch = NULL;
    (void)pthread_mutex_lock(&outbox->reading);
    (void)pthread_mutex_lock(&outbox->mutex);
    bool any = outbox->backlog > 0;
    (void)pthread_mutex_unlock(&outbox->mutex);
    bool dropped = any && read_back(outbox, &batch, &error) == ERROR_NONE;
    if (dropped) {
        count_all(outbox, batch, add_released_full);
        spool_settle(outbox->spool, batch->block.id);
        (void)pthread_mutex_lock(&outbox->mutex);
        outbox->last_id = batch->block.id;
        outbox->backlog--;
        recycle(outbox, batch);
        (void)pthread_mutex_unlock(&outbox->mutex);
    }
    (void)pthread_mutex_unlock(&outbox->reading);
    return dropped;
}

static void say_full(struct outbox *outbox, const struct error *error)
{
    static const char *const policies[] = {
        [WHEN_FULL_BLOCK] = "new messages wait, and are dropped where the queue is full",
        [WHEN_FULL_DROP_OLDEST] = "the oldest messages are dropped",
        [WHEN_FULL_DROP_NEWEST] = "new messages are dropped"};
    uint64_t suppressed = 0;
    outbox->is_full = true;
    if (outbox->config->spool.durability != DURABILITY_NONE &&
        rosc_throttle_pass(&outbox->full_log, LOG_PERIOD_SECONDS, &suppressed))
        ROSC_LOG_ERROR("%s: %s; %s", error->path, error->text,
                       error->code == ERROR_FULL ? policies[outbox->config->spool.when_full]
                                                 : policies[WHEN_FULL_BLOCK]);
}

static void give_up(struct outbox *outbox, struct batch *batch, bool spooled)
{
    count_all(outbox, batch, spooled ? add_spool_full : add_not_delivered);
    outbox_recycle(outbox, batch);
}

static void trim(struct outbox *outbox)
{
    struct error error;
    if (spool_trim(outbox->spool, &error) != ERROR_NONE &&
        rosc_throttle_pass(&outbox->trim_log, LOG_PERIOD_SECONDS, NULL))
        ROSC_LOG_WARN("%s: %s; what Kafka has taken stays there for now", error.path, error.text);
}

/* Waits until something was settled; the spool then has room for as much. */
static void wait_for_room(struct outbox *outbox)
{
    (void)pthread_mutex_lock(&outbox->mutex);
    (void)wait_for(outbox, &outbox->settled, in_ms(WAIT_MS));
    (void)pthread_mutex_unlock(&outbox->mutex);
    if (outbox->config->spool.durability != DURABILITY_NONE)
        trim(outbox);
}

void outbox_put(struct outbox *outbox, struct batch *batch, const _Atomic int64_t *deadline)
{
    struct error error;
    bool spooled = outbox->config->spool.durability != DURABILITY_NONE;
    enum error_code code;
    batch->block.id = spool_next_id(outbox->spool);
    while ((code = place(outbox, batch, &error)) != ERROR_NONE) {
        say_full(outbox, &error);
        bool full = spooled && code == ERROR_FULL;
        if (full && outbox->config->spool.when_full == WHEN_FULL_DROP_OLDEST && drop_oldest(outbox))
            continue;
        if ((full && outbox->config->spool.when_full == WHEN_FULL_DROP_NEWEST) ||
            rosc_time_steady() >= *deadline) {
            give_up(outbox, batch, spooled);
            return;
        }
        wait_for_room(outbox);
    }
    if (outbox->is_full && spooled)
        ROSC_LOG_INFO("%s takes messages again", spool_path(outbox->spool));
    outbox->is_full = false;
}

void outbox_work(struct outbox *outbox)
{
    struct error error;
    if (outbox->config->spool.durability == DURABILITY_SPILL && is_stuck(outbox) &&
        keep_memory(outbox, &error) != ERROR_NONE)
        say_full(outbox, &error);
    look_for_damage(outbox);
    trim(outbox);
}

/* Reads a batch back from the spool; NULL where that was not possible. */
static struct batch *load(struct outbox *outbox)
{
    struct error error;
    struct batch *batch = NULL;
    (void)pthread_mutex_lock(&outbox->reading);
    enum error_code code = read_back(outbox, &batch, &error);
    if (code == ERROR_NONE) {
        (void)pthread_mutex_lock(&outbox->mutex);
        push(outbox, batch);
        outbox->backlog--;
        (void)pthread_mutex_unlock(&outbox->mutex);
    } else if (code != ERROR_SYNTAX && code != ERROR_MISSING &&
               rosc_throttle_pass(&outbox->read_log, LOG_PERIOD_SECONDS, NULL)) {
        ROSC_LOG_ERROR("%s: %s; trying again", error.path, error.text);
    }
    (void)pthread_mutex_unlock(&outbox->reading);
    return batch;
}

struct batch *outbox_take(struct outbox *outbox, int timeout_ms)
{
    int64_t until = in_ms(timeout_ms);
    struct batch *batch = NULL;
    (void)pthread_mutex_lock(&outbox->mutex);
    do {
        batch = outbox->cursor;
        if (batch) {
            outbox->cursor = batch->next;
        } else if (outbox->backlog > 0 && outbox->bytes < outbox->config->in_flight_max_bytes) {
            (void)pthread_mutex_unlock(&outbox->mutex);
            batch = load(outbox);
            (void)pthread_mutex_lock(&outbox->mutex);
        }
    } while (!batch && wait_for(outbox, &outbox->filled, until));
    (void)pthread_mutex_unlock(&outbox->mutex);
    return batch;
}

void outbox_wake(struct outbox *outbox)
{
    (void)pthread_mutex_lock(&outbox->mutex);
    (void)pthread_cond_signal(&outbox->filled);
    (void)pthread_mutex_unlock(&outbox->mutex);
}

void outbox_rewind(struct outbox *outbox)
{
    (void)pthread_mutex_lock(&outbox->mutex);
    outbox->cursor = outbox->first;
    (void)pthread_mutex_unlock(&outbox->mutex);
}

void outbox_settle(struct outbox *outbox, struct batch *batch)
{
    (void)pthread_mutex_lock(&outbox->mutex);
    if (batch->previous)
        batch->previous->next = batch->next;
    else
        outbox->first = batch->next;
    if (batch->next)
        batch->next->previous = batch->previous;
    else
        outbox->last = batch->previous;
    if (outbox->cursor == batch)
        outbox->cursor = batch->next;
    outbox->bytes -= batch_charge(batch);
    if (batch->pinned) {
        batch->gone = true;
    } else {
        if (batch->kept)
            spool_settle(outbox->spool, batch->block.id);
        recycle(outbox, batch);
    }
    (void)pthread_cond_signal(&outbox->settled);
    if (outbox->backlog > 0)
        (void)pthread_cond_signal(&outbox->filled);
    (void)pthread_mutex_unlock(&outbox->mutex);
}

bool outbox_is_empty(struct outbox *outbox)
{
    (void)pthread_mutex_lock(&outbox->mutex);
    bool empty = !outbox->first && outbox->backlog == 0;
    (void)pthread_mutex_unlock(&outbox->mutex);
    return empty;
}

size_t outbox_bytes(struct outbox *outbox)
{
    (void)pthread_mutex_lock(&outbox->mutex);
    size_t bytes = outbox->bytes;
    (void)pthread_mutex_unlock(&outbox->mutex);
    return bytes;
}

/* What is left of a batch, under its id. NULL: no memory. */
static struct batch *rest_of(struct outbox *outbox, const struct batch *batch)
{
    struct batch *rest = new_batch(outbox, batch->block.id);
    struct spool_record record;
    for (uint32_t i = 0; rest && i < batch->block.count; i++) {
        if (atomic_load(&batch->items[i].state) & ITEM_SETTLED)
            continue;
        batch_record(batch, i, &record);
        if (batch_add(rest, batch->items[i].origin, &record) == ERROR_NONE)
            continue;
        outbox_recycle(outbox, rest);
        return NULL;
    }
    return rest;
}

/* Puts what is left of the batch in its place in the spool. Where that fails a kept batch stays
 * whole: its settled records are sent once more. */
static void leave_in_spool(struct outbox *outbox, struct batch *batch)
{
    struct error error = {0};
    bool whole = atomic_load(&batch->unsettled) == batch->block.count;
    if (batch->kept && whole)
        return;
    struct batch *rest = rest_of(outbox, batch);
    enum error_code code = rest ? ERROR_NONE : ERROR_MEMORY;
    if (rest) {
        const struct spool_block *block = &rest->block;
        code = spool_append(outbox->spool, &block, 1, &error); /* in the place of the whole */
        outbox_recycle(outbox, rest);
    }
    if (code == ERROR_NONE && !batch->kept)
        mark_kept(outbox, batch);
    if (code == ERROR_NONE)
        return;
    ROSC_LOG_ERROR("what Kafka has not taken cannot be kept: %s: %s", error.path, error.text);
    if (!batch->kept)
        count_all(outbox, batch, add_not_delivered);
}

void outbox_close(struct outbox *outbox)
{
    bool spooled = outbox->config->spool.durability != DURABILITY_NONE;
    for (struct batch *batch = outbox->first; batch; batch = batch->next) {
        if (spooled || batch->kept)
            leave_in_spool(outbox, batch);
        else
            count_all(outbox, batch, add_not_delivered);
    }
}
