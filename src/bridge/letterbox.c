#include "bridge/letterbox.h"

#include "bridge/dead_letter.h"
#include "bridge/names.h"
#include "kafka/producer.h"

#include <rosc/rosc.h>
#include <stdatomic.h>
#include <stdlib.h>

#define FLUSH_MS           50
#define WAITS_UNPOLLED     100
#define LOG_PERIOD_SECONDS 10.0

enum { PENDING = -1 };

struct letterbox {
    const struct config *config;
    struct kafka_producer *producer;
    struct buffer letter;
    atomic_int delivery; /* of the letter under way: PENDING, or an enum kafka_delivery */
};

static void reported(const struct kafka_report *report, void *user)
{
    struct letterbox *letterbox = user;
    if (report->delivery != KAFKA_DELIVERED)
        ROSC_LOG_THROTTLE(LOG_PERIOD_SECONDS, ROSC_ERROR_LEVEL,
                          "a dead letter is not taken by Kafka topic %s: %s", report->topic,
                          report->reason);
    letterbox->delivery = (int)report->delivery;
}

static enum error_code make_producer(struct letterbox *letterbox, struct error *error)
{
    struct kafka_producer_options options = {
        .properties = &letterbox->config->kafka, .report = reported, .user = letterbox};
    return kafka_producer_create(&options, &letterbox->producer, error);
}

enum error_code letterbox_create(const struct config *config, struct letterbox **letterbox,
                                 struct error *error)
{
    struct letterbox *made = calloc(1, sizeof *made);
    if (!made)
        return error_set(error, ERROR_MEMORY, "", 0, "out of memory");
    made->config = config;
    buffer_init(&made->letter, DEAD_LETTER_TEXT_LIMIT);
    enum error_code code = make_producer(made, error);
    if (code != ERROR_NONE) {
        letterbox_destroy(made);
        return code;
    }
    *letterbox = made;
    return ERROR_NONE;
}

void letterbox_destroy(struct letterbox *letterbox)
{
    if (!letterbox)
        return;
    kafka_producer_destroy(letterbox->producer);
    buffer_fini(&letterbox->letter);
    free(letterbox);
}

static enum error_code write_letter(struct letterbox *letterbox, const struct binding *binding,
                                    const struct kafka_record *record, const struct error *error,
                                    bool with_bytes)
{
    struct dead_letter content = {.reason = error_code_name(error->code),
                                  .error = error,
                                  .direction = "kafka_to_ros",
                                  .record = record,
                                  .content = "record",
                                  .bytes = with_bytes ? record->value : NULL,
                                  .size = record->value_size};
    if (binding) {
        content.ros_topic = binding->ros_topic;
        content.ros_type = binding->plan ? plan_type(binding->plan) : binding->type;
        content.ros_md5sum = binding->plan ? plan_md5sum(binding->plan) : binding->md5sum;
    }
    buffer_clear(&letterbox->letter);
    return dead_letter_write(&content, &letterbox->letter);
}

/* Replaces a producer that librdkafka gave up. */
static enum error_code renew(struct letterbox *letterbox, struct error *error)
{
    if (letterbox->producer && !kafka_producer_is_fatal(letterbox->producer, NULL))
        return ERROR_NONE;
    kafka_producer_destroy(letterbox->producer);
    letterbox->producer = NULL;
    return make_producer(letterbox, error);
}

/* Sends what is written and waits for its report; `*refusal` says why it was not taken. */
static enum letter_fate send_and_wait(struct letterbox *letterbox, struct kafka_consumer *consumer,
                                      const struct kafka_record *letter, enum error_code *refusal,
                                      struct error *error)
{
    do {
        *refusal = renew(letterbox, error);
        letterbox->delivery = PENDING;
        if (*refusal == ERROR_NONE)
            *refusal = kafka_producer_send(letterbox->producer, letter, 0, letterbox, error);
        if (*refusal != ERROR_NONE)
            return LETTER_REFUSED;
        (void)kafka_producer_flush(letterbox->producer, FLUSH_MS);
        for (int waits = 0; letterbox->delivery == PENDING && rosc_ok(); waits++) {
            /* Kafka is away: it may be so for longer than the group allows between two polls. */
            if (waits >= WAITS_UNPOLLED)
                kafka_consumer_keep_alive(consumer, FLUSH_MS);
            (void)kafka_producer_flush(letterbox->producer, FLUSH_MS);
        }
        if (letterbox->delivery == (int)KAFKA_DELIVERED)
            return LETTER_DELIVERED;
        if (!rosc_ok())
            return LETTER_INTERRUPTED;
    } while (letterbox->delivery == (int)KAFKA_NOT_DELIVERED);
    return LETTER_REFUSED;
}

enum letter_fate letterbox_post(struct letterbox *letterbox, struct kafka_consumer *consumer,
                                const struct binding *binding, const struct kafka_record *record,
                                const struct error *error)
{
    char topic[NAMES_KAFKA_TOPIC_SIZE];
    struct error failure = {.text = "the topic's name is too long, or out of memory"};
    enum error_code refusal = ERROR_LIMIT;
    /* Where Kafka does not take the letter with the record's bytes it may without them. */
    for (bool with_bytes = true; names_dead_letter(record->topic, topic); with_bytes = false) {
        if (write_letter(letterbox, binding, record, error, with_bytes) != ERROR_NONE)
            break;
        struct kafka_record letter = {.topic = topic,
                                      .partition = -1,
                                      .offset = -1,
                                      .key = record->key,
                                      .key_size = record->key_size,
                                      .value = letterbox->letter.data,
                                      .value_size = letterbox->letter.length};
        enum letter_fate fate = send_and_wait(letterbox, consumer, &letter, &refusal, &failure);
        bool too_large = refusal == ERROR_NONE ? letterbox->delivery == (int)KAFKA_TOO_LARGE
                                               : refusal == ERROR_LIMIT;
        if (fate == LETTER_REFUSED && too_large && with_bytes)
            continue;
        if (fate != LETTER_REFUSED || refusal == ERROR_NONE)
            return fate;
        break;
    }
    ROSC_LOG_THROTTLE(LOG_PERIOD_SECONDS, ROSC_ERROR_LEVEL, "no dead letter of %s, offset %lld: %s",
                      record->topic, (long long)record->offset, failure.text);
    return LETTER_REFUSED;
}
