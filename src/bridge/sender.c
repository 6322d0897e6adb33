#include "bridge/sender.h"

#include "bridge/announcer.h"
#include "bridge/settlement.h"
#include "kafka/producer.h"

#include <inttypes.h>
#include <rosc/rosc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ID_SIZE            600
#define ROOM_WAIT_MS       20
#define LOG_PERIOD_SECONDS 10.0
#define FLUSH_SLICE_MS     100

struct sender {
    const struct config *config;
    pthread_mutex_t mutex;           /* held where the producer changes */
    struct kafka_producer *producer; /* NULL only after one could not be replaced */
    struct settlement settlement;
    struct encoded encoded;
    struct buffer letter;
};

static void set_producer(struct sender *sender, struct kafka_producer *producer)
{
    pthread_mutex_lock(&sender->mutex);
    sender->producer = producer;
    pthread_mutex_unlock(&sender->mutex);
}

static enum error_code make_producer(struct sender *sender, struct error *error)
{
    struct kafka_producer_options options = {.properties = &sender->config->kafka,
                                             .report = settlement_report,
                                             .user = &sender->settlement};
    struct kafka_producer *producer = NULL;
    enum error_code code = kafka_producer_create(&options, &producer, error);
    set_producer(sender, producer);
    /* Reports come only of what is sent from here on. */
    sender->settlement.producer = producer;
    return code;
}

void sender_contact(struct sender *sender, struct kafka_contact *contact)
{
    *contact = (struct kafka_contact){.trouble = "librdkafka gave up: a new producer is made"};
    pthread_mutex_lock(&sender->mutex);
    if (sender->producer)
        kafka_producer_contact(sender->producer, contact);
    pthread_mutex_unlock(&sender->mutex);
}

enum error_code sender_create(const struct config *config, struct sender **sender,
                              struct error *error)
{
    struct sender *made = calloc(1, sizeof *made);
    if (!made)
        return error_set(error, ERROR_MEMORY, "", 0, "out of memory");
    made->config = config;
    pthread_mutex_init(&made->mutex, NULL);
    encoded_init(&made->encoded, config->message_max_bytes);
    buffer_init(&made->letter, 2U << 20);
    struct announcer *announcer = NULL;
    enum error_code code = announcer_create(config->definitions_topic, &announcer);
    settlement_init(&made->settlement, announcer);
    if (code != ERROR_NONE)
        (void)error_set(error, code, "", 0, "out of memory");
    else
        code = make_producer(made, error);
    if (code != ERROR_NONE) {
        sender_destroy(made, 0);
        return code;
    }
    *sender = made;
    return ERROR_NONE;
}

void sender_destroy(struct sender *sender, int64_t deadline)
{
    if (!sender)
        return;
    const _Atomic int64_t end = deadline;
    while (sender->producer && rosc_time_steady() < deadline) {
        sender_work(sender, &end);
        bool announced =
            announcer_is_done(sender->settlement.announcer) || !sender->settlement.reachable;
        if (announced && kafka_producer_pending(sender->producer) == 0)
            break;
        (void)kafka_producer_flush(sender->producer, FLUSH_SLICE_MS);
    }
    kafka_producer_destroy(sender->producer);
    settlement_fini(&sender->settlement);
    announcer_destroy(sender->settlement.announcer);
    encoded_fini(&sender->encoded);
    buffer_fini(&sender->letter);
    pthread_mutex_destroy(&sender->mutex);
    free(sender);
}

static void add_header(struct kafka_record *record, const char *name, const char *value)
{
    record->headers[record->header_count++] =
        (struct kafka_header){.name = name, .value = value, .size = strlen(value)};
}

static void fill_record(const struct sender *sender, const struct source *source, char *id,
                        struct kafka_record *record)
{
    const struct target *target = source->target;
    *record = (struct kafka_record){.topic = target->kafka_topic,
                                    .partition = -1,
                                    .offset = -1,
                                    .timestamp = sender->encoded.timestamp,
                                    .key = sender->encoded.key.data,
                                    .key_size = sender->encoded.key.length,
                                    .value = sender->encoded.value.data,
                                    .value_size = sender->encoded.value.length};
    if (!source->stream->route->headers)
        return;
    (void)snprintf(id, ID_SIZE, "%s/%s/%" PRIu64, sender->config->robot, target->kafka_topic,
                   target->sequence);
    add_header(record, KAFKA_HEADER_TOPIC, source->stream->ros_topic);
    add_header(record, KAFKA_HEADER_TYPE, source->type);
    add_header(record, KAFKA_HEADER_MD5SUM, source->md5sum);
    add_header(record, KAFKA_HEADER_ID, id);
    if (source->latched)
        add_header(record, KAFKA_HEADER_LATCHED, "true");
}

/* After a fatal error of librdkafka (say, an idempotence violation): what it held is reported as
 * not delivered, and a new producer goes on. */
static void reconnect(struct sender *sender, const struct error *fatal)
{
    struct error error;
    ROSC_LOG_ERROR("librdkafka gave up: %s; starting a new producer", fatal->text);
    struct kafka_producer *producer = sender->producer;
    set_producer(sender, NULL);
    kafka_producer_destroy(producer);
    while (make_producer(sender, &error) != ERROR_NONE) {
        ROSC_LOG_THROTTLE(LOG_PERIOD_SECONDS, ROSC_ERROR_LEVEL,
                          "no new producer: %s; trying again every second", error.text);
        (void)nanosleep(&(struct timespec){.tv_sec = 1}, NULL);
        if (!rosc_ok())
            return;
    }
}

/* Hands the record over, waiting for room until the deadline. */
static enum error_code hand_over(struct sender *sender, struct source *source,
                                 const struct kafka_record *record, enum record_tag tag,
                                 const _Atomic int64_t *deadline, struct error *error)
{
    for (;;) {
        if (!sender->producer)
            return error_set(error, ERROR_IO, record->topic, 0, "there is no producer");
        enum error_code code = kafka_producer_send(sender->producer, record, tag, source, error);
        if (code == ERROR_FULL && rosc_time_steady() < *deadline)
            kafka_producer_wait_for_room(sender->producer, ROOM_WAIT_MS);
        else if (code == ERROR_IO && kafka_producer_is_fatal(sender->producer, error))
            reconnect(sender, error);
        else
            return code;
    }
}

/* What send_waiting needs to hand a letter over. */
struct letter_way {
    struct sender *sender;
    const _Atomic int64_t *deadline;
};

static enum error_code send_waiting(const struct kafka_record *record, struct source *source,
                                    enum record_tag tag, void *user)
{
    struct letter_way *way = user;
    struct error ignored;
    return hand_over(way->sender, source, record, tag, way->deadline, &ignored);
}

/* Sends a dead letter in place of the message. */
static void bury(struct sender *sender, struct source *source, const struct queue_entry *entry,
                 enum record_tag tag, const struct error *error, const _Atomic int64_t *deadline)
{
    struct letter_way way = {.sender = sender, .deadline = deadline};
    if (!settlement_bury(source, tag, error, "message", entry->data, entry->size, &sender->letter,
                         send_waiting, &way))
        settlement_drop(source, tag);
}

static void undecodable(struct sender *sender, struct source *source,
                        const struct queue_entry *entry, const struct error *error,
                        const _Atomic int64_t *deadline)
{
    if (rosc_throttle_pass(&source->stream->undecodable_log, LOG_PERIOD_SECONDS, NULL))
        ROSC_LOG_ERROR("%s (%s): a message of %zu bytes cannot be encoded: %s: %s (byte %zu)",
                       source->stream->ros_topic, source->type, entry->size, error->path,
                       error->text, error->position);
    bury(sender, source, entry, TAG_LETTER_BYTES, error, deadline);
}

static void not_taken(struct sender *sender, struct source *source, const struct queue_entry *entry,
                      const struct error *error, const _Atomic int64_t *deadline)
{
    if (error->code != ERROR_LIMIT && error->code != ERROR_UNKNOWN) {
        settlement_drop(source, TAG_RECORD);
        return;
    }
    settlement_log_refusal(&sender->settlement, source, sender->encoded.value.length, error->text);
    bury(sender, source, entry,
         error->code == ERROR_LIMIT ? TAG_LETTER_TOO_LARGE : TAG_LETTER_REFUSED, error, deadline);
}

static void count_changes(struct source *source, const struct to_json_counts *counts)
{
    if (counts->invalid_utf8)
        counter_add(&source->stream->counters.invalid_utf8, counts->invalid_utf8);
    if (counts->non_finite)
        counter_add(&source->stream->counters.non_finite, counts->non_finite);
}

void sender_send(struct sender *sender, struct source *source, const struct queue_entry *entry,
                 const _Atomic int64_t *deadline)
{
    struct error error = {0};
    if (!source->encoder) {
        undecodable(sender, source, entry, &source->error, deadline);
        return;
    }
    if (!source->announced) {
        announcer_add(sender->settlement.announcer, source->plan);
        source->announced = true;
    }
    struct to_json_counts counts = {0};
    if (encoder_encode(source->encoder, entry->data, entry->size, entry->receipt,
                       source->target->sequence, &sender->encoded, &counts, &error) != ERROR_NONE) {
        undecodable(sender, source, entry, &error, deadline);
        return;
    }
    count_changes(source, &counts);

    char id[ID_SIZE];
    struct kafka_record record;
    fill_record(sender, source, id, &record);
    if (hand_over(sender, source, &record, TAG_RECORD, deadline, &error) == ERROR_NONE)
        source->target->sequence++;
    else
        not_taken(sender, source, entry, &error, deadline);
}

/* Sends the dead letters for which the producer's thread found no room. */
static void send_kept_letters(struct sender *sender, const _Atomic int64_t *deadline)
{
    struct letter *letter;
    while ((letter = settlement_take_letter(&sender->settlement))) {
        struct kafka_record record;
        struct error ignored;
        settlement_letter_record(letter, &record);
        if (hand_over(sender, letter->source, &record, letter->tag, deadline, &ignored) !=
            ERROR_NONE)
            settlement_drop(letter->source, letter->tag);
        settlement_letter_destroy(letter);
    }
}

void sender_work(struct sender *sender, const _Atomic int64_t *deadline)
{
    send_kept_letters(sender, deadline);
    if (sender->producer && sender->settlement.reachable &&
        !announcer_work(sender->settlement.announcer, sender->producer, *deadline))
        sender->settlement.reachable = false;
}
