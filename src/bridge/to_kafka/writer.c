#include "bridge/to_kafka/writer.h"

#include "bridge/to_kafka/recorder.h"

#include <rosc/rosc.h>
#include <stdlib.h>
#include <time.h>

#define BATCH_RECORDS 2000
#define BATCH_BYTES   (1U << 20)
#define SPOOL_SHARE   32 /* a batch takes no more than this part of the spool */
/* From one batch to the next, at least: a message that comes alone goes at once, and no more than a
 * thousand commits a second are paid for. */
#define PACE_NS INT64_C(1000000)
#define OPEN_NS INT64_C(2000000) /* how long a batch takes what comes without a pause */

struct writer {
    const struct config *config;
    struct recorder *recorder;
    /* The message in hand, which is the queue's until the next is taken from it. One with more
     * elements than a batch takes is gone on with in the next. */
    struct queue_entry entry;
    struct elements_place place; /* its next element; none left: it is done with */
    int64_t stamp;
    int64_t begun; /* nanoseconds of the steady clock: the last batch */
};

enum error_code writer_create(const struct config *config, struct spool *spool,
                              struct origins *origins, struct writer **writer)
{
    struct writer *made = calloc(1, sizeof *made);
    if (!made)
        return ERROR_MEMORY;
    made->config = config;
    enum error_code code = recorder_create(config, spool, origins, &made->recorder);
    if (code == ERROR_NONE)
        *writer = made;
    else
        writer_destroy(made);
    return code;
}

void writer_destroy(struct writer *writer)
{
    if (!writer)
        return;
    recorder_destroy(writer->recorder);
    free(writer);
}

static bool is_full(const struct writer *writer, const struct batch *batch)
{
    uint64_t share = writer->config->spool.max_bytes / SPOOL_SHARE;
    return batch->block.count >= BATCH_RECORDS ||
           batch->block.bytes.length >= (share < BATCH_BYTES ? share : BATCH_BYTES);
}

/* What header.seq the spool is to remember with this message. */
static void note_seq(const struct queue_entry *entry)
{
    const struct source *source = entry->owner;
    struct spool_note *note = entry->note;
    struct plan_header header;
    if (!note || !source->plan ||
        !plan_read_header(source->plan, entry->data, entry->size, &header))
        return;
    note->value = header.seq;
    note->changed = true;
}

static bool has_elements_left(const struct writer *writer)
{
    return writer->place.index < writer->place.count;
}

/* As many of the message's elements as the batch takes. Its header.seq is remembered with the last
 * of them: what a crash leaves of it is a message that was missed. */
static void write_elements(struct writer *writer, struct batch *batch,
                           const _Atomic int64_t *deadline)
{
    struct source *source = writer->entry.owner;
    struct piece piece = {.source = source,
                          .is_element = true,
                          .input = {.receipt = writer->entry.receipt, .stamp = writer->stamp}};
    do {
        piece.input.index = writer->place.index;
        piece.input.bytes = elements_next(source->elements, &writer->place, &piece.input.size);
        recorder_add(writer->recorder, &piece, batch, deadline);
    } while (has_elements_left(writer) && !is_full(writer, batch));
    if (!has_elements_left(writer))
        note_seq(&writer->entry);
}

/* Takes the message apart: from now on it counts as its elements. */
static void open_elements(struct writer *writer)
{
    const struct queue_entry *entry = &writer->entry;
    const struct source *source = entry->owner;
    struct counters *counters = &source->stream->counters;
    writer->stamp = encoder_stamp(source->plan, entry->data, entry->size);
    if (writer->place.count == 0) {
        counter_add(&counters->dropped[DROP_EMPTY], 1);
        note_seq(entry);
    } else {
        /* Before the fate of any of them, so that the account adds up at every moment. */
        counter_add(&counters->received, writer->place.count - 1);
    }
}

static void write_message(struct writer *writer, struct batch *batch,
                          const _Atomic int64_t *deadline)
{
    const struct queue_entry *entry = &writer->entry;
    struct source *source = entry->owner;
    const struct piece piece = {
        .source = source,
        .input = {.bytes = entry->data, .size = entry->size, .receipt = entry->receipt}};
    struct error error = source->error;
    if (!source->target) {
        counter_add(&source->stream->counters.dropped[DROP_NO_TOPIC], 1);
        return;
    }
    if (source->encoder && source->elements &&
        elements_begin(source->elements, entry->data, entry->size, &writer->place, &error) ==
            ERROR_NONE) {
        open_elements(writer);
        if (has_elements_left(writer))
            write_elements(writer, batch, deadline);
        return;
    }
    note_seq(entry);
    if (source->encoder && !source->elements)
        recorder_add(writer->recorder, &piece, batch, deadline);
    else
        recorder_refuse(writer->recorder, &piece, &error, batch, deadline);
}

/* Waits where the last batch began a moment ago; one wake-up then serves all that come. */
static void keep_pace(struct writer *writer)
{
    int64_t now = rosc_time_steady(), wait = writer->begun + PACE_NS - now;
    if (wait > 0 && wait < PACE_NS) {
        (void)nanosleep(&(struct timespec){.tv_nsec = (long)wait}, NULL);
        now += wait;
    }
    writer->begun = now;
}

bool writer_fill(struct writer *writer, struct queue *queue, struct batch *batch, int timeout_ms,
                 const _Atomic int64_t *deadline)
{
    if (has_elements_left(writer)) {
        write_elements(writer, batch, deadline);
    } else {
        if (!queue_take(queue, timeout_ms, &writer->entry))
            return false;
        keep_pace(writer);
        write_message(writer, batch, deadline);
    }
    int64_t until = rosc_time_steady() + OPEN_NS;
    while (!is_full(writer, batch) && rosc_time_steady() < until &&
           queue_take(queue, 0, &writer->entry))
        write_message(writer, batch, deadline);
    return true;
}
