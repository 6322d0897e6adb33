/* The sending half of the flow to Kafka: encodes messages, hands records to the producer, and
 * settles each message's account when its report comes.
 *
 * This is where a durable queue belongs: between the encoded record and kafka_producer_send, with
 * its trimming in the report.
 */
#ifndef KAFKA_BRIDGE_BRIDGE_SENDER_H
#define KAFKA_BRIDGE_BRIDGE_SENDER_H

#include "bridge/config.h"
#include "bridge/queue.h"
#include "bridge/stream.h"
#include "kafka/contact.h"

#include <stdatomic.h>

struct sender;

/* Errors as kafka_producer_create's. `config` outlives it. */
enum error_code sender_create(const struct config *config, struct sender **sender,
                              struct error *error) MUST_CHECK;

/* Flushes until `deadline` (nanoseconds of the steady clock); what is not acknowledged then is
 * counted as not delivered. After the encoder's thread has ended; before the streams are destroyed.
 */
void sender_destroy(struct sender *sender, int64_t deadline);

/* Sends one message of `source`, waiting for room while Kafka does not keep up, until `*deadline`.
 * The encoder's thread. */
void sender_send(struct sender *sender, struct source *source, const struct queue_entry *entry,
                 const _Atomic int64_t *deadline);

/* Whether Kafka answers, and why it does not. Any thread. */
void sender_contact(struct sender *sender, struct kafka_contact *contact);

/* What is to be done between messages: dead letters that waited for room, definitions. Waits no
 * longer than `*deadline`. The encoder's thread. */
void sender_work(struct sender *sender, const _Atomic int64_t *deadline);

#endif
