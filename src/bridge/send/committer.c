#include "bridge/send/committer.h"

#include "bridge/send/topic_progress.h"
#include "bridge/send/waiting.h"
#include "kafka/producer/transactions.h"

#include <inttypes.h>
#include <rosc/rosc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BATCHES_LIMIT      256 /* of one transaction */
#define RECORDS_LIMIT      10000
#define BYTES_LIMIT        (8U << 20)
#define STEP_MS            5000 /* of one wait for Kafka */
#define LOG_PERIOD_SECONDS 10.0
#define NAME_SIZE          400
#define PAUSE_MS           100 /* after a first failure, and then twice as long each time */
#define PAUSE_MAX_MS       5000

enum step {
    STEP_INIT,   /* the producer is new */
    STEP_IDLE,   /* no batch was taken */
    STEP_TAKEN,  /* batches were taken and are to be sent */
    STEP_COMMIT, /* they were sent, and the commit is under way */
};

struct committer {
    const struct config *config;
    struct outbox *outbox;
    struct item_sender *item_sender;
    char id[NAME_SIZE];
    char group[NAME_SIZE];
    char letters_group[NAME_SIZE]; /* a topic of letters may be another route's of records */
    uint32_t generation;           /* of producers */
    enum step step;
    struct batch *batches[BATCHES_LIMIT];
    size_t batch_count;
    struct topics_progress topics; /* of the transaction, or of what is asked for before it */
    struct kafka_committed_offset *positions; /* of the topics, two each */
    size_t positions_capacity;
    struct gate *tried; /* by the transaction that is open: it has one record only; or NULL */
    uint32_t tried_index;
    bool announced;     /* the last transaction was one of definitions */
    unsigned marks;     /* the accounting's when the transaction was begun */
    int64_t pause_ms;   /* of the last rest; 0: it was not for nothing */
    int64_t rest_until; /* nanoseconds of the steady clock */
    struct rosc_throttle log;
};

enum error_code committer_create(const struct config *config, struct spool *spool,
                                 struct outbox *outbox, struct item_sender *item_sender,
                                 struct committer **committer)
{
    struct committer *made = calloc(1, sizeof *made);
    if (!made)
        return ERROR_MEMORY;
    made->config = config;
    made->outbox = outbox;
    made->item_sender = item_sender;
    made->generation = 1;
    (void)snprintf(made->id, sizeof made->id, "kafka_bridge.%s", config->robot);
    /* The positions are those of this spool's sequences: another one has a group of its own. */
    (void)snprintf(made->group, sizeof made->group, "kafka_bridge.%s.%s", config->robot,
                   spool_identity(spool));
    (void)snprintf(made->letters_group, sizeof made->letters_group, "kafka_bridge.%s.%s.letters",
                   config->robot, spool_identity(spool));
    *committer = made;
    return ERROR_NONE;
}

void committer_destroy(struct committer *committer)
{
    if (!committer)
        return;
    committer_forget(committer);
    topics_progress_fini(&committer->topics);
    free(committer->positions);
    free(committer);
}

const char *committer_id(const struct committer *committer)
{
    return committer->id;
}

static void release_batches(struct committer *committer)
{
    for (size_t i = 0; i < committer->batch_count; i++)
        accounting_release(committer->item_sender->accounting, committer->batches[i]);
    committer->batch_count = 0;
}

void committer_forget(struct committer *committer)
{
    release_batches(committer);
    announcer_abort(committer->item_sender->accounting->announcer);
    committer->tried = NULL;
    committer->step = STEP_INIT;
    committer->generation++;
}

/* What is refused each time (a right that the robot has not) is not asked for without a rest. */
static void rest(struct committer *committer)
{
    int64_t pause = 2 * committer->pause_ms;
    pause = pause < PAUSE_MS ? PAUSE_MS : pause;
    committer->pause_ms = pause < PAUSE_MAX_MS ? pause : PAUSE_MAX_MS;
    committer->rest_until = rosc_time_steady() + committer->pause_ms * 1000000;
}

/* Waits up to `timeout_ms` of the rest; false: it is over. */
static bool rests(const struct committer *committer, int timeout_ms)
{
    int64_t left = (committer->rest_until - rosc_time_steady()) / 1000000;
    if (left <= 0)
        return false;
    long wait = left < timeout_ms ? (long)left : timeout_ms;
    (void)nanosleep(&(struct timespec){.tv_nsec = wait * 1000000}, NULL);
    return true;
}

/* How long to wait for Kafka in one go. */
static int step_ms(const struct committer *committer)
{
    int64_t left = (*committer->item_sender->deadline - rosc_time_steady()) / 1000000;
    return left < 0 ? 0 : left < STEP_MS ? (int)left : STEP_MS;
}

static void say(struct committer *committer, const char *what, const struct error *error)
{
    if (rosc_throttle_pass(&committer->log, LOG_PERIOD_SECONDS, NULL))
        ROSC_LOG_WARN("%s: %s; trying again", what, error->text);
}

static enum error_code init(struct committer *committer, struct kafka_producer *producer)
{
    struct error error;
    if (kafka_transactions_init(producer, step_ms(committer), &error) == ERROR_NONE) {
        committer->step = STEP_IDLE;
        return ERROR_NONE;
    }
    say(committer, "exactly once: Kafka has not yet let this robot begin", &error);
    rest(committer);
    return kafka_producer_is_fatal(producer, NULL) ? ERROR_IO : ERROR_NONE;
}

/* Takes what is there, after the first without waiting. */
static void take(struct committer *committer, int timeout_ms)
{
    size_t records = 0, bytes = 0;
    while (committer->batch_count < BATCHES_LIMIT && records < RECORDS_LIMIT &&
           bytes < BYTES_LIMIT) {
        struct batch *batch =
            outbox_take(committer->outbox, committer->batch_count == 0 ? timeout_ms : 0);
        if (!batch)
            break;
        committer->batches[committer->batch_count++] = batch;
        records += batch->block.count;
        bytes += batch->block.bytes.length;
    }
    if (committer->batch_count > 0)
        committer->step = STEP_TAKEN;
}

/* That of the origin's topic, with room for its positions. NULL: no memory. */
static struct topic_progress *progress_of(struct committer *committer, const struct origin *origin)
{
    struct topic_progress *topic = topics_progress_get(&committer->topics, origin);
    size_t capacity = committer->topics.capacity;
    if (!topic || capacity == committer->positions_capacity)
        return topic;
    struct kafka_committed_offset *positions =
        realloc(committer->positions, 2 * capacity * sizeof *positions);
    if (!positions)
        return NULL;
    committer->positions = positions;
    committer->positions_capacity = capacity;
    return topic;
}

typedef enum error_code (*item_visit)(struct committer *committer, struct batch *batch,
                                      uint32_t index, struct error *error);

static enum error_code each_item(struct committer *committer, item_visit visit, struct error *error)
{
    for (size_t i = 0; i < committer->batch_count; i++) {
        struct batch *batch = committer->batches[i];
        for (uint32_t index = 0; index < batch->block.count; index++) {
            if (!batch->items[index].origin)
                continue;
            enum error_code code = visit(committer, batch, index, error);
            if (code != ERROR_NONE)
                return code;
        }
    }
    return ERROR_NONE;
}

static enum error_code note_unknown(struct committer *committer, struct batch *batch,
                                    uint32_t index, struct error *error)
{
    const struct origin *origin = batch->items[index].origin;
    if (origin->position_known == committer->generation || progress_of(committer, origin))
        return ERROR_NONE;
    return error_set(error, ERROR_MEMORY, "", 0, "out of memory");
}

static enum error_code set_position(struct committer *committer, struct batch *batch,
                                    uint32_t index, struct error *error)
{
    struct origin *origin = batch->items[index].origin;
    (void)error;
    if (origin->position_known == committer->generation)
        return ERROR_NONE;
    const struct topic_progress *asked = topics_progress_find(&committer->topics, origin);
    if (!asked)
        return ERROR_NONE;
    int64_t topic = committer->positions[asked->index].offset;
    int64_t letters = committer->positions[committer->topics.count + asked->index].offset;
    int64_t position = topic > letters ? topic : letters;
    origin->position = position > 0 ? (uint64_t)position : 0;
    origin->position_known = committer->generation;
    return ERROR_NONE;
}

/* Asks Kafka how far the topics have come that this producer has not written yet. */
static enum error_code find_positions(struct committer *committer, struct error *error)
{
    topics_progress_begin(&committer->topics);
    enum error_code code = each_item(committer, note_unknown, error);
    size_t count = committer->topics.count;
    if (code != ERROR_NONE || count == 0)
        return code;
    for (size_t i = 0; i < count; i++) {
        const struct origin *origin = committer->topics.list[i]->origin;
        committer->positions[i] =
            (struct kafka_committed_offset){.topic = origin->facts->kafka_topic, .offset = -1};
        /* Where the name is too long for a letter's topic there is none. */
        committer->positions[count + i] = (struct kafka_committed_offset){
            .topic =
                *origin->dead_letter_topic ? origin->dead_letter_topic : origin->facts->kafka_topic,
            .offset = -1};
    }
    const struct kafka_properties *properties = &committer->config->kafka;
    code = kafka_committed_offsets(properties, committer->group, committer->positions, count,
                                   step_ms(committer), error);
    if (code == ERROR_NONE)
        code =
            kafka_committed_offsets(properties, committer->letters_group,
                                    committer->positions + count, count, step_ms(committer), error);
    return code == ERROR_NONE ? each_item(committer, set_position, error) : code;
}

/* Sends one record, unless it is in Kafka already. */
static enum error_code send_item(struct committer *committer, struct batch *batch, uint32_t index,
                                 struct error *error)
{
    struct item *item = &batch->items[index];
    struct spool_record record;
    struct topic_progress *progress = progress_of(committer, item->origin);
    if (!progress)
        return error_set(error, ERROR_MEMORY, "", 0, "out of memory");
    batch_record(batch, index, &record);
    if (record.sequence < item->origin->position) {
        accounting_settle(committer->item_sender->accounting, batch, index, FATE_DELIVERED);
        return ERROR_NONE;
    }
    (void)atomic_fetch_and(&item->state, (unsigned char)~ITEM_SENT); /* of one that was aborted */
    if (atomic_load(&item->state) & ITEM_SETTLED ||
        (committer->tried && index != committer->tried_index))
        return ERROR_NONE;
    announcer_add(committer->item_sender->accounting->announcer, item->origin);
    enum error_code code =
        committer->tried
            ? item_sender_try(committer->item_sender, batch, index, committer->tried, error)
            : item_sender_send(committer->item_sender, batch, index, error);
    unsigned state = atomic_load(&item->state);
    bool letter = item->kind == KIND_LETTER || state & ITEM_BAD;
    if (code != ERROR_NONE || !(state & ITEM_SENT)) /* dropped, or its gate is closed */
        return code;
    progress->next = record.sequence + 1;
    progress->has_letter = progress->has_letter || letter;
    progress->has_record = progress->has_record || !letter;
    return ERROR_NONE;
}

/* What the commit takes along: for each topic the sequence that comes next, on the topic itself; or
 * on that of its letters, where it has only had those: it may not be there. */
static size_t list_positions(struct committer *committer)
{
    size_t count = 0;
    for (size_t i = 0; i < committer->topics.count; i++) {
        const struct topic_progress *progress = committer->topics.list[i];
        if (progress->has_record)
            committer->positions[count++] = (struct kafka_committed_offset){
                .topic = progress->origin->facts->kafka_topic, .offset = (int64_t)progress->next};
    }
    for (size_t i = 0; i < committer->topics.count; i++) {
        const struct topic_progress *progress = committer->topics.list[i];
        if (progress->has_letter && !progress->has_record)
            committer->positions[count++] =
                (struct kafka_committed_offset){.topic = progress->origin->dead_letter_topic,
                                                .group = committer->letters_group,
                                                .offset = (int64_t)progress->next};
    }
    return count;
}

static enum error_code settle_item(struct committer *committer, struct batch *batch, uint32_t index,
                                   struct error *error)
{
    (void)error;
    if (atomic_load(&batch->items[index].state) & ITEM_SENT)
        accounting_settle(committer->item_sender->accounting, batch, index, FATE_DELIVERED);
    return ERROR_NONE;
}

/* The record was not taken, which says nothing but of its gate. */
static void end_try(struct committer *committer)
{
    gate_shut(committer->tried);
    committer->tried = NULL;
    release_batches(committer);
    committer->step = STEP_IDLE;
}

/* Nothing of the transaction is seen: it begins again, at once where that which failed it is known
 * and does not come again. */
static void aborted(struct committer *committer, const struct error *why)
{
    struct accounting *accounting = committer->item_sender->accounting;
    announcer_abort(accounting->announcer);
    record_times_learn(accounting->times, committer->item_sender->producer,
                       *committer->item_sender->deadline);
    if (committer->tried) {
        end_try(committer);
        return;
    }
    committer->step = committer->batch_count > 0 ? STEP_TAKEN : STEP_IDLE;
    /* Where it is known what failed it that is said: of its topic, or of its record. */
    if (atomic_load(&accounting->marks) != committer->marks) {
        committer->pause_ms = 0;
        return;
    }
    say(committer, "a transaction was aborted", why);
    rest(committer);
}

static enum error_code commit(struct committer *committer, struct kafka_producer *producer)
{
    struct error error;
    switch (kafka_transaction_commit(producer, committer->group, committer->positions,
                                     list_positions(committer), step_ms(committer), &error)) {
    case KAFKA_COMMITTED:
        (void)each_item(committer, settle_item, &error);
        gate_passed(committer->tried);
        committer->tried = NULL;
        release_batches(committer);
        announcer_commit(committer->item_sender->accounting->announcer);
        committer->pause_ms = 0;
        committer->step = STEP_IDLE;
        return ERROR_NONE;
    case KAFKA_ABORTED:
        aborted(committer, &error);
        return ERROR_NONE;
    case KAFKA_IN_PROGRESS:
        say(committer, "a transaction is not committed yet", &error);
        return ERROR_NONE;
    case KAFKA_UNKNOWN:
        break;
    }
    say(committer, "it is in doubt whether a transaction was committed", &error);
    return ERROR_IO;
}

/* The transaction failed while it was filled. */
static enum error_code start_over(struct committer *committer, struct kafka_producer *producer,
                                  const struct error *why)
{
    struct error error;
    enum error_code code = ERROR_FULL;
    if (atomic_load(&committer->item_sender->accounting->replay))
        return ERROR_IO;
    while (code == ERROR_FULL && rosc_time_steady() < *committer->item_sender->deadline)
        code = kafka_transaction_abort(producer, step_ms(committer), &error);
    aborted(committer, why);
    return code == ERROR_NONE ? ERROR_NONE : ERROR_IO;
}

static enum error_code send(struct committer *committer, struct kafka_producer *producer)
{
    struct error error;
    struct accounting *accounting = committer->item_sender->accounting;
    enum error_code code = find_positions(committer, &error);
    if (code != ERROR_NONE) {
        say(committer, "exactly once: Kafka does not say how far this robot has come", &error);
        rest(committer);
        return kafka_producer_is_fatal(producer, NULL) ? ERROR_IO : ERROR_NONE;
    }
    if (kafka_transaction_begin(producer, &error) != ERROR_NONE)
        return ERROR_IO;
    topics_progress_begin(&committer->topics);
    committer->marks = atomic_load(&accounting->marks);
    committer->announced = committer->batch_count == 0;
    code = each_item(committer, send_item, &error);
    if (code != ERROR_NONE)
        return start_over(committer, producer, &error);
    /* In a transaction of their own: where they are refused no record has to come again. */
    if (committer->batch_count == 0 &&
        !announcer_work(accounting->announcer, producer, *committer->item_sender->deadline))
        atomic_store(&accounting->reachable, false);
    committer->step = STEP_COMMIT;
    return commit(committer, producer);
}

/* Goes on with what waited for gates that are open now, or takes the oldest record of one that may
 * be, for a transaction of its own. */
static void look_at_gates(struct committer *committer, struct kafka_producer *producer)
{
    struct accounting *accounting = committer->item_sender->accounting;
    struct waiting waiting;
    struct gate *gate;
    uint64_t oldest;
    if (gates_open(&accounting->gates, &oldest)) {
        committer->generation++; /* the positions of what could not be asked for */
        outbox_resume(committer->outbox, oldest);
    }
    waiting_park(accounting);
    enum error_code found = ERROR_MISSING;
    while (found == ERROR_MISSING &&
           (gate = gates_due(&accounting->gates, producer, committer->item_sender->where))) {
        found = waiting_find(&waiting, accounting, gate);
        if (found == ERROR_MISSING)
            gates_forget(&accounting->gates, gate);
    }
    if (found != ERROR_NONE)
        return;
    waiting.batch->items[waiting.index].origin->position_known = 0;
    committer->tried = gate;
    committer->tried_index = waiting.index;
    committer->batches[committer->batch_count++] = waiting.batch;
    committer->step = STEP_TAKEN;
}

bool committer_is_busy(const struct committer *committer)
{
    return committer->step == STEP_TAKEN || committer->step == STEP_COMMIT;
}

enum error_code committer_work(struct committer *committer, struct kafka_producer *producer,
                               int timeout_ms)
{
    const struct accounting *accounting = committer->item_sender->accounting;
    if (rests(committer, timeout_ms))
        return ERROR_NONE;
    if (committer->step == STEP_INIT)
        return init(committer, producer);
    if (committer->step == STEP_COMMIT)
        return commit(committer, producer);
    if (committer->step == STEP_IDLE)
        look_at_gates(committer, producer);
    bool announces =
        atomic_load(&accounting->reachable) && announcer_is_waiting(accounting->announcer);
    /* Definitions first, but not twice in a row before records that wait. */
    if (committer->step == STEP_IDLE && (!announces || committer->announced))
        take(committer, announces ? 0 : timeout_ms);
    return committer->step == STEP_TAKEN || announces ? send(committer, producer) : ERROR_NONE;
}
