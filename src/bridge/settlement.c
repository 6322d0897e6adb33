#include "bridge/settlement.h"

#include "bridge/dead_letter.h"

#include <stdlib.h>
#include <string.h>

#define LETTER_LIMIT       (2U << 20)
#define LOG_PERIOD_SECONDS 10.0

void settlement_init(struct settlement *settlement, struct announcer *announcer)
{
    *settlement = (struct settlement){.announcer = announcer};
    settlement->last = &settlement->first;
    pthread_mutex_init(&settlement->mutex, NULL);
}

void settlement_fini(struct settlement *settlement)
{
    struct letter *letter;
    while ((letter = settlement_take_letter(settlement))) {
        settlement_drop(letter->source, letter->tag);
        settlement_letter_destroy(letter);
    }
    pthread_mutex_destroy(&settlement->mutex);
}

void settlement_drop(struct source *source, enum record_tag tag)
{
    static const enum drop_reason reasons[] = {[TAG_RECORD] = DROP_NOT_DELIVERED,
                                               [TAG_LETTER_TOO_LARGE] = DROP_TOO_LARGE,
                                               [TAG_LETTER_REFUSED] = DROP_REFUSED,
                                               [TAG_LETTER_BYTES] = DROP_UNDECODABLE};
    enum drop_reason reason = source->target ? reasons[tag] : DROP_NO_TOPIC;
    counter_add(&source->stream->counters.dropped[reason], 1);
}

static const char *reason_of(enum record_tag tag, const struct error *error)
{
    if (tag == TAG_LETTER_TOO_LARGE)
        return "too_large";
    return tag == TAG_LETTER_REFUSED ? "refused" : error_code_name(error->code);
}

static void make_record(const struct source *source, const struct buffer *text,
                        struct kafka_record *record)
{
    *record = (struct kafka_record){.topic = source->target->dead_letter_topic,
                                    .partition = -1,
                                    .offset = -1,
                                    .key = source->stream->ros_topic,
                                    .key_size = strlen(source->stream->ros_topic),
                                    .value = text->data,
                                    .value_size = text->length};
}

bool settlement_bury(struct source *source, enum record_tag tag, const struct error *error,
                     const char *content, const void *bytes, size_t size, struct buffer *text,
                     settlement_send send, void *user)
{
    struct dead_letter letter = {.reason = reason_of(tag, error),
                                 .error = error,
                                 .direction = "ros_to_kafka",
                                 .ros_topic = source->stream->ros_topic,
                                 .ros_type = source->type,
                                 .ros_md5sum = source->md5sum,
                                 .content = content,
                                 .bytes = bytes,
                                 .size = size};
    enum error_code code = ERROR_LIMIT;
    while (source->target && source->target->dead_letter_topic && code == ERROR_LIMIT) {
        struct kafka_record record;
        buffer_clear(text);
        code = dead_letter_write(&letter, text);
        if (code != ERROR_NONE)
            break;
        make_record(source, text, &record);
        code = send(&record, source, tag, user);
        if (!letter.bytes)
            break;
        letter.bytes = NULL;
    }
    if (code == ERROR_FULL)
        return false;
    if (code != ERROR_NONE)
        settlement_drop(source, tag);
    return true;
}

static enum error_code send_now(const struct kafka_record *record, struct source *source,
                                enum record_tag tag, void *user)
{
    const struct settlement *settlement = user;
    return kafka_producer_send(settlement->producer, record, tag, source, NULL);
}

/* Takes the text over. False where too many wait already. */
static bool keep_letter(struct settlement *settlement, struct source *source, enum record_tag tag,
                        struct buffer *text)
{
    struct letter *letter = calloc(1, sizeof *letter);
    pthread_mutex_lock(&settlement->mutex);
    bool kept = letter && settlement->waiting < SETTLEMENT_LETTERS;
    if (kept) {
        *letter = (struct letter){.source = source, .tag = tag, .text = *text};
        *settlement->last = letter;
        settlement->last = &letter->next;
        settlement->waiting++;
        buffer_init(text, text->limit);
    }
    pthread_mutex_unlock(&settlement->mutex);
    if (!kept)
        free(letter);
    return kept;
}

struct letter *settlement_take_letter(struct settlement *settlement)
{
    pthread_mutex_lock(&settlement->mutex);
    struct letter *letter = settlement->first;
    if (letter) {
        settlement->first = letter->next;
        settlement->waiting--;
        if (!settlement->first)
            settlement->last = &settlement->first;
    }
    pthread_mutex_unlock(&settlement->mutex);
    return letter;
}

void settlement_letter_record(const struct letter *letter, struct kafka_record *record)
{
    make_record(letter->source, &letter->text, record);
}

void settlement_letter_destroy(struct letter *letter)
{
    buffer_fini(&letter->text);
    free(letter);
}

void settlement_log_refusal(struct settlement *settlement, const struct source *source, size_t size,
                            const char *reason)
{
    if (rosc_throttle_pass(&settlement->refused_log, LOG_PERIOD_SECONDS, NULL))
        ROSC_LOG_ERROR("%s: Kafka topic %s does not take a record of %zu bytes: %s; it goes to the "
                       "dead-letter topic",
                       source->stream->ros_topic, source->target->kafka_topic, size, reason);
}

/* A record that Kafka will never take: its value goes into the letter, since the message's own
 * bytes are gone by now. The producer's thread cannot wait for room: the encoder's does, with the
 * letter that is kept. */
static void bury_record(struct settlement *settlement, const struct kafka_report *report)
{
    struct source *source = report->owner;
    enum record_tag tag =
        report->delivery == KAFKA_TOO_LARGE ? TAG_LETTER_TOO_LARGE : TAG_LETTER_REFUSED;
    struct error error;
    struct buffer text;
    settlement_log_refusal(settlement, source, report->value_size, report->reason);
    (void)error_set(&error, ERROR_IO, report->topic, 0, "%s", report->reason);
    buffer_init(&text, LETTER_LIMIT);
    if (!settlement_bury(source, tag, &error, "record", report->value, report->value_size, &text,
                         send_now, settlement) &&
        !keep_letter(settlement, source, tag, &text))
        settlement_drop(source, tag);
    buffer_fini(&text);
}

void settlement_report(const struct kafka_report *report, void *user)
{
    struct settlement *settlement = user;
    if (report->delivery == KAFKA_DELIVERED)
        settlement->reachable = true;
    if (report->owner == settlement->announcer) {
        announcer_report(settlement->announcer, report);
        return;
    }
    struct source *source = report->owner;
    struct counters *counters = &source->stream->counters;
    if (report->delivery == KAFKA_DELIVERED)
        counter_add(report->tag == TAG_RECORD ? &counters->delivered : &counters->dead_lettered, 1);
    else if (report->delivery == KAFKA_NOT_DELIVERED)
        settlement_drop(source, TAG_RECORD);
    else if (report->tag == TAG_RECORD)
        bury_record(settlement, report);
    else
        settlement_drop(source, (enum record_tag)report->tag);
}
