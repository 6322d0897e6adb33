/* The client inside a producer, for the files of this room; nobody else may use it. */
#ifndef KAFKA_BRIDGE_KAFKA_PRODUCER_PRODUCER_CLIENT_H
#define KAFKA_BRIDGE_KAFKA_PRODUCER_PRODUCER_CLIENT_H

#include "kafka/connection/events.h"
#include "kafka/producer/producer.h"
#include "kafka/producer/transaction_refusals.h"

#include <librdkafka/rdkafka.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum kafka_transaction_phase {
    KAFKA_TRANSACTION_NONE,
    KAFKA_TRANSACTION_OPEN,
    KAFKA_TRANSACTION_COMMITTING, /* the broker may have been asked to: it cannot be aborted */
    KAFKA_TRANSACTION_ABORTING,
    KAFKA_TRANSACTION_IN_DOUBT, /* this producer is of no more use */
};

/* Where the producer's transaction stands; only the thread that makes transactions looks at it, but
 * for what is atomic. */
struct kafka_transaction {
    bool enabled; /* the producer has a transactional id */
    enum kafka_transaction_phase phase;
    int64_t since;           /* kafka_now_ms of the phase's begin */
    atomic_uint undelivered; /* records of it that were reported as such */
    struct kafka_transaction_refusals refusals;
};

rd_kafka_t *kafka_producer_client(struct kafka_producer *producer);
struct kafka_events *kafka_producer_events(struct kafka_producer *producer);
struct kafka_transaction *kafka_producer_transaction(struct kafka_producer *producer);

#endif
