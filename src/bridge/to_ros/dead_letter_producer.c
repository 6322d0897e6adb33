#include "bridge/to_ros/dead_letter_producer.h"

#include "bridge/flow/dead_letter.h"
#include "bridge/flow/names.h"
#include "kafka/producer/producer.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#define WAIT_MS           5       /* most letters are acknowledged by then */
#define MESSAGE_MAX_BYTES 1000000 /* librdkafka's default of message.max.bytes */
#define LETTER_TEXT_BYTES 16384   /* of a letter besides what it carries */

/* Of a letter, beside an enum kafka_delivery. */
enum { NOT_SENT = -3, ABANDONED, PENDING };

/* How much of the record a letter holds: less where Kafka does not take it with more. */
enum scope { WHOLE, WITHOUT_BYTES, BARE, SCOPES };

struct dead_letter_producer {
    const struct config *config;
    size_t letter_max_bytes; /* that the producer takes, key and all */
    struct kafka_producer *producer;
    struct buffer text;
};

struct letter {
    const struct binding *binding;
    struct error error;
    enum scope scope;
    bool without_time;            /* this robot's clock is wrong */
    char reason[ERROR_TEXT_SIZE]; /* the report's, before `delivery` says that there is one */
    char answer[ERROR_TEXT_SIZE + NAMES_KAFKA_TOPIC_SIZE]; /* of the last try */
    atomic_int delivery; /* ABANDONED: nobody wants to know; its report ends it */
};

static void reported(const struct kafka_report *report, void *user)
{
    (void)user;
    struct letter *letter = report->owner;
    if (report->delivery != KAFKA_DELIVERED)
        (void)snprintf(letter->reason, sizeof letter->reason, "%s", report->reason);
    if (atomic_exchange(&letter->delivery, (int)report->delivery) == ABANDONED)
        free(letter);
}

struct letter *letter_create(const struct binding *binding, const struct error *error)
{
    struct letter *letter = calloc(1, sizeof *letter);
    if (!letter)
        return NULL;
    letter->binding = binding;
    letter->error = *error;
    letter->delivery = NOT_SENT;
    return letter;
}

const char *letter_answer(const struct letter *letter)
{
    return letter->answer;
}

void letter_destroy(struct letter *letter)
{
    if (letter && atomic_exchange(&letter->delivery, ABANDONED) != PENDING)
        free(letter);
}

/* Each letter is waited for, and goes alone. */
static enum error_code make_producer(struct dead_letter_producer *dead_letter_producer,
                                     struct error *error)
{
    const struct kafka_properties *given = &dead_letter_producer->config->kafka;
    struct kafka_properties properties;
    kafka_properties_init(&properties);
    enum error_code code = ERROR_NONE;
    for (size_t i = 0; i < given->count && code == ERROR_NONE; i++)
        code = kafka_properties_set(&properties, given->items[i].name, given->items[i].value);
    if (code == ERROR_NONE)
        code = kafka_properties_set(&properties, "linger.ms", "0");
    if (code == ERROR_NONE) /* none is judged by its batch */
        code = kafka_properties_set(&properties, "batch.num.messages", "1");
    struct kafka_producer_options options = {
        .properties = &properties, .report = reported, .user = dead_letter_producer};
    if (code == ERROR_NONE)
        code = kafka_producer_create(&options, &dead_letter_producer->producer, error);
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
static size_t content_limit(const struct dead_letter_producer *dead_letter_producer,
                            const struct kafka_record *record)
{
    size_t around = LETTER_TEXT_BYTES + record->key_size;
    size_t room = dead_letter_producer->letter_max_bytes;
    return room > around ? (room - around) / 4 * 3 : 1;
}

enum error_code dead_letter_producer_create(const struct config *config,
                                            struct dead_letter_producer **dead_letter_producer,
                                            struct error *error)
{
    struct dead_letter_producer *made = calloc(1, sizeof *made);
    if (!made)
        return error_set(error, ERROR_MEMORY, "", 0, "out of memory");
    made->config = config;
    made->letter_max_bytes = message_max_bytes(&config->kafka);
    buffer_init(&made->text, made->letter_max_bytes);
    enum error_code code = make_producer(made, error);
    if (code != ERROR_NONE) {
        dead_letter_producer_destroy(made);
        return code;
    }
    *dead_letter_producer = made;
    return ERROR_NONE;
}

void dead_letter_producer_destroy(struct dead_letter_producer *dead_letter_producer)
{
    if (!dead_letter_producer)
        return;
    kafka_producer_destroy(dead_letter_producer->producer);
    buffer_fini(&dead_letter_producer->text);
    free(dead_letter_producer);
}

static enum error_code write_letter(struct dead_letter_producer *dead_letter_producer,
                                    const struct letter *letter, const struct kafka_record *record)
{
    const struct binding *binding = letter->binding;
    enum scope scope = letter->scope;
    struct dead_letter content = {
        .reason = error_code_name(letter->error.code),
        .error = &letter->error,
        .direction = "kafka_to_ros",
        .record = record,
        .content = "record",
        .bytes = scope == WHOLE ? record->value : NULL,
        .size = record->value_size,
        .limit = scope == BARE ? 1 : content_limit(dead_letter_producer, record)};
    if (binding) {
        content.ros_topic = binding->ros_topic;
        content.ros_type = binding->plan ? plan_type(binding->plan) : binding->type;
        content.ros_md5sum = binding->plan ? plan_md5sum(binding->plan) : binding->md5sum;
    }
    buffer_clear(&dead_letter_producer->text);
    return dead_letter_write(&content, &dead_letter_producer->text);
}

/* Replaces a producer that librdkafka gave up. */
static enum error_code renew(struct dead_letter_producer *dead_letter_producer, struct error *error)
{
    if (dead_letter_producer->producer &&
        !kafka_producer_is_fatal(dead_letter_producer->producer, NULL))
        return ERROR_NONE;
    kafka_producer_destroy(dead_letter_producer->producer);
    dead_letter_producer->producer = NULL;
    return make_producer(dead_letter_producer, error);
}

/* ERROR_LIMIT: it is too large; ERROR_FULL: not now. */
static enum error_code send(struct dead_letter_producer *dead_letter_producer,
                            struct letter *letter, const char *topic,
                            const struct kafka_record *record, struct error *error)
{
    bool bare = letter->scope == BARE;
    enum error_code code = renew(dead_letter_producer, error);
    if (code != ERROR_NONE)
        return code;
    code = write_letter(dead_letter_producer, letter, record);
    if (code != ERROR_NONE)
        return error_set(error, code, topic, 0, "%s",
                         code == ERROR_LIMIT ? "it is too large" : "out of memory");
    struct kafka_record sent = {.topic = topic,
                                .partition = -1,
                                .offset = -1,
                                .timestamp = letter->without_time ? KAFKA_NO_TIME : 0,
                                .key = bare ? NULL : record->key,
                                .key_size = bare ? 0 : record->key_size,
                                .value = dead_letter_producer->text.data,
                                .value_size = dead_letter_producer->text.length};
    atomic_store(&letter->delivery, PENDING); /* before its report can come */
    code = kafka_producer_send(dead_letter_producer->producer, &sent, 0, letter, error);
    if (code != ERROR_NONE)
        atomic_store(&letter->delivery, NOT_SENT);
    return code;
}

/* What was answered, within a few milliseconds. */
static int await(struct dead_letter_producer *dead_letter_producer, const struct letter *letter)
{
    for (int i = 0; i < WAIT_MS && atomic_load(&letter->delivery) == PENDING; i++)
        (void)kafka_producer_flush(dead_letter_producer->producer, 1);
    return atomic_load(&letter->delivery);
}

/* Whether it is worth another try after that answer. */
static bool may_go_again(struct letter *letter, int delivery)
{
    if (delivery == (int)KAFKA_TOO_LARGE) {
        letter->scope++;
        return letter->scope < SCOPES;
    }
    if (delivery == (int)KAFKA_WRONG_TIME && !letter->without_time) {
        letter->without_time = true;
        return true;
    }
    return delivery == (int)KAFKA_NOT_DELIVERED;
}

static enum letter_fate refuse(struct letter *letter, const char *answer)
{
    (void)snprintf(letter->answer, sizeof letter->answer, "%s", answer);
    return LETTER_REFUSED;
}

enum letter_fate dead_letter_producer_post(struct dead_letter_producer *dead_letter_producer,
                                           struct letter *letter, const struct kafka_record *record)
{
    char topic[NAMES_KAFKA_TOPIC_SIZE];
    struct error failure;
    if (!names_dead_letter(record->topic, topic))
        return refuse(letter, "the name of its topic would be too long");
    while (letter->scope < SCOPES) {
        int delivery = atomic_load(&letter->delivery);
        if (delivery == NOT_SENT) {
            enum error_code code = send(dead_letter_producer, letter, topic, record, &failure);
            if (code == ERROR_FULL)
                return LETTER_UNDER_WAY;
            if (code != ERROR_NONE && code != ERROR_LIMIT)
                return refuse(letter, failure.text);
            if (code == ERROR_LIMIT) {
                (void)refuse(letter, failure.text);
                letter->scope++;
            }
            continue;
        }
        if (delivery == PENDING)
            delivery = await(dead_letter_producer, letter);
        if (delivery == PENDING)
            return LETTER_UNDER_WAY;
        if (delivery == (int)KAFKA_DELIVERED)
            return LETTER_DELIVERED;
        (void)snprintf(letter->answer, sizeof letter->answer, "Kafka topic %s does not take it: %s",
                       topic, letter->reason);
        if (!may_go_again(letter, delivery))
            return LETTER_REFUSED;
        atomic_store(&letter->delivery, NOT_SENT);
    }
    return LETTER_REFUSED;
}
