#include "bridge/to_kafka/recorder.h"

#include "bridge/flow/dead_letter.h"

#include <rosc/rosc.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define RESERVE UINT64_C(100000) /* sequences, where a batch may be sent without the spool */
/* Bytes of a record that a row of the spool holds beside those of its batch before it (SQLite's
 * bound is 1,000,000,000, and that of Kafka's message.max.bytes too). */
#define RECORD_LIMIT       ((size_t)900 << 20)
#define LARGE              ((size_t)256 << 10) /* bytes of a message */
#define RETRY_NANOSECONDS  100000000L
#define LOG_PERIOD_SECONDS 10.0
#define RESERVE_AGAIN      INT64_C(10000000000) /* nanoseconds */

struct recorder {
    const struct config *config;
    struct spool *spool;
    struct origins *origins;
    struct encoded encoded;
    struct buffer letter;
    int64_t
        retry_at; /* nanoseconds of the steady clock: no numbers could be reserved; 0: they are */
};

enum error_code recorder_create(const struct config *config, struct spool *spool,
                                struct origins *origins, struct recorder **recorder)
{
    struct recorder *made = calloc(1, sizeof *made);
    if (!made)
        return ERROR_MEMORY;
    made->config = config;
    made->spool = spool;
    made->origins = origins;
    encoded_init(&made->encoded, config->message_max_bytes);
    buffer_init(&made->letter, DEAD_LETTER_TEXT_LIMIT);
    *recorder = made;
    return ERROR_NONE;
}

void recorder_destroy(struct recorder *recorder)
{
    if (!recorder)
        return;
    encoded_fini(&recorder->encoded);
    buffer_fini(&recorder->letter);
    free(recorder);
}

static void drop(const struct piece *piece, enum drop_reason reason)
{
    counter_add(&piece->source->stream->counters.dropped[reason], 1);
}

static const char *type_of(const struct piece *piece)
{
    const struct source *source = piece->source;
    return piece->is_element ? plan_type(elements_plan(source->elements)) : source->type;
}

static const char *md5sum_of(const struct piece *piece)
{
    const struct source *source = piece->source;
    return piece->is_element ? plan_md5sum(elements_plan(source->elements)) : source->md5sum;
}

static const char *definition_of(const struct piece *piece)
{
    const struct source *source = piece->source;
    if (piece->is_element)
        return plan_text(elements_plan(source->elements));
    return source->plan ? plan_text(source->plan) : "";
}

/* Where the piece's origin is kept. */
static struct origin **origin_of(const struct piece *piece)
{
    return piece->is_element ? &piece->source->element_origin : &piece->source->origin;
}

/* Where the piece's record comes from and goes, as the spool has it. */
static enum error_code find_origin(struct recorder *recorder, const struct piece *piece,
                                   struct error *error)
{
    const struct stream *stream = piece->source->stream;
    struct origin **origin = origin_of(piece);
    if (*origin)
        return ERROR_NONE;
    const struct spool_origin facts = {.robot = recorder->config->robot,
                                       .ros_topic = stream->ros_topic,
                                       .ros_type = type_of(piece),
                                       .ros_md5sum = md5sum_of(piece),
                                       .definition = definition_of(piece),
                                       .kafka_topic = piece->source->target->kafka_topic,
                                       .publisher = piece->source->publisher,
                                       .latched = piece->source->latched,
                                       .headers = stream->route->headers};
    return origins_add(recorder->origins, &facts, &piece->source->stream->counters, origin, error);
}

/* Microseconds since 1970: above all numbers that were given before, at less than a million a
 * second; where no earlier number is known the spool goes on there too. */
static uint64_t far_ahead(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

/* Reserves numbers. Where the disk does not keep that, those above all that a later run can begin
 * with are taken: messages do not wait for a disk that they do not need. */
static void reserve(struct recorder *recorder, struct spool_sequence *sequence,
                    const char *kafka_topic)
{
    struct error error;
    if (spool_reserve(recorder->spool, sequence, sequence->next + RESERVE, &error) == ERROR_NONE) {
        if (recorder->retry_at != 0)
            ROSC_LOG_INFO("%s can be written again", spool_path(recorder->spool));
        recorder->retry_at = 0;
        return;
    }
    recorder->retry_at = rosc_time_steady() + RESERVE_AGAIN;
    if (sequence->next >= sequence->reserved) {
        uint64_t ahead = far_ahead();
        sequence->next = ahead > sequence->next ? ahead : sequence->next;
        sequence->reserved = sequence->next + RESERVE; /* here alone */
        sequence->changed = true;
    }
    ROSC_LOG_THROTTLE(
        LOG_PERIOD_SECONDS, ROSC_ERROR_LEVEL,
        "%s; messages are sent without it: the ids of Kafka topic %s go on at %llu, so "
        "that none comes twice after a crash",
        error.text, kafka_topic, (unsigned long long)sequence->next);
}

/* The sequence of the source's topic, with a number to take. Numbers that are used before a batch
 * is in the spool are reserved there in advance, so that they never come again. */
static enum error_code find_sequence(struct recorder *recorder, struct target *target,
                                     struct error *error)
{
    if (!target->sequence)
        target->sequence = spool_sequence(recorder->spool, target->kafka_topic);
    if (!target->sequence)
        return error_set(error, ERROR_MEMORY, target->kafka_topic, 0, "out of memory");
    if (recorder->config->spool.durability == DURABILITY_WRITE_AHEAD)
        return ERROR_NONE;
    if (target->sequence->next >= target->sequence->reserved ||
        (recorder->retry_at != 0 && rosc_time_steady() >= recorder->retry_at))
        reserve(recorder, target->sequence, target->kafka_topic);
    return ERROR_NONE;
}

/* Waits while the spool does not give what a record needs. */
static bool prepare(struct recorder *recorder, const struct piece *piece,
                    const _Atomic int64_t *deadline)
{
    struct error error;
    while (find_origin(recorder, piece, &error) != ERROR_NONE ||
           find_sequence(recorder, piece->source->target, &error) != ERROR_NONE) {
        ROSC_LOG_THROTTLE(LOG_PERIOD_SECONDS, ROSC_ERROR_LEVEL, "%s%s%s; messages wait",
                          error_place(&error), error_parting(&error), error.text);
        if (rosc_time_steady() >= *deadline)
            return false;
        (void)nanosleep(&(struct timespec){.tv_nsec = RETRY_NANOSECONDS}, NULL);
    }
    return true;
}

/* Puts the record into the batch under the topic's next number. */
static void add(const struct piece *piece, struct spool_record *record, struct batch *batch)
{
    struct spool_sequence *sequence = piece->source->target->sequence;
    struct origin *origin = *origin_of(piece);
    record->origin = origin->facts->id;
    record->sequence = sequence->next;
    if (batch_add(batch, origin, record) != ERROR_NONE) {
        ROSC_LOG_THROTTLE(LOG_PERIOD_SECONDS, ROSC_ERROR_LEVEL,
                          "%s: a record of %u bytes dropped: out of memory",
                          piece->source->stream->ros_topic, record->value_size);
        drop(piece, DROP_QUEUE_FULL);
        return;
    }
    sequence->next++;
    sequence->changed = true;
}

/* The place of the error in the message: "$[3].text" of an element is "hits[3].text". */
static struct error place_error(const struct piece *piece, const struct error *error)
{
    struct error placed = *error;
    if (piece->is_element)
        (void)snprintf(placed.path, sizeof placed.path, "%s[%llu]%s",
                       piece->source->stream->route->each, (unsigned long long)piece->input.index,
                       *error->path == '$' ? error->path + 1 : error->path);
    return placed;
}

static enum error_code write_letter(struct recorder *recorder, const struct piece *piece,
                                    const struct error *error)
{
    const struct encoder_input *input = &piece->input;
    const struct kafka_record meant = {.topic = piece->source->target->kafka_topic,
                                       .partition = -1,
                                       .offset = -1,
                                       .timestamp = input->receipt / 1000000};
    const struct dead_letter letter = {.reason = error_code_name(error->code),
                                       .error = error,
                                       .direction = "ros_to_kafka",
                                       .ros_topic = piece->source->stream->ros_topic,
                                       .ros_type = type_of(piece),
                                       .ros_md5sum = md5sum_of(piece),
                                       .record = &meant,
                                       .content = "message",
                                       .bytes = input->bytes,
                                       .size = input->size};
    buffer_clear(&recorder->letter);
    return dead_letter_write(&letter, &recorder->letter);
}

/* A dead letter takes the piece's place, and its number. */
static void add_letter(struct recorder *recorder, const struct piece *piece,
                       const struct error *found, struct batch *batch)
{
    struct stream *stream = piece->source->stream;
    const struct error error = place_error(piece, found);
    if (rosc_throttle_pass(&stream->undecodable_log, LOG_PERIOD_SECONDS, NULL))
        ROSC_LOG_ERROR("%s (%s): %s of %zu bytes cannot be encoded: %s: %s (byte %zu)",
                       stream->ros_topic, type_of(piece),
                       piece->is_element ? "an element" : "a message", piece->input.size,
                       error.path, error.text, error.position);
    if (!*(*origin_of(piece))->dead_letter_topic ||
        write_letter(recorder, piece, &error) != ERROR_NONE) {
        drop(piece, DROP_UNDECODABLE);
        return;
    }
    struct spool_record record = {.kind = KIND_LETTER,
                                  .timestamp = piece->input.receipt / 1000000,
                                  .value = recorder->letter.data,
                                  .value_size = (uint32_t)recorder->letter.length};
    add(piece, &record, batch);
}

static void count_changes(const struct piece *piece, const struct to_json_counts *counts)
{
    struct counters *counters = &piece->source->stream->counters;
    if (counts->invalid_utf8)
        counter_add(&counters->invalid_utf8, counts->invalid_utf8);
    if (counts->non_finite)
        counter_add(&counters->non_finite, counts->non_finite);
}

static void add_encoded(const struct piece *piece, const struct encoded *encoded,
                        const struct to_json_counts *counts, struct batch *batch)
{
    count_changes(piece, counts);
    struct spool_record record = {.kind = KIND_RECORD,
                                  .timestamp = encoded->timestamp,
                                  .key = encoded->key.data,
                                  .key_size = (uint32_t)encoded->key.length,
                                  .value = encoded->value.data,
                                  .value_size = (uint32_t)encoded->value.length};
    add(piece, &record, batch);
}

/* The value of a large message is written where it stays, in the batch: one pass less over it.
 * False: it has no room there, or something is wrong with it, and it goes the way of all. */
static bool add_large(struct recorder *recorder, const struct piece *piece,
                      const struct encoder_input *input, struct batch *batch)
{
    struct source *source = piece->source;
    struct encoded *encoded = &recorder->encoded;
    struct to_json_counts counts = {0};
    struct error error;
    size_t limit = recorder->config->message_max_bytes, room;
    if (input->size < LARGE || input->size > RECORD_LIMIT || source->is_swollen ||
        (room = encoder_room(source->encoder, input->size)) == 0)
        return false;
    buffer_clear(&encoded->key);
    if (encoder_key(source->encoder, input, &encoded->key, &error) != ERROR_NONE ||
        encoded->key.length + room > RECORD_LIMIT)
        return false;
    char *at = spool_block_room(&batch->block, encoded->key.length, room);
    if (!at)
        return false;
    /* The limit is the memory's, so that it does not grow. */
    limit = limit < room - ENCODER_SLACK ? limit : room - ENCODER_SLACK;
    struct encoded placed = {.key = encoded->key,
                             .value = {.data = at, .capacity = room, .limit = limit}};
    enum error_code code = encoder_encode(source->encoder, input, &placed, &counts, &error);
    encoded->key = placed.key;
    if (code == ERROR_NONE)
        add_encoded(piece, &placed, &counts, batch);
    else
        source->is_swollen = code == ERROR_LIMIT;
    return code == ERROR_NONE;
}

void recorder_add(struct recorder *recorder, const struct piece *piece, struct batch *batch,
                  const _Atomic int64_t *deadline)
{
    const struct source *source = piece->source;
    struct encoded *encoded = &recorder->encoded;
    struct to_json_counts counts = {0};
    struct error error;
    if (!prepare(recorder, piece, deadline)) {
        drop(piece, DROP_NOT_DELIVERED);
        return;
    }
    struct encoder_input input = piece->input;
    input.sequence = source->target->sequence->next;
    if (add_large(recorder, piece, &input, batch))
        return;
    if (encoder_encode(source->encoder, &input, encoded, &counts, &error) != ERROR_NONE) {
        add_letter(recorder, piece, &error, batch);
        return;
    }
    if (encoded->key.length + encoded->value.length > RECORD_LIMIT) {
        (void)error_set(&error, ERROR_LIMIT, "$", 0,
                        "a record of %zu bytes is larger than Kafka and the spool take: %zu",
                        encoded->key.length + encoded->value.length, RECORD_LIMIT);
        add_letter(recorder, piece, &error, batch);
        return;
    }
    add_encoded(piece, encoded, &counts, batch);
}

void recorder_refuse(struct recorder *recorder, const struct piece *piece,
                     const struct error *error, struct batch *batch,
                     const _Atomic int64_t *deadline)
{
    if (prepare(recorder, piece, deadline))
        add_letter(recorder, piece, error, batch);
    else
        drop(piece, DROP_NOT_DELIVERED);
}
