/* The good line: that Kafka has answered, which cluster it is, which of its brokers, and as whom
 * the client is there. The owner's struct serves one client; one thread. */
#ifndef KAFKA_BRIDGE_KAFKA_CONNECTION_INTRODUCTION_H
#define KAFKA_BRIDGE_KAFKA_CONNECTION_INTRODUCTION_H

#include "base/error.h"
#include "kafka/settings/properties.h"

#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stdint.h>

struct kafka_introduction {
    char whom[256]; /* "as warty (SASL_SSL, PLAIN)", "without a login" */
    int64_t tried;  /* kafka_now_ms */
    bool done;
};

/* Copies what it needs of the properties, none of which is secret. */
void kafka_introduction_init(struct kafka_introduction *introduction,
                             const struct kafka_properties *properties);

/* Once the cluster has said its id to `client`, writes the line, once. To be called regularly;
 * waits at most `patience_ms`, once a second. */
void kafka_introduction_look(struct kafka_introduction *introduction, rd_kafka_t *client,
                             int patience_ms);

/* The id of the broker that answered with `metadata`, also where the client knows it by the address
 * in bootstrap.servers alone; -1: that one is not among those that the brokers advertise. */
int32_t kafka_introduction_broker(const struct rd_kafka_metadata *metadata);

#endif
