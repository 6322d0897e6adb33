#include "bridge/writer.h"

#include "bridge/dead_letter.h"
#include "bridge/stream.h"

#include <rosc/rosc.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BATCH_RECORDS      2000
#define BATCH_BYTES        (1U << 20)
#define SPOOL_SHARE        8 /* a batch takes no more than this part of the spool */
#define LINGER_MS          2 /* how long a batch stays open for more, less than linger.ms */
#define RESERVE            UINT64_C(100000) /* sequences, where a batch may be sent without the spool */
#define RETRY_NANOSECONDS  100000000L
#define LOG_PERIOD_SECONDS 10.0

struct writer {
    const struct config *config;
    struct spool *spool;
    struct origins *origins;
    struct encoded encoded;
    struct buffer letter;
};

enum error_code writer_create(const struct config *config, struct spool *spool,
                              struct origins *origins, struct writer **writer)
{
    struct writer *made = calloc(1, sizeof *made);
    if (!made)
        return ERROR_MEMORY;
    made->config = config;
    made->spool = spool;
    made->origins = origins;
    encoded_init(&made->encoded, config->message_max_bytes);
    buffer_init(&made->letter, DEAD_LETTER_TEXT_LIMIT);
    *writer = made;
    return ERROR_NONE;
}

void writer_destroy(struct writer *writer)
{
    if (!writer)
        return;
    encoded_fini(&writer->encoded);
    buffer_fini(&writer->letter);
    free(writer);
}

static void drop(const struct source *source, enum drop_reason reason)
{
    counter_add(&source->stream->counters.dropped[reason], 1);
}

/* Where the source's records come from and go, as the spool has it. */
static enum error_code find_origin(struct writer *writer, struct source *source,
                                   struct error *error)
{
    if (source->origin)
        return ERROR_NONE;
    const struct spool_origin facts = {.robot = writer->config->robot,
                                       .ros_topic = source->stream->ros_topic,
                                       .ros_type = source->type,
                                       .ros_md5sum = source->md5sum,
                                       .definition = source->plan ? plan_text(source->plan) : "",
                                       .kafka_topic = source->target->kafka_topic,
                                       .latched = source->latched,
                                       .headers = source->stream->route->headers};
    return origins_add(writer->origins, &facts, &source->stream->counters, &source->origin, error);
}

/* The sequence of the source's topic, with a number to take. Numbers that are used before a batch
 * is in the spool are reserved there in advance, so that they never come again. */
static enum error_code find_sequence(struct writer *writer, struct target *target,
                                     struct error *error)
{
    if (!target->sequence)
        target->sequence = spool_sequence(writer->spool, target->kafka_topic);
    if (!target->sequence)
        return error_set(error, ERROR_MEMORY, target->kafka_topic, 0, "out of memory");
    if (writer->config->spool.durability == DURABILITY_WRITE_AHEAD ||
        target->sequence->next < target->sequence->reserved)
        return ERROR_NONE;
    return spool_reserve(writer->spool, target->sequence, target->sequence->next + RESERVE, error);
}

/* Waits while the spool does not give what a record needs (say, on a full disk). */
static bool prepare(struct writer *writer, struct source *source, const _Atomic int64_t *deadline)
{
    struct error error;
    while (find_origin(writer, source, &error) != ERROR_NONE ||
           find_sequence(writer, source->target, &error) != ERROR_NONE) {
        ROSC_LOG_THROTTLE(LOG_PERIOD_SECONDS, ROSC_ERROR_LEVEL, "%s: %s; messages wait", error.path,
                          error.text);
        if (rosc_time_steady() >= *deadline)
            return false;
        (void)nanosleep(&(struct timespec){.tv_nsec = RETRY_NANOSECONDS}, NULL);
    }
    return true;
}

/* Puts the record into the batch under the topic's next number. */
static void add(const struct source *source, struct spool_record *record, struct batch *batch)
{
    struct spool_sequence *sequence = source->target->sequence;
    record->origin = source->origin->facts->id;
    record->sequence = sequence->next;
    if (batch_add(batch, source->origin, record) != ERROR_NONE) {
        ROSC_LOG_THROTTLE(LOG_PERIOD_SECONDS, ROSC_ERROR_LEVEL,
                          "%s: a record of %u bytes dropped: out of memory",
                          source->stream->ros_topic, record->value_size);
        drop(source, DROP_QUEUE_FULL);
        return;
    }
    sequence->next++;
    sequence->changed = true;
}

/* A dead letter takes the message's place, and its number. */
static void add_letter(struct writer *writer, const struct source *source,
                       const struct queue_entry *entry, const struct error *error,
                       struct batch *batch)
{
    if (rosc_throttle_pass(&source->stream->undecodable_log, LOG_PERIOD_SECONDS, NULL))
        ROSC_LOG_ERROR("%s (%s): a message of %zu bytes cannot be encoded: %s: %s (byte %zu)",
                       source->stream->ros_topic, source->type, entry->size, error->path,
                       error->text, error->position);
    const struct kafka_record meant = {.topic = source->target->kafka_topic,
                                       .partition = -1,
                                       .offset = -1,
                                       .timestamp = entry->receipt / 1000000};
    const struct dead_letter letter = {.reason = error_code_name(error->code),
                                       .error = error,
                                       .direction = "ros_to_kafka",
                                       .ros_topic = source->stream->ros_topic,
                                       .ros_type = source->type,
                                       .ros_md5sum = source->md5sum,
                                       .record = &meant,
                                       .content = "message",
                                       .bytes = entry->data,
                                       .size = entry->size};
    buffer_clear(&writer->letter);
    if (!*source->origin->dead_letter_topic ||
        dead_letter_write(&letter, &writer->letter) != ERROR_NONE) {
        drop(source, DROP_UNDECODABLE);
        return;
    }
    struct spool_record record = {.kind = KIND_LETTER,
                                  .timestamp = entry->receipt / 1000000,
                                  .value = writer->letter.data,
                                  .value_size = (uint32_t)writer->letter.length};
    add(source, &record, batch);
}

static void count_changes(const struct source *source, const struct to_json_counts *counts)
{
    if (counts->invalid_utf8)
        counter_add(&source->stream->counters.invalid_utf8, counts->invalid_utf8);
    if (counts->non_finite)
        counter_add(&source->stream->counters.non_finite, counts->non_finite);
}

/* What header.seq the spool is to remember with this message. */
static void note_seq(const struct source *source, const struct queue_entry *entry)
{
    struct spool_note *note = entry->note;
    struct plan_header header;
    if (!note || !source->plan ||
        !plan_read_header(source->plan, entry->data, entry->size, &header))
        return;
    note->value = header.seq;
    note->changed = true;
}

static void write_message(struct writer *writer, const struct queue_entry *entry,
                          struct batch *batch, const _Atomic int64_t *deadline)
{
    struct source *source = entry->owner;
    struct error error = source->error;
    struct to_json_counts counts = {0};
    if (!source->target) {
        drop(source, DROP_NO_TOPIC);
        return;
    }
    if (!prepare(writer, source, deadline)) {
        drop(source, DROP_NOT_DELIVERED);
        return;
    }
    note_seq(source, entry);
    struct encoded *encoded = &writer->encoded;
    if (!source->encoder ||
        encoder_encode(source->encoder, entry->data, entry->size, entry->receipt,
                       source->target->sequence->next, encoded, &counts, &error) != ERROR_NONE) {
        add_letter(writer, source, entry, &error, batch);
        return;
    }
    count_changes(source, &counts);
    struct spool_record record = {.kind = KIND_RECORD,
                                  .timestamp = encoded->timestamp,
                                  .key = encoded->key.data,
                                  .key_size = (uint32_t)encoded->key.length,
                                  .value = encoded->value.data,
                                  .value_size = (uint32_t)encoded->value.length};
    add(source, &record, batch);
}

static bool is_full(const struct writer *writer, const struct batch *batch)
{
    uint64_t share = writer->config->spool.max_bytes / SPOOL_SHARE;
    return batch->block.count >= BATCH_RECORDS ||
           batch->block.bytes.length >= (share < BATCH_BYTES ? share : BATCH_BYTES);
}

bool writer_fill(struct writer *writer, struct queue *queue, struct batch *batch, int timeout_ms,
                 const _Atomic int64_t *deadline)
{
    struct queue_entry entry;
    if (!queue_take(queue, timeout_ms, &entry))
        return false;
    int64_t until = rosc_time_steady() + LINGER_MS * INT64_C(1000000);
    do {
        write_message(writer, &entry, batch, deadline);
    } while (!is_full(writer, batch) && rosc_time_steady() < until &&
             queue_take(queue, LINGER_MS, &entry));
    return true;
}
