#include "bridge/settlement.h"

#include "bridge/dead_letter.h"

#include <string.h>

#define LETTER_LIMIT       (2U << 20)
#define LOG_PERIOD_SECONDS 10.0

void settlement_drop(struct source *source, enum record_tag tag)
{
    static const enum drop_reason reasons[] = {[TAG_RECORD] = DROP_NOT_DELIVERED,
                                               [TAG_LETTER_TOO_LARGE] = DROP_TOO_LARGE,
                                               [TAG_LETTER_REFUSED] = DROP_REFUSED,
                                               [TAG_LETTER_BYTES] = DROP_UNDECODABLE};
    counter_add(&source->stream->counters.dropped[reasons[tag]], 1);
}

static const char *reason_of(enum record_tag tag, const struct error *error)
{
    if (tag == TAG_LETTER_TOO_LARGE)
        return "too_large";
    return tag == TAG_LETTER_REFUSED ? "refused" : error_code_name(error->code);
}

bool settlement_letter(struct source *source, enum record_tag tag, const struct error *error,
                       const void *bytes, size_t size, struct buffer *text,
                       struct kafka_record *record)
{
    struct dead_letter letter = {.reason = reason_of(tag, error),
                                 .error = error,
                                 .direction = "ros_to_kafka",
                                 .ros_topic = source->stream->ros_topic,
                                 .ros_type = source->type,
                                 .ros_md5sum = source->md5sum,
                                 .bytes = bytes,
                                 .size = size};
    buffer_clear(text);
    if (!source->target || !source->target->dead_letter_topic ||
        dead_letter_write(&letter, text) != ERROR_NONE) {
        settlement_drop(source, tag);
        return false;
    }
    *record = (struct kafka_record){.topic = source->target->dead_letter_topic,
                                    .partition = -1,
                                    .offset = -1,
                                    .key = source->stream->ros_topic,
                                    .key_size = strlen(source->stream->ros_topic),
                                    .value = text->data,
                                    .value_size = text->length};
    return true;
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
 * bytes are gone by now. There is no waiting here: the report that is being served made room. */
static void bury(struct settlement *settlement, const struct kafka_report *report)
{
    struct source *source = report->owner;
    enum record_tag tag =
        report->delivery == KAFKA_TOO_LARGE ? TAG_LETTER_TOO_LARGE : TAG_LETTER_REFUSED;
    struct error error;
    struct buffer text;
    struct kafka_record record;
    settlement_log_refusal(settlement, source, report->value_size, report->reason);
    (void)error_set(&error, ERROR_IO, report->topic, 0, "%s", report->reason);
    buffer_init(&text, LETTER_LIMIT);
    if (settlement_letter(source, tag, &error, report->value, report->value_size, &text, &record) &&
        kafka_producer_send(settlement->producer, &record, tag, source, NULL) != ERROR_NONE)
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
        bury(settlement, report);
    else
        settlement_drop(source, (enum record_tag)report->tag);
}
