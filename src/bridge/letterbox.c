#include "bridge/letterbox.h"

#include "bridge/dead_letter.h"
#include "bridge/names.h"
#include "kafka/producer.h"

#include <rosc/rosc.h>
#include <stdatomic.h>
#include <stdlib.h>

#define FLUSH_MS           50
#define MESSAGE_MAX_BYTES  1000000 /* librdkafka's default of message.max.bytes */
#define LETTER_TEXT_BYTES  16384   /* of a letter besides what it carries */
#define WAITS_UNPOLLED     20
#define LOG_PERIOD_SECONDS 10.0

enum { PENDING = -1 };

/* How much of the record a letter holds: less where Kafka does not take it with more. */
enum scope { WHOLE, WITHOUT_BYTES, BARE, SCOPES };

struct letterbox {
    const struct config *config;
    size_t letter_max_bytes; /* that the producer takes, key and all */
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

/* Each letter is waited for: there is no other that could share its request. */
static enum error_code make_producer(struct letterbox *letterbox, struct error *error)
{
    const struct kafka_properties *given = &letterbox->config->kafka;
    struct kafka_properties properties;
    kafka_properties_init(&properties);
    enum error_code code = ERROR_NONE;
    for (size_t i = 0; i < given->count && code == ERROR_NONE; i++)
        code = kafka_properties_set(&properties, given->items[i].name, given->items[i].value);
    if (code == ERROR_NONE)
        code = kafka_properties_set(&properties, "linger.ms", "0");
    struct kafka_producer_options options = {
        .properties = &properties, .report = reported, .user = letterbox};
    if (code == ERROR_NONE)
        code = kafka_producer_create(&options, &letterbox->producer, error);
    else
        (void)error_set(error, code, "", 0, "out of memory");
    kafka_properties_fini(&properties);
    return code;
}

static size_t message_max_bytes(const struct kafka_properties *properties)
{
    const char *value = kafka_properties_get(properties, "message.max.bytes");
    long long bytes = value ? strtoll(value, NULL, 10) : 0;
    return bytes > 0 ? (size_t)bytes : MESSAGE_MAX_BYTES;
}

/* Bytes of the original that go into a letter: base64 takes a third more, and the key is the
 * letter's own as well. */
static size_t content_limit(const struct letterbox *letterbox, const struct kafka_record *record)
{
    size_t around = LETTER_TEXT_BYTES + record->key_size;
    size_t room = letterbox->letter_max_bytes;
    return room > around ? (room - around) / 4 * 3 : 1;
}

enum error_code letterbox_create(const struct config *config, struct letterbox **letterbox,
                                 struct error *error)
{
    struct letterbox *made = calloc(1, sizeof *made);
    if (!made)
        return error_set(error, ERROR_MEMORY, "", 0, "out of memory");
    made->config = config;
    made->letter_max_bytes = message_max_bytes(&config->kafka);
    buffer_init(&made->letter, made->letter_max_bytes);
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
                                    enum scope scope)
{
    struct dead_letter content = {.reason = error_code_name(error->code),
                                  .error = error,
                                  .direction = "kafka_to_ros",
                                  .record = record,
                                  .content = "record",
                                  .bytes = scope == WHOLE ? record->value : NULL,
                                  .size = record->value_size,
                                  .limit = scope == BARE ? 1 : content_limit(letterbox, record)};
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
                                      struct kafka_record *letter, enum error_code *refusal,
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
        if (letterbox->delivery == (int)KAFKA_WRONG_TIME && letter->timestamp != KAFKA_NO_TIME) {
            letter->timestamp = KAFKA_NO_TIME; /* this robot's clock is wrong */
            letterbox->delivery = (int)KAFKA_NOT_DELIVERED;
        }
    } while (letterbox->delivery == (int)KAFKA_NOT_DELIVERED);
    return LETTER_REFUSED;
}

/* `*smaller`: Kafka may take it with less in it. */
static enum letter_fate post_once(struct letterbox *letterbox, struct kafka_consumer *consumer,
                                  const char *topic, const struct kafka_record *record,
                                  enum scope scope, bool *smaller, struct error *error)
{
    struct kafka_record letter = {.topic = topic,
                                  .partition = -1,
                                  .offset = -1,
                                  .key = scope == BARE ? NULL : record->key,
                                  .key_size = scope == BARE ? 0 : record->key_size,
                                  .value = letterbox->letter.data,
                                  .value_size = letterbox->letter.length};
    enum error_code refusal = ERROR_NONE;
    enum letter_fate fate = send_and_wait(letterbox, consumer, &letter, &refusal, error);
    *smaller = refusal == ERROR_NONE ? letterbox->delivery == (int)KAFKA_TOO_LARGE
                                     : refusal == ERROR_LIMIT;
    return fate;
}

enum letter_fate letterbox_post(struct letterbox *letterbox, struct kafka_consumer *consumer,
                                const struct binding *binding, const struct kafka_record *record,
                                const struct error *error)
{
    char topic[NAMES_KAFKA_TOPIC_SIZE];
    struct error failure = {.text = "the topic's name is too long"};
    bool smaller = names_dead_letter(record->topic, topic);
    for (enum scope scope = WHOLE; scope < SCOPES && smaller; scope++) {
        enum error_code code = write_letter(letterbox, binding, record, error, scope);
        if (code == ERROR_LIMIT)
            continue;
        if (code != ERROR_NONE) {
            (void)error_set(&failure, code, topic, 0, "out of memory");
            break;
        }
        (void)error_set(&failure, ERROR_IO, topic, 0, "Kafka does not take it");
        enum letter_fate fate =
            post_once(letterbox, consumer, topic, record, scope, &smaller, &failure);
        if (fate != LETTER_REFUSED)
            return fate;
    }
    ROSC_LOG_THROTTLE(LOG_PERIOD_SECONDS, ROSC_ERROR_LEVEL,
                      "no dead letter of %s, partition %d, offset %lld: %s", record->topic,
                      (int)record->partition, (long long)record->offset, failure.text);
    return LETTER_REFUSED;
}
