#include "bridge/sender.h"

#include "bridge/announcer.h"
#include "bridge/dead_letter.h"
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

/* What a report's tag says the record was. */
enum tag { TAG_RECORD, TAG_DEAD_LETTER_TOO_LARGE, TAG_DEAD_LETTER_REFUSED, TAG_DEAD_LETTER_BYTES };

struct sender {
    const struct config *config;
    struct kafka_producer *producer;
    struct announcer *announcer;
    struct encoded encoded;
    struct buffer letter;
    atomic_bool reachable; /* Kafka has acknowledged something */
    struct rosc_throttle refused_log;
};

static void settle(struct source *source, enum drop_reason reason)
{
    counter_add(&source->stream->counters.dropped[reason], 1);
}

static enum drop_reason reason_of_tag(uint64_t tag)
{
    switch ((enum tag)tag) {
    case TAG_DEAD_LETTER_TOO_LARGE:
        return DROP_TOO_LARGE;
    case TAG_DEAD_LETTER_REFUSED:
        return DROP_REFUSED;
    case TAG_DEAD_LETTER_BYTES:
        return DROP_UNDECODABLE;
    case TAG_RECORD:
        break;
    }
    return DROP_NOT_DELIVERED;
}

/* Sends a dead letter in place of what could not go on; where that is not possible either the
 * message is dropped for the reason that `tag` names. `letter` is scratch. Any thread. */
static void send_letter(struct sender *sender, struct source *source, enum tag tag,
                        const struct dead_letter *content, struct buffer *letter)
{
    buffer_clear(letter);
    if (!source->target || !source->target->dead_letter_topic ||
        dead_letter_write(content, letter) != ERROR_NONE) {
        settle(source, reason_of_tag(tag));
        return;
    }
    struct kafka_record record = {.topic = source->target->dead_letter_topic,
                                  .partition = -1,
                                  .offset = -1,
                                  .key = source->stream->ros_topic,
                                  .key_size = strlen(source->stream->ros_topic),
                                  .value = letter->data,
                                  .value_size = letter->length};
    if (kafka_producer_send(sender->producer, &record, tag, source, NULL) != ERROR_NONE)
        settle(source, reason_of_tag(tag));
}

static struct dead_letter letter_of(const struct source *source, const char *reason,
                                    const struct error *error, const void *bytes, size_t size)
{
    return (struct dead_letter){.reason = reason,
                                .error = error,
                                .direction = "ros_to_kafka",
                                .ros_topic = source->stream->ros_topic,
                                .ros_type = source->type,
                                .ros_md5sum = source->md5sum,
                                .bytes = bytes,
                                .size = size};
}

/* A record that Kafka will never take: its value goes into the letter, since the message's own
 * bytes are gone by now. On the producer's thread. */
static void letter_from_report(struct sender *sender, const struct kafka_report *report)
{
    struct source *source = report->owner;
    bool too_large = report->delivery == KAFKA_TOO_LARGE;
    struct error error;
    (void)error_set(&error, ERROR_IO, report->topic, 0, "%s", report->reason);
    if (rosc_throttle_pass(&sender->refused_log, LOG_PERIOD_SECONDS, NULL))
        ROSC_LOG_ERROR(
            "%s: Kafka does not take a record of %zu bytes into topic %s: %s; it goes to "
            "the dead-letter topic",
            source->stream->ros_topic, report->value_size, report->topic, report->reason);
    struct dead_letter content = letter_of(source, too_large ? "too_large" : "refused", &error,
                                           report->value, report->value_size);
    struct buffer letter;
    buffer_init(&letter, 2U << 20);
    send_letter(sender, source, too_large ? TAG_DEAD_LETTER_TOO_LARGE : TAG_DEAD_LETTER_REFUSED,
                &content, &letter);
    buffer_fini(&letter);
}

/* Each record's report, on the producer's thread: here a durable queue would be trimmed. */
static void reported(const struct kafka_report *report, void *user)
{
    struct sender *sender = user;
    if (report->delivery == KAFKA_DELIVERED)
        sender->reachable = true;
    if (report->owner == sender->announcer) {
        announcer_report(sender->announcer, report);
        return;
    }
    struct source *source = report->owner;
    struct counters *counters = &source->stream->counters;
    if (report->delivery == KAFKA_DELIVERED)
        counter_add(report->tag == TAG_RECORD ? &counters->delivered : &counters->dead_lettered, 1);
    else if (report->delivery == KAFKA_NOT_DELIVERED)
        settle(source, DROP_NOT_DELIVERED);
    else if (report->tag == TAG_RECORD)
        letter_from_report(sender, report);
    else
        settle(source, reason_of_tag(report->tag));
}

static enum error_code connect(struct sender *sender, struct error *error)
{
    struct kafka_producer_options options = {
        .properties = &sender->config->kafka, .report = reported, .user = sender};
    return kafka_producer_create(&options, &sender->producer, error);
}

enum error_code sender_create(const struct config *config, struct sender **sender,
                              struct error *error)
{
    struct sender *made = calloc(1, sizeof *made);
    if (!made)
        return error_set(error, ERROR_MEMORY, "", 0, "out of memory");
    made->config = config;
    encoded_init(&made->encoded, config->message_max_bytes);
    buffer_init(&made->letter, 2U << 20);
    enum error_code code = announcer_create(config->definitions_topic, &made->announcer);
    if (code != ERROR_NONE)
        (void)error_set(error, code, "", 0, "out of memory");
    else
        code = connect(made, error);
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
    while (sender->producer && kafka_producer_pending(sender->producer) > 0 &&
           rosc_time_steady() < deadline)
        (void)kafka_producer_flush(sender->producer, FLUSH_SLICE_MS);
    kafka_producer_destroy(sender->producer);
    announcer_destroy(sender->announcer);
    encoded_fini(&sender->encoded);
    buffer_fini(&sender->letter);
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
    kafka_producer_destroy(sender->producer);
    sender->producer = NULL;
    while (connect(sender, &error) != ERROR_NONE) {
        ROSC_LOG_THROTTLE(LOG_PERIOD_SECONDS, ROSC_ERROR_LEVEL,
                          "no new producer: %s; trying again every second", error.text);
        (void)nanosleep(&(struct timespec){.tv_sec = 1}, NULL);
        if (!rosc_ok())
            return;
    }
}

/* Hands the record over, waiting for room until the deadline. */
static enum error_code hand_over(struct sender *sender, struct source *source,
                                 const struct kafka_record *record, const _Atomic int64_t *deadline,
                                 struct error *error)
{
    for (;;) {
        if (!sender->producer)
            return error_set(error, ERROR_IO, record->topic, 0, "there is no producer");
        enum error_code code =
            kafka_producer_send(sender->producer, record, TAG_RECORD, source, error);
        if (code == ERROR_FULL && rosc_time_steady() < *deadline)
            kafka_producer_wait_for_room(sender->producer, ROOM_WAIT_MS);
        else if (code == ERROR_IO && kafka_producer_is_fatal(sender->producer, error))
            reconnect(sender, error);
        else
            return code;
    }
}

static void undecodable(struct sender *sender, struct source *source,
                        const struct queue_entry *entry, const struct error *error)
{
    if (rosc_throttle_pass(&source->stream->undecodable_log, LOG_PERIOD_SECONDS, NULL))
        ROSC_LOG_ERROR("%s (%s): a message of %zu bytes cannot be encoded: %s: %s (byte %zu)",
                       source->stream->ros_topic, source->type, entry->size, error->path,
                       error->text, error->position);
    struct dead_letter content =
        letter_of(source, error_code_name(error->code), error, entry->data, entry->size);
    send_letter(sender, source, TAG_DEAD_LETTER_BYTES, &content, &sender->letter);
}

static void not_taken(struct sender *sender, struct source *source, const struct queue_entry *entry,
                      enum error_code code, const struct error *error)
{
    if (code != ERROR_LIMIT && code != ERROR_UNKNOWN) {
        settle(source, DROP_NOT_DELIVERED);
        return;
    }
    bool too_large = code == ERROR_LIMIT;
    if (rosc_throttle_pass(&sender->refused_log, LOG_PERIOD_SECONDS, NULL))
        ROSC_LOG_ERROR("%s: a record of %zu bytes cannot be sent: %s; it goes to the dead-letter "
                       "topic",
                       source->stream->ros_topic, sender->encoded.value.length, error->text);
    struct dead_letter content =
        letter_of(source, too_large ? "too_large" : "refused", error, entry->data, entry->size);
    send_letter(sender, source, too_large ? TAG_DEAD_LETTER_TOO_LARGE : TAG_DEAD_LETTER_REFUSED,
                &content, &sender->letter);
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
        undecodable(sender, source, entry, &source->error);
        return;
    }
    if (!source->announced) {
        announcer_add(sender->announcer, source->plan);
        source->announced = true;
    }
    struct to_json_counts counts = {0};
    if (encoder_encode(source->encoder, entry->data, entry->size, entry->receipt,
                       source->target->sequence, &sender->encoded, &counts, &error) != ERROR_NONE) {
        undecodable(sender, source, entry, &error);
        return;
    }
    count_changes(source, &counts);

    char id[ID_SIZE];
    struct kafka_record record;
    fill_record(sender, source, id, &record);
    enum error_code code = hand_over(sender, source, &record, deadline, &error);
    if (code == ERROR_NONE)
        source->target->sequence++;
    else
        not_taken(sender, source, entry, code, &error);
}

void sender_work(struct sender *sender)
{
    if (sender->producer && !announcer_is_done(sender->announcer))
        announcer_work(sender->announcer, sender->producer, sender->reachable);
}
