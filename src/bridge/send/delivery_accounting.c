#include "bridge/send/delivery_accounting.h"

#include "bridge/flow/dead_letter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOG_PERIOD_SECONDS 10.0
#define INVALID_LIMIT      10 /* in a row, each alone, until those in company are taken for it */
/* Bytes that framing adds to a record that goes alone, and to each of its headers, at most; and how
 * many headers there are (docs/json.md). */
#define BATCH_OVERHEAD  100
#define HEADER_OVERHEAD 20
#define HEADER_COUNT    5

void accounting_init(struct accounting *accounting, struct outbox *outbox,
                     struct counters *restored, bool in_transactions)
{
    *accounting = (struct accounting){
        .outbox = outbox, .restored = restored, .in_transactions = in_transactions};
    gates_init(&accounting->gates, in_transactions);
    accounting->last = &accounting->first;
    (void)pthread_mutex_init(&accounting->mutex, NULL);
    (void)pthread_mutex_init(&accounting->sending, NULL);
}

static void forget_refusals(struct accounting *accounting)
{
    struct refusal refusal;
    while (accounting_take_refusal(accounting, &refusal))
        accounting_release(accounting, refusal.batch);
}

void accounting_fini(struct accounting *accounting)
{
    forget_refusals(accounting);
    gates_fini(&accounting->gates);
    (void)pthread_mutex_destroy(&accounting->mutex);
    (void)pthread_mutex_destroy(&accounting->sending);
}

void accounting_set_producer(struct accounting *accounting, struct kafka_producer *producer)
{
    (void)pthread_mutex_lock(&accounting->sending);
    accounting->producer = producer;
    (void)pthread_mutex_unlock(&accounting->sending);
}

enum error_code accounting_send_record(struct accounting *accounting,
                                       const struct kafka_record *record, uint64_t tag,
                                       struct batch *batch, struct error *error)
{
    enum error_code code = ERROR_FULL;
    (void)pthread_mutex_lock(&accounting->sending);
    if (!atomic_load(&accounting->replay))
        code = kafka_producer_send(accounting->producer, record, tag, batch, error);
    (void)pthread_mutex_unlock(&accounting->sending);
    return code;
}

/* All that is not settled is to be sent again, in order: what librdkafka still has must not go out
 * before. */
static void ask_for_replay(struct accounting *accounting)
{
    if (accounting->in_transactions) {
        atomic_store(&accounting->replay, true);
        return;
    }
    (void)pthread_mutex_lock(&accounting->sending);
    if (!atomic_exchange(&accounting->replay, true) && accounting->producer)
        kafka_producer_take_back(accounting->producer);
    (void)pthread_mutex_unlock(&accounting->sending);
}

void accounting_begin_again(struct accounting *accounting)
{
    forget_refusals(accounting);
    gates_begin_again(&accounting->gates);
    atomic_store(&accounting->smaller_batches, false);
    atomic_store(&accounting->replay, false);
}

/* Why a record counts as dropped where not even a letter about it arrived. */
static enum drop_reason drop_reason_of(const struct item *item, unsigned state)
{
    if (item->kind == KIND_LETTER)
        return DROP_UNDECODABLE;
    return state & ITEM_TOO_LARGE ? DROP_TOO_LARGE : DROP_REFUSED;
}

void accounting_settle(struct accounting *accounting, struct batch *batch, uint32_t index,
                       enum fate fate)
{
    struct item *item = &batch->items[index];
    struct counters *counters = batch_counters(batch, index, accounting->restored);
    unsigned before = atomic_fetch_or(&item->state, ITEM_SETTLED);
    if (before & ITEM_SETTLED)
        return;
    /* Released before its fate: who reads meanwhile sees it pending, not twice. */
    if (before & ITEM_KEPT)
        counter_add(&counters->released, 1);
    if (fate == FATE_DROPPED)
        counter_add(&counters->dropped[drop_reason_of(item, before)], 1);
    else if (item->kind == KIND_LETTER || before & ITEM_BAD)
        counter_add(&counters->dead_lettered, 1);
    else
        counter_add(&counters->delivered, 1);
    if (fate == FATE_DELIVERED && before & ITEM_RESTAMPED)
        counter_add(&counters->restamped, 1);
    accounting_release(accounting, batch);
}

void accounting_hold(struct batch *batch)
{
    (void)atomic_fetch_add(&batch->unsettled, 1);
}

void accounting_release(struct accounting *accounting, struct batch *batch)
{
    if (atomic_fetch_sub(&batch->unsettled, 1) == 1)
        outbox_settle(accounting->outbox, batch);
}

/* The index of `reason` among those that were met. With the mutex held. */
static uint8_t intern(struct accounting *accounting, const char *reason)
{
    uint8_t i = 0;
    while (i < accounting->reason_count &&
           strncmp(accounting->reasons[i], reason, sizeof accounting->reasons[i] - 1) != 0)
        i++;
    if (i < accounting->reason_count)
        return i;
    if (i == ACCOUNTING_REASONS)
        i--;
    else
        accounting->reason_count++;
    (void)snprintf(accounting->reasons[i], sizeof accounting->reasons[i], "%s", reason);
    return i;
}

/* What a letter about a record of `size` bytes lacks. */
static const char *letter_lacks(enum item_state why, size_t size)
{
    if (why == ITEM_SHORT)
        return " without its bytes, with which the letter is too large as well";
    return size > DEAD_LETTER_BYTES_LIMIT ? " without its bytes: a letter has room for 700 KiB"
                                          : "";
}

static void log_refusal(const struct batch *batch, uint32_t index, enum item_state why,
                        const char *reason)
{
    struct spool_record record;
    struct origin *origin = batch->items[index].origin;
    bool named = *origin->dead_letter_topic;
    if (!rosc_throttle_pass(&origin->refused_log, LOG_PERIOD_SECONDS, NULL))
        return;
    batch_record(batch, index, &record);
    ROSC_LOG_ERROR("%s: Kafka topic %s does not take a record of %u bytes: %s%s; it goes to %s%s",
                   origin->facts->ros_topic, origin->facts->kafka_topic, record.value_size, reason,
                   why == ITEM_REFUSED
                       ? ""
                       : "; the limits are message.max.bytes in the section kafka here (1000000 "
                         "by default), and at the broker the topic's max.message.bytes, or "
                         "else message.max.bytes (1048588 by default)",
                   named ? origin->dead_letter_topic : "nowhere",
                   named ? letter_lacks(why, record.value_size) : "");
}

void accounting_say_dropped(const struct batch *batch, uint32_t index, const char *reason)
{
    struct origin *origin = batch->items[index].origin;
    bool named = *origin->dead_letter_topic;
    if (rosc_throttle_pass(&origin->dropped_log, LOG_PERIOD_SECONDS, NULL))
        ROSC_LOG_ERROR("%s: a record is dropped: Kafka topic %s does not take it, and %s%s: %s",
                       origin->facts->ros_topic, origin->facts->kafka_topic,
                       named ? origin->dead_letter_topic
                             : "with .dead_letter its name would be longer than 249 characters",
                       named ? " does not take a letter about it" : "", reason);
}

void accounting_mark(struct accounting *accounting, struct batch *batch, uint32_t index,
                     enum item_state why, const char *reason)
{
    struct item *item = &batch->items[index];
    log_refusal(batch, index, why, reason);
    (void)pthread_mutex_lock(&accounting->mutex);
    item->reason = intern(accounting, reason);
    (void)pthread_mutex_unlock(&accounting->mutex);
    (void)atomic_fetch_and(&item->state, (unsigned char)~ITEM_SUSPECT); /* its letter is not */
    (void)atomic_fetch_or(&item->state, (unsigned char)why);
    (void)atomic_fetch_add(&accounting->marks, 1);
}

void accounting_refuse(struct accounting *accounting, struct batch *batch, uint32_t index,
                       enum item_state why, const char *reason)
{
    struct refusal *refusal = malloc(sizeof *refusal);
    accounting_mark(accounting, batch, index, why, reason);
    if (refusal)
        accounting_hold(batch);
    (void)atomic_fetch_and(&batch->items[index].state, (unsigned char)~ITEM_SENT);
    if (!refusal) { /* the mark is enough: a replay meets it */
        atomic_store(&accounting->replay, true);
        return;
    }
    *refusal = (struct refusal){.batch = batch, .index = index};
    (void)pthread_mutex_lock(&accounting->mutex);
    *accounting->last = refusal;
    accounting->last = &refusal->next;
    (void)pthread_mutex_unlock(&accounting->mutex);
}

bool accounting_take_refusal(struct accounting *accounting, struct refusal *refusal)
{
    (void)pthread_mutex_lock(&accounting->mutex);
    struct refusal *first = accounting->first;
    if (first) {
        accounting->first = first->next;
        if (!accounting->first)
            accounting->last = &accounting->first;
    }
    (void)pthread_mutex_unlock(&accounting->mutex);
    if (!first)
        return false;
    *refusal = *first;
    free(first);
    return true;
}

void accounting_reason(struct accounting *accounting, const struct item *item, char *text,
                       size_t size)
{
    (void)pthread_mutex_lock(&accounting->mutex);
    (void)snprintf(text, size, "%s", accounting->reasons[item->reason]);
    (void)pthread_mutex_unlock(&accounting->mutex);
}

/* What a batch of nothing but this record takes, or a little more. */
static size_t size_alone(const struct kafka_report *report, const struct origin *origin)
{
    const struct spool_origin *facts = origin->facts;
    size_t size = BATCH_OVERHEAD + report->value_size + report->key_size;
    if (facts->headers)
        size += HEADER_COUNT * HEADER_OVERHEAD + strlen(facts->ros_topic) +
                strlen(facts->ros_type) + strlen(facts->ros_md5sum) + strlen(facts->robot) +
                strlen(facts->kafka_topic);
    return size;
}

/* A broker refuses a whole batch where that is too large: was the record alone to blame? */
static bool had_company(const struct accounting *accounting, const struct kafka_report *report,
                        const struct origin *origin)
{
    return size_alone(report, origin) < accounting->batch_max_bytes;
}

struct gate *accounting_gate(struct accounting *accounting, const struct item *item,
                             const char **topic)
{
    struct origin *origin = item->origin;
    unsigned state = atomic_load(&item->state);
    bool letter = item->kind == KIND_LETTER || state & (ITEM_BAD | ITEM_SHORT);
    *topic = letter ? origin->dead_letter_topic : origin->facts->kafka_topic;
    return gates_of(&accounting->gates, origin, letter);
}

bool accounting_takes_for_invalid(struct accounting *accounting, const struct item *item)
{
    const char *topic;
    if (item->kind == KIND_LETTER || atomic_load(&item->state) & (ITEM_BAD | ITEM_SHORT))
        return false; /* letters may pass the same gate */
    const struct gate *gate = accounting_gate(accounting, item, &topic);
    return gate && atomic_load(&gate->invalid) >= INVALID_LIMIT;
}

/* The record's topic takes none now. False: it was sent to find that out. */
static bool close_gate(struct accounting *accounting, const struct kafka_report *report)
{
    const struct batch *batch = report->owner;
    const char *topic;
    struct gate *gate = accounting_gate(accounting, &batch->items[(uint32_t)report->tag], &topic);
    return gate_close(&accounting->gates, gate, batch->block.id, topic, report->reason);
}

/* A broker refuses a whole batch where one of its records is invalid, and does not say which: that
 * is known of one that went alone only. */
static bool is_to_blame(struct accounting *accounting, const struct kafka_report *report)
{
    const struct batch *batch = report->owner;
    const struct item *item = &batch->items[(uint32_t)report->tag];
    return atomic_load(&item->state) & ITEM_SUSPECT ||
           accounting_takes_for_invalid(accounting, item);
}

bool accounting_halts(const struct kafka_report *report, void *user)
{
    struct accounting *accounting = user;
    if (report->owner == accounting->announcer)
        return false;
    const struct batch *batch = report->owner;
    if (report->delivery == KAFKA_UNAVAILABLE)
        return close_gate(accounting, report);
    if (report->delivery == KAFKA_TOO_LARGE)
        return had_company(accounting, report, batch->items[(uint32_t)report->tag].origin);
    if (report->delivery == KAFKA_INVALID)
        return !is_to_blame(accounting, report);
    return report->delivery == KAFKA_NOT_DELIVERED || report->delivery == KAFKA_WRONG_TIME;
}

static void want_smaller_batches(struct accounting *accounting, const char *topic)
{
    (void)pthread_mutex_lock(&accounting->mutex);
    (void)snprintf(accounting->crowded_topic, sizeof accounting->crowded_topic, "%s", topic);
    (void)pthread_mutex_unlock(&accounting->mutex);
    atomic_store(&accounting->smaller_batches, true);
    ask_for_replay(accounting);
}

bool accounting_wants_smaller_batches(struct accounting *accounting,
                                      char topic[NAMES_KAFKA_TOPIC_SIZE])
{
    if (!atomic_load(&accounting->smaller_batches))
        return false;
    (void)pthread_mutex_lock(&accounting->mutex);
    memcpy(topic, accounting->crowded_topic, NAMES_KAFKA_TOPIC_SIZE);
    (void)pthread_mutex_unlock(&accounting->mutex);
    return true;
}

/* The time of this record was refused, or of another of its batch: all are sent again, those which
 * need it with another time. False: that does not help. */
static bool sent_again_for_its_time(struct accounting *accounting, struct batch *batch,
                                    uint32_t index, bool letter)
{
    const struct item *item = &batch->items[index];
    struct spool_record record;
    batch_record(batch, index, &record);
    letter = letter || item->kind == KIND_LETTER;
    if (!record_times_refused(accounting->times,
                              letter ? item->origin->letter_times : item->origin->times,
                              record.timestamp, atomic_load(&item->state) & ITEM_RESTAMPED))
        return false;
    (void)atomic_fetch_add(&accounting->marks, 1);
    if (!accounting->in_transactions)
        ask_for_replay(accounting);
    return true;
}

/* It goes alone, and with it each of its batch. */
static void suspect(struct accounting *accounting, struct item *item)
{
    (void)atomic_fetch_or(&item->state, ITEM_SUSPECT);
    (void)atomic_fetch_add(&accounting->marks, 1);
    if (!accounting->in_transactions)
        ask_for_replay(accounting);
}

/* Of its topic `item` was found invalid, or not. */
static void note_valid(struct accounting *accounting, const struct kafka_report *report,
                       const struct item *item, bool valid)
{
    const char *topic;
    if (report->tag & TAG_LETTER || item->kind == KIND_LETTER)
        return;
    struct gate *gate = accounting_gate(accounting, item, &topic);
    if (gate && !valid)
        (void)atomic_fetch_add(&gate->invalid, 1);
    else if (gate && atomic_load_explicit(&gate->invalid, memory_order_relaxed) > 0)
        atomic_store(&gate->invalid, 0);
}

static void refused(struct accounting *accounting, const struct kafka_report *report,
                    struct batch *batch, uint32_t index)
{
    bool too_large = report->delivery == KAFKA_TOO_LARGE;
    if (report->delivery == KAFKA_INVALID)
        note_valid(accounting, report, &batch->items[index], false);
    if (too_large && had_company(accounting, report, batch->items[index].origin)) {
        want_smaller_batches(accounting, report->topic);
        return;
    }
    unsigned state = atomic_load(&batch->items[index].state);
    bool letter = report->tag & TAG_LETTER || batch->items[index].kind == KIND_LETTER;
    if (letter && (!too_large || state & ITEM_SHORT)) {
        accounting_say_dropped(batch, index, report->reason);
        accounting_settle(accounting, batch, index, FATE_DROPPED);
        return;
    }
    enum item_state why = letter ? ITEM_SHORT : too_large ? ITEM_TOO_LARGE : ITEM_REFUSED;
    if (accounting->in_transactions)
        accounting_mark(accounting, batch, index, why, report->reason);
    else
        accounting_refuse(accounting, batch, index, why, report->reason);
}

/* What a letter's record was made of goes with its report. */
static void free_letter(const struct kafka_report *report)
{
    union {
        const void *in;
        void *out;
    } value = {.in = report->value};
    if (report->tag & TAG_LETTER)
        free(value.out);
}

void accounting_report(const struct kafka_report *report, void *user)
{
    struct accounting *accounting = user;
    if (report->delivery == KAFKA_DELIVERED)
        atomic_store_explicit(&accounting->reachable, true, memory_order_relaxed);
    if (report->owner == accounting->announcer) {
        announcer_report(accounting->announcer, report);
        if (report->append_time > 0)
            broker_clock_tell(record_times_clock(accounting->times), report->append_time);
        return;
    }
    struct batch *batch = report->owner;
    uint32_t index = (uint32_t)report->tag;
    if (report->delivery == KAFKA_UNAVAILABLE) {
        (void)close_gate(accounting, report);
        (void)atomic_fetch_and(&batch->items[index].state, (unsigned char)~ITEM_SENT);
        (void)atomic_fetch_add(&accounting->marks, 1);
    } else if (report->delivery == KAFKA_WRONG_TIME &&
               sent_again_for_its_time(accounting, batch, index, report->tag & TAG_LETTER)) {
        /* with all that is not settled */
    } else if (report->delivery == KAFKA_INVALID && !is_to_blame(accounting, report)) {
        suspect(accounting, &batch->items[index]);
    } else if (report->delivery == KAFKA_NOT_DELIVERED) {
        if (!atomic_load(&accounting->purging) && !accounting->in_transactions)
            ask_for_replay(accounting);
    } else if (report->delivery != KAFKA_DELIVERED) {
        refused(accounting, report, batch, index);
    } else if (accounting->in_transactions) {
        note_valid(accounting, report, &batch->items[index], true);
    } else {
        const char *topic;
        note_valid(accounting, report, &batch->items[index], true);
        gate_passed(accounting_gate(accounting, &batch->items[index], &topic));
        accounting_settle(accounting, batch, index, FATE_DELIVERED);
    }
    free_letter(report);
}
