#include "bridge/letterbox.h"

#include "bridge/dead_letter.h"
#include "bridge/names.h"
#include "kafka/producer.h"

#include <rosc/rosc.h>
#include <stdatomic.h>
#include <stdlib.h>

#define FLUSH_MS           50
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

enum error_code letterbox_create(const struct config *config, struct letterbox **letterbox,
                                 struct error *error)
{
    struct letterbox *made = calloc(1, sizeof *made);
    if (!made)
        return error_set(error, ERROR_MEMORY, "", 0, "out of memory");
    made->config = config;
    buffer_init(&made->letter, 2U << 20);
    struct kafka_producer_options options = {
        .properties = &config->kafka, .report = reported, .user = made};
    enum error_code code = kafka_producer_create(&options, &made->producer, error);
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
                                    const struct kafka_record *record, const struct error *error)
{
    struct dead_letter content = {.reason = error_code_name(error->code),
                                  .error = error,
                                  .direction = "kafka_to_ros",
                                  .record = record,
                                  .content = "record",
                                  .bytes = record->value,
                                  .size = record->value_size};
    if (binding) {
        content.ros_topic = binding->ros_topic;
        content.ros_type = binding->plan ? plan_type(binding->plan) : binding->type;
        content.ros_md5sum = binding->plan ? plan_md5sum(binding->plan) : binding->md5sum;
    }
    buffer_clear(&letterbox->letter);
    return dead_letter_write(&content, &letterbox->letter);
}

enum letter_fate letterbox_post(struct letterbox *letterbox, const struct binding *binding,
                                const struct kafka_record *record, const struct error *error)
{
    char topic[NAMES_KAFKA_TOPIC_SIZE];
    struct error failure = {0};
    if (!names_dead_letter(record->topic, topic) ||
        write_letter(letterbox, binding, record, error) != ERROR_NONE) {
        ROSC_LOG_ERROR("no dead letter of %s, offset %lld: the topic's name is too long, or out of "
                       "memory",
                       record->topic, (long long)record->offset);
        return LETTER_REFUSED;
    }
    struct kafka_record letter = {.topic = topic,
                                  .partition = -1,
                                  .offset = -1,
                                  .key = record->key,
                                  .key_size = record->key_size,
                                  .value = letterbox->letter.data,
                                  .value_size = letterbox->letter.length};
    letterbox->delivery = PENDING;
    if (kafka_producer_send(letterbox->producer, &letter, 0, letterbox, &failure) != ERROR_NONE) {
        ROSC_LOG_THROTTLE(LOG_PERIOD_SECONDS, ROSC_ERROR_LEVEL, "no dead letter to %s: %s", topic,
                          failure.text);
        return LETTER_REFUSED;
    }
    while (letterbox->delivery == PENDING) {
        if (!rosc_ok())
            return LETTER_INTERRUPTED;
        (void)kafka_producer_flush(letterbox->producer, FLUSH_MS);
    }
    return letterbox->delivery == (int)KAFKA_DELIVERED ? LETTER_DELIVERED : LETTER_REFUSED;
}
