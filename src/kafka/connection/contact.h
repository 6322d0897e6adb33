/* Whether Kafka answers a client, for whoever shows it to a user. Any thread. */
#ifndef KAFKA_BRIDGE_KAFKA_CONNECTION_CONTACT_H
#define KAFKA_BRIDGE_KAFKA_CONNECTION_CONTACT_H

#include "base/error.h"

#include <stdbool.h>

struct kafka_contact {
    bool connected;                /* to a broker, which has answered before */
    bool answers;                  /* a broker is connected, and acknowledges what waits for it */
    char trouble[ERROR_TEXT_SIZE]; /* why it does not: "ADDRESS: reason"; "" where it does */
};

struct kafka_producer;
struct kafka_consumer;

void kafka_producer_contact(struct kafka_producer *producer, struct kafka_contact *contact);
void kafka_consumer_contact(struct kafka_consumer *consumer, struct kafka_contact *contact);

#endif
