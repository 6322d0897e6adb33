/* The client inside a producer, for the files of this room; nobody else may use it. */
#ifndef KAFKA_BRIDGE_KAFKA_PRODUCER_CLIENT_H
#define KAFKA_BRIDGE_KAFKA_PRODUCER_CLIENT_H

#include "kafka/events.h"
#include "kafka/producer.h"

#include <librdkafka/rdkafka.h>

rd_kafka_t *kafka_producer_client(struct kafka_producer *producer);
struct kafka_events *kafka_producer_events(struct kafka_producer *producer);

#endif
