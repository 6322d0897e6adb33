/* What a group that has no place in a topic finds there: told before it is read. One thread, the
 * consumer's. */
#ifndef KAFKA_BRIDGE_KAFKA_CONSUMER_BACKLOG_H
#define KAFKA_BRIDGE_KAFKA_CONSUMER_BACKLOG_H

#include "kafka/connection/events.h"
#include "kafka/consumer/consumer_options.h"

#include <librdkafka/rdkafka.h>

struct kafka_backlog {
    struct kafka_events *events; /* borrowed */
    kafka_backlog_callback tell; /* NULL: nobody wants to know */
    void *user;
    rd_kafka_topic_partition_list_t *asked; /* partitions that were looked at before; NULL: none */
};

/* To be finished in any case. */
void kafka_backlog_init(struct kafka_backlog *backlog, struct kafka_events *events,
                        kafka_backlog_callback tell, void *user);
void kafka_backlog_fini(struct kafka_backlog *backlog);

/* Looks at those of `partitions`, just assigned, that begin at the group's offset: where there is
 * none, tells what lies there, and lets them begin at the beginning. Each once in the process.
 * Waits for the brokers for a few seconds at most, and says so where they did not answer. */
void kafka_backlog_look(struct kafka_backlog *backlog, rd_kafka_t *client,
                        rd_kafka_topic_partition_list_t *partitions);

#endif
