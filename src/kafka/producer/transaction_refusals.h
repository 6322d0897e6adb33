/* The topics that a broker did not let into the producer's transaction.
 *
 * librdkafka then purges every record of the transaction alike, and says which topic it was for in
 * its log only ("Failed to add partition "t" [0] to transaction: Broker: Topic authorization
 * failed"), before it purges. So this listens to the log. Any thread. */
#ifndef KAFKA_BRIDGE_KAFKA_PRODUCER_TRANSACTION_REFUSALS_H
#define KAFKA_BRIDGE_KAFKA_PRODUCER_TRANSACTION_REFUSALS_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

/* More of them in one transaction come to light one transaction later. */
#define KAFKA_TRANSACTION_REFUSALS_LIMIT 16
#define KAFKA_TOPIC_NAME_MAX             249 /* Kafka's own bound */

struct kafka_transaction_refusals {
    pthread_mutex_t mutex;
    char topics[KAFKA_TRANSACTION_REFUSALS_LIMIT][KAFKA_TOPIC_NAME_MAX + 1];
    size_t count;
    char first[KAFKA_TOPIC_NAME_MAX + 1]; /* that of the first record that was not taken; or "" */
    char reason[128];                     /* why it was not */
};

void kafka_transaction_refusals_init(struct kafka_transaction_refusals *refusals);
void kafka_transaction_refusals_fini(struct kafka_transaction_refusals *refusals);

/* Another transaction begins. */
void kafka_transaction_refusals_clear(struct kafka_transaction_refusals *refusals);

/* One line of librdkafka's log. */
void kafka_transaction_refusals_hear(struct kafka_transaction_refusals *refusals,
                                     const char *facility, const char *text);

/* A record of the transaction was not taken; the first is kept. */
void kafka_transaction_refusals_note(struct kafka_transaction_refusals *refusals, const char *topic,
                                     const char *reason);

/* What the first record was that was not taken: "Kafka topic T: reason", or "" where none is known.
 */
void kafka_transaction_refusals_describe(struct kafka_transaction_refusals *refusals, char *text,
                                         size_t size);

/* Why `topic` was refused in this transaction; NULL: it was not. */
const char *kafka_transaction_refusals_reason(struct kafka_transaction_refusals *refusals,
                                              const char *topic);

#endif
