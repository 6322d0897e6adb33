/* A member that its group has left without a partition, since others have them all: nothing will
 * come here. It is said with who they are, and taken back. The consumer's struct and thread. */
#ifndef KAFKA_BRIDGE_KAFKA_CONSUMER_IDLENESS_H
#define KAFKA_BRIDGE_KAFKA_CONSUMER_IDLENESS_H

#include "base/error.h"
#include "kafka/connection/events.h"

#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stdint.h>

struct kafka_idleness {
    char *group;
    int64_t look_at; /* kafka_now_ms; 0: it has partitions, or is no member yet */
    bool said;
};

/* Copies the group's name. ERROR_MEMORY. */
enum error_code kafka_idleness_init(struct kafka_idleness *idleness, const char *group) MUST_CHECK;
void kafka_idleness_fini(struct kafka_idleness *idleness);

/* The group has given this member `count` partitions, all in all. */
void kafka_idleness_note(struct kafka_idleness *idleness, int count);

/* To be called regularly: where it has none for a few seconds asks the group who has them, which
 * waits up to two seconds. */
void kafka_idleness_look(struct kafka_idleness *idleness, rd_kafka_t *client);

#endif
