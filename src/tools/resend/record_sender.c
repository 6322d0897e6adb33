#include "tools/resend/record_sender.h"

#include "kafka/producer/producer.h"
#include "tools/command/interrupt.h"

#include <stdlib.h>

#define SLICE_MS       100
#define LAST_SLICES    100 /* of SLICE_MS: how long an interrupted run waits for answers */
#define QUEUE_KBYTES   "65536"
#define QUEUE_PROPERTY "queue.buffering.max.kbytes"

struct record_sender {
    struct kafka_properties properties;
    struct kafka_producer *producer;
    struct kafka_producer *single; /* sends each record alone; NULL until one has to */
};

enum record_tag { TAG_ALONE, TAG_IN_COMPANY };

static void on_report(const struct kafka_report *report, void *user)
{
    struct send_result *result = report->owner;
    (void)user;
    switch (report->delivery) {
    case KAFKA_DELIVERED:
        send_result_set(result, SEND_DONE, NULL);
        break;
    case KAFKA_TOO_LARGE:
    case KAFKA_WRONG_TIME: /* of one in its batch */
    case KAFKA_INVALID:    /* the same */
        send_result_set(result, report->tag == TAG_ALONE ? SEND_FAILED : SEND_CROWDED,
                        report->reason);
        break;
    case KAFKA_REFUSED:
    case KAFKA_UNAVAILABLE:
        send_result_set(result, SEND_FAILED, report->reason);
        break;
    case KAFKA_NOT_DELIVERED:
        send_result_set(result, SEND_NOT_DONE, NULL);
        break;
    }
}

/* The user's, with less memory for what waits than a node has. */
static enum error_code copy_properties(const struct kafka_properties *properties,
                                       struct kafka_properties *copy)
{
    enum error_code code = ERROR_NONE;
    kafka_properties_init(copy);
    if (!kafka_properties_get(properties, QUEUE_PROPERTY))
        code = kafka_properties_set(copy, QUEUE_PROPERTY, QUEUE_KBYTES);
    for (size_t i = 0; i < properties->count && code == ERROR_NONE; i++)
        code = kafka_properties_set(copy, properties->items[i].name, properties->items[i].value);
    return code;
}

static enum error_code make_producer(const struct record_sender *sender, size_t batch_max_bytes,
                                     struct kafka_producer **producer, struct error *error)
{
    struct kafka_producer_options options = {
        .properties = &sender->properties, .report = on_report, .batch_max_bytes = batch_max_bytes};
    return kafka_producer_create(&options, producer, error);
}

enum error_code record_sender_create(const struct kafka_properties *properties,
                                     struct record_sender **sender, struct error *error)
{
    struct record_sender *self = calloc(1, sizeof *self);
    if (!self)
        return error_set(error, ERROR_MEMORY, "", 0, "out of memory");
    enum error_code code = copy_properties(properties, &self->properties);
    if (code != ERROR_NONE)
        (void)error_set(error, code, "", 0, "out of memory");
    else
        code = make_producer(self, 0, &self->producer, error);
    if (code == ERROR_NONE)
        *sender = self;
    else
        record_sender_destroy(self);
    return code;
}

void record_sender_destroy(struct record_sender *sender)
{
    if (!sender)
        return;
    kafka_producer_destroy(sender->producer);
    kafka_producer_destroy(sender->single);
    kafka_properties_fini(&sender->properties);
    free(sender);
}

static enum error_code send(struct kafka_producer *producer, const struct kafka_record *record,
                            enum record_tag tag, struct send_result *result, struct error *error)
{
    atomic_store(&result->kind, SEND_PENDING);
    for (;;) {
        enum error_code code = kafka_producer_send(producer, record, tag, result, error);
        switch (code) {
        case ERROR_NONE:
            return ERROR_NONE;
        case ERROR_LIMIT:
        case ERROR_UNKNOWN:
        case ERROR_MISSING:
            send_result_set(result, SEND_FAILED, error->text);
            return ERROR_NONE;
        case ERROR_FULL:
            if (!interrupt_asked()) {
                kafka_producer_wait_for_room(producer, SLICE_MS);
                continue;
            }
            break;
        default:
            break;
        }
        send_result_set(result, SEND_NOT_DONE, NULL);
        return ERROR_IO;
    }
}

static bool wait_for(struct kafka_producer *producer)
{
    struct error error;
    for (int slices = 0; kafka_producer_flush(producer, SLICE_MS) > 0;) {
        slices += interrupt_asked() ? 1 : 0;
        if (slices >= LAST_SLICES || kafka_producer_is_fatal(producer, &error))
            return false;
    }
    return true;
}

enum error_code record_sender_send(struct record_sender *sender, const struct kafka_record *record,
                                   struct send_result *result, struct error *error)
{
    return send(sender->producer, record, TAG_IN_COMPANY, result, error);
}

enum error_code record_sender_send_alone(struct record_sender *sender,
                                         const struct kafka_record *record,
                                         struct send_result *result, struct error *error)
{
    enum error_code code = ERROR_NONE;
    if (!sender->single)
        code = make_producer(sender, 1, &sender->single, error);
    if (code == ERROR_NONE)
        code = send(sender->single, record, TAG_ALONE, result, error);
    else
        send_result_set(result, SEND_NOT_DONE, NULL);
    if (code != ERROR_NONE || wait_for(sender->single))
        return code;
    kafka_producer_destroy(sender->single); /* what is under way is not done */
    sender->single = NULL;
    return error_set(error, ERROR_IO, record->topic, 0, "Kafka does not answer");
}

bool record_sender_wait(struct record_sender *sender)
{
    return wait_for(sender->producer);
}
