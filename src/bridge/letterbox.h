/* Where kafka_to_ros posts its dead letters: one at a time, each acknowledged before the flow goes
 * on, since the record's offset is stored next. One thread. */
#ifndef KAFKA_BRIDGE_BRIDGE_LETTERBOX_H
#define KAFKA_BRIDGE_BRIDGE_LETTERBOX_H

#include "bridge/binding.h"
#include "bridge/config.h"
#include "kafka/consumer.h"

struct letterbox;

/* Errors as kafka_producer_create's. */
enum error_code letterbox_create(const struct config *config, struct letterbox **letterbox,
                                 struct error *error) MUST_CHECK;
void letterbox_destroy(struct letterbox *letterbox);

enum letter_fate {
    LETTER_DELIVERED,
    LETTER_REFUSED,     /* Kafka does not take it, or it cannot be made: said in the log */
    LETTER_INTERRUPTED, /* shutdown came before Kafka answered */
};

/* Sends the letter of `record` to `<kafka_topic>.dead_letter` and waits for its report, while Kafka
 * is away as long as that takes, with `consumer` kept in its group. Where Kafka does not take it so
 * large it is sent without the record's bytes, then without anything that the record held.
 * `binding` may be NULL. */
enum letter_fate letterbox_post(struct letterbox *letterbox, struct kafka_consumer *consumer,
                                const struct binding *binding, const struct kafka_record *record,
                                const struct error *error);

#endif
