/* The writer's half: batches to the disk, to memory, or nowhere. */
#include "bridge/outbox/outbox_private.h"

#include <rosc/time.h>

#define WAIT_MS              100
#define STUCK_NANOSECONDS    INT64_C(1000000000)
#define PATIENCE_NANOSECONDS (5 * STUCK_NANOSECONDS) /* until Kafka is known to be away, or not */
#define APPEND_LIMIT         64                      /* batches in one commit, at most */

static bool pass(struct outbox *outbox, struct batch *batch)
{
    (void)pthread_mutex_lock(&outbox->mutex);
    bool passed = outbox_pass(outbox, batch);
    (void)pthread_mutex_unlock(&outbox->mutex);
    return passed;
}

/* A kept batch goes on in memory where there is room, else it waits on the disk. */
static void pass_kept(struct outbox *outbox, struct batch *batch)
{
    bool passed = false;
    (void)pthread_mutex_lock(&outbox->mutex);
    /* Where the spool has lost what was before it, it may have been read back already. */
    if (batch->block.id > outbox->last_id) {
        passed = outbox_pass(outbox, batch);
        outbox->backlog += passed ? 0 : 1;
        (void)pthread_cond_signal(&outbox->filled);
    }
    (void)pthread_mutex_unlock(&outbox->mutex);
    if (!passed)
        outbox_recycle(outbox, batch);
}

static enum error_code keep(struct outbox *outbox, struct batch *batch, struct error *error)
{
    const struct spool_block *block = &batch->block;
    enum error_code code = spool_append(outbox->spool, &block, 1, error);
    if (code == ERROR_NONE)
        outbox_mark_kept(outbox, batch);
    return code;
}

/* With the mutex held: the oldest batch in memory that is not kept; all behind it are not either.
 */
static struct batch *first_unkept(const struct outbox *outbox)
{
    struct batch *first = NULL;
    for (struct batch *batch = outbox->last; batch && !batch->kept; batch = batch->previous)
        first = batch;
    return first;
}

/* Pins batches in memory that are not kept, the oldest first; at most `limit`. */
static size_t pin_unkept(struct outbox *outbox, struct batch **batches, size_t limit)
{
    size_t count = 0;
    (void)pthread_mutex_lock(&outbox->mutex);
    for (struct batch *batch = first_unkept(outbox); batch && count < limit; batch = batch->next) {
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
        outbox_recycle(outbox, batch);
    }
    (void)pthread_mutex_unlock(&outbox->mutex);
}

/* Writes what is in memory to the spool, as much as there is room for. ERROR_FULL, ERROR_IO as
 * spool_append. */
static enum error_code keep_memory(struct outbox *outbox, struct error *error)
{
    struct batch *batches[APPEND_LIMIT];
    const struct spool_block *blocks[APPEND_LIMIT];
    enum error_code code = ERROR_NONE;
    size_t limit = APPEND_LIMIT, count;
    while ((count = pin_unkept(outbox, batches, limit)) > 0) {
        for (size_t i = 0; i < count; i++)
            blocks[i] = &batches[i]->block;
        code = spool_append(outbox->spool, blocks, count, error);
        for (size_t i = 0; code == ERROR_NONE && i < count; i++)
            outbox_mark_kept(outbox, batches[i]);
        unpin(outbox, batches, count);
        if (code != ERROR_NONE && code != ERROR_FULL)
            return code;
        if (code == ERROR_FULL)
            limit = count / 2;
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
    else if (pass(outbox, batch)) /* what the disk has no room for is in memory at least */
        code = ERROR_NONE;
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

/* Says at most every ten seconds that there is no room, and what that means. */
static void say_full(struct outbox *outbox, const struct error *error, const char *meaning)
{
    if (outbox->config->spool.durability == DURABILITY_NONE ||
        !rosc_throttle_pass(&outbox->full_log, OUTBOX_LOG_SECONDS, NULL))
        return;
    outbox->said_full = true;
    ROSC_LOG_ERROR("%s; %s", error->text, meaning);
}

static void say_room(struct outbox *outbox)
{
    if (outbox->said_full)
        ROSC_LOG_INFO("%s takes messages again", spool_path(outbox->spool));
    outbox->said_full = false;
}

/* What happens to the messages that find no room. */
static const char *policy(const struct outbox *outbox, enum error_code code)
{
    static const char *const policies[] = {
        [WHEN_FULL_BLOCK] = "new messages wait, and are dropped where the queue is full",
        [WHEN_FULL_DROP_OLDEST] = "the oldest messages are dropped",
        [WHEN_FULL_DROP_NEWEST] = "new messages are dropped"};
    return policies[code == ERROR_FULL ? outbox->config->spool.when_full : WHEN_FULL_BLOCK];
}

static void give_up(struct outbox *outbox, struct batch *batch, bool spooled)
{
    if (spooled)
        outbox_count_full(outbox, batch);
    else
        outbox_count_not_delivered(outbox, batch);
    outbox_recycle(outbox, batch);
}

static void trim(struct outbox *outbox)
{
    struct error error;
    if (spool_trim(outbox->spool, &error) != ERROR_NONE &&
        rosc_throttle_pass(&outbox->trim_log, OUTBOX_LOG_SECONDS, NULL))
        ROSC_LOG_WARN("%s; what Kafka has taken stays there for now", error.text);
}

/* Waits until something was settled; the spool then has room for as much. */
static void wait_for_room(struct outbox *outbox)
{
    (void)pthread_mutex_lock(&outbox->mutex);
    (void)outbox_wait(outbox, &outbox->settled, outbox_in_ms(WAIT_MS));
    (void)pthread_mutex_unlock(&outbox->mutex);
    if (outbox->config->spool.durability != DURABILITY_NONE)
        trim(outbox);
}

/* Looks at what was taken. The id of the oldest, where that is in hand; UINT64_MAX: it is not. */
static uint64_t look(struct outbox *outbox)
{
    (void)pthread_mutex_lock(&outbox->mutex);
    struct batch *first = outbox->first;
    if (first && !outbox_is_in_hand(first))
        first = NULL;
    struct outbox_look now = {.settles = outbox->settles, .at = rosc_time_steady()};
    now.next = outbox->cursor ? outbox->cursor->block.id : outbox->last_id + 1;
    now.next = outbox->walk < now.next ? outbox->walk : now.next;
    if (first) {
        now.first = first->block.id;
        now.left = outbox_count_left(first);
    }
    (void)pthread_mutex_unlock(&outbox->mutex);
    struct outbox_look *last = &outbox->look;
    bool is_new = last->at == 0 || last->first == 0 || now.at - last->at > STUCK_NANOSECONDS;
    bool moves =
        now.settles != last->settles || (now.first == last->first && now.left < last->left);
    now.since = is_new || moves ? now.at : last->since;
    now.moved = is_new ? 0 : moves ? now.at : last->moved;
    *last = now;
    return first ? now.first : UINT64_MAX;
}

static bool recall(struct outbox *outbox)
{
    (void)pthread_mutex_lock(&outbox->mutex);
    outbox_recall ask = outbox->recall;
    void *user = outbox->recall_user;
    (void)pthread_mutex_unlock(&outbox->mutex);
    return ask && ask(user, (outbox->look.at - outbox->look.since) / 1000000);
}

/* Makes room by dropping the oldest. Where Kafka is away the sender first gives back what was
 * taken, so that what is dropped is older than all that is kept. While Kafka takes it, it is on its
 * way, and the oldest behind it goes; so too where Kafka is silent for long. What was taken and
 * waits for its topic goes at once. False: there is nothing to drop, or not yet. */
static bool drop(struct outbox *outbox)
{
    uint64_t first = look(outbox);
    if (outbox_drop_oldest(outbox, first))
        return true;
    if (first == UINT64_MAX || recall(outbox))
        return false;
    const struct outbox_look *seen = &outbox->look;
    bool moves = seen->moved != 0 && seen->at - seen->moved < STUCK_NANOSECONDS;
    bool is_silent = seen->at - seen->since > PATIENCE_NANOSECONDS;
    return outbox_drop_oldest(outbox, moves || is_silent ? UINT64_MAX : seen->next);
}

/* Each record as a batch of its own. */
static void put_parts(struct outbox *outbox, struct batch *batch, const _Atomic int64_t *deadline)
{
    struct spool_record record;
    for (uint32_t i = 0; i < batch->block.count; i++) {
        struct batch *part = batch_pool_take(&outbox->pool, 0);
        batch_record(batch, i, &record);
        if (!part || batch_add(part, batch->items[i].origin, &record) != ERROR_NONE) {
            if (part)
                outbox_recycle(outbox, part);
            continue;
        }
        atomic_store(&batch->items[i].state, ITEM_SETTLED); /* here */
        outbox_put(outbox, part, deadline);
    }
    give_up(outbox, batch, true); /* what there was no memory for */
}

/* The batch finds no room, and never will or has no more time. */
static void put_nowhere(struct outbox *outbox, struct batch *batch, const _Atomic int64_t *deadline)
{
    bool spooled = outbox->config->spool.durability != DURABILITY_NONE;
    bool too_large = spooled && batch->block.bytes.length > outbox->config->spool.max_bytes;
    if (too_large && batch->block.count > 1)
        put_parts(outbox, batch, deadline);
    else
        give_up(outbox, batch, spooled);
}

/* Whether it is of no use to wait for room. */
static bool is_hopeless(const struct outbox *outbox, const struct batch *batch, int64_t deadline,
                        enum error_code code)
{
    const struct config_spool *spool = &outbox->config->spool;
    bool full = spool->durability != DURABILITY_NONE && code == ERROR_FULL;
    return rosc_time_steady() >= deadline || (full && spool->when_full == WHEN_FULL_DROP_NEWEST) ||
           (full && batch->block.bytes.length > spool->max_bytes);
}

void outbox_put(struct outbox *outbox, struct batch *batch, const _Atomic int64_t *deadline)
{
    struct error error;
    const struct config_spool *spool = &outbox->config->spool;
    enum error_code code;
    batch->block.id = spool_next_id(outbox->spool);
    while ((code = place(outbox, batch, &error)) != ERROR_NONE) {
        bool full = spool->durability != DURABILITY_NONE && code == ERROR_FULL;
        bool fits = batch->block.bytes.length <= spool->max_bytes;
        say_full(outbox, &error, policy(outbox, code));
        if (full && fits && spool->when_full == WHEN_FULL_DROP_OLDEST && drop(outbox))
            continue;
        if (is_hopeless(outbox, batch, *deadline, code)) {
            put_nowhere(outbox, batch, deadline);
            return;
        }
        wait_for_room(outbox);
    }
    say_room(outbox);
}

void outbox_work(struct outbox *outbox)
{
    struct error error;
    if (outbox->config->spool.durability == DURABILITY_SPILL && is_stuck(outbox) &&
        keep_memory(outbox, &error) != ERROR_NONE)
        say_full(outbox, &error, "what waits for Kafka is in memory only");
    outbox_look_for_damage(outbox);
    outbox_shrink_parked(outbox);
    trim(outbox);
}
