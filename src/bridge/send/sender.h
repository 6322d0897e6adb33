/* The sending half of the flow to Kafka: a thread that takes batches from the outbox, hands their
 * records to librdkafka, and begins again with another producer where one gave up.
 *
 * At least once, each record's report settles it; exactly once, the commit of its transaction does
 * (committer.h).
 */
#ifndef KAFKA_BRIDGE_BRIDGE_SEND_SENDER_H
#define KAFKA_BRIDGE_BRIDGE_SEND_SENDER_H

#include "bridge/config/config.h"
#include "bridge/outbox/outbox.h"
#include "kafka/connection/contact.h"

struct sender;

/* Makes the first producer and starts the thread. Everything given outlives it; `restored` counts
 * the records of earlier runs. Errors as kafka_producer_create's. */
enum error_code sender_create(const struct config *config, struct spool *spool,
                              struct outbox *outbox, struct counters *restored,
                              struct sender **sender, struct error *error) MUST_CHECK;

/* Sends what the outbox holds, at most until `deadline` (nanoseconds of the steady clock), and ends
 * the thread; no report comes afterwards. The writer has put its last batch. */
void sender_stop(struct sender *sender, int64_t deadline);
void sender_destroy(struct sender *sender);

/* Nothing is left to be done but what Kafka's topics do not take now, which was said. Any thread.
 */
bool sender_is_held_up(struct sender *sender);

/* Whether Kafka answers, and which topics take no records. Any thread. */
void sender_contact(struct sender *sender, struct kafka_contact *contact);

#endif
