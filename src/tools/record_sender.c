#include "tools/record_sender.h"

#include "kafka/producer.h"
#include "tools/interrupt.h"

#include <stdlib.h>

#define SLICE_MS       100
#define LAST_SLICES    100 /* of SLICE_MS: how long an interrupted run waits for answers */
#define QUEUE_KBYTES   "65536"
#define QUEUE_PROPERTY "queue.buffering.max.kbytes"

struct record_sender {
    struct kafka_producer *producer;
};

static void on_report(const struct kafka_report *report, void *user)
{
    struct outcome *outcome = report->owner;
    (void)user;
    switch (report->delivery) {
    case KAFKA_DELIVERED:
        outcome_set(outcome, OUTCOME_SENT, NULL);
        break;
    case KAFKA_TOO_LARGE:
    case KAFKA_REFUSED:
        outcome_set(outcome, OUTCOME_FAILED, report->reason);
        break;
    case KAFKA_NOT_DELIVERED:
        outcome_set(outcome, OUTCOME_NOT_DONE, NULL);
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

enum error_code record_sender_create(const struct kafka_properties *properties,
                                     struct record_sender **sender, struct error *error)
{
    struct kafka_properties copy;
    struct record_sender *self = calloc(1, sizeof *self);
    enum error_code code = copy_properties(properties, &copy);
    struct kafka_producer_options options = {.properties = &copy, .report = on_report};
    if (!self || code != ERROR_NONE)
        code = error_set(error, ERROR_MEMORY, "", 0, "out of memory");
    if (code == ERROR_NONE)
        code = kafka_producer_create(&options, &self->producer, error);
    kafka_properties_fini(&copy);
    if (code == ERROR_NONE)
        *sender = self;
    else
        free(self);
    return code;
}

void record_sender_destroy(struct record_sender *sender)
{
    if (!sender)
        return;
    kafka_producer_destroy(sender->producer);
    free(sender);
}

enum error_code record_sender_send(struct record_sender *sender, const struct kafka_record *record,
                                   struct outcome *outcome, struct error *error)
{
    for (;;) {
        enum error_code code = kafka_producer_send(sender->producer, record, 0, outcome, error);
        switch (code) {
        case ERROR_NONE:
            return ERROR_NONE;
        case ERROR_LIMIT:
        case ERROR_UNKNOWN:
            outcome_set(outcome, OUTCOME_FAILED, error->text);
            return ERROR_NONE;
        case ERROR_FULL:
            if (!interrupt_asked()) {
                kafka_producer_wait_for_room(sender->producer, SLICE_MS);
                continue;
            }
            break;
        default:
            break;
        }
        outcome_set(outcome, OUTCOME_NOT_DONE, NULL);
        return ERROR_IO;
    }
}

bool record_sender_wait(struct record_sender *sender)
{
    struct error error;
    for (int slices = 0; kafka_producer_flush(sender->producer, SLICE_MS) > 0;) {
        slices += interrupt_asked() ? 1 : 0;
        if (slices >= LAST_SLICES || kafka_producer_is_fatal(sender->producer, &error))
            return false;
    }
    return true;
}
