/* The topic handles of a producer by name. librdkafka finds a topic by walking a list under its
 * write lock, which shows at hundreds of topics; this is a hash table under a read lock. Handles
 * live as long as the table. Any thread. */
#ifndef KAFKA_BRIDGE_KAFKA_PRODUCER_TOPICS_H
#define KAFKA_BRIDGE_KAFKA_PRODUCER_TOPICS_H

#include <librdkafka/rdkafka.h>
#include <pthread.h>
#include <stdint.h>

struct kafka_topics {
    pthread_rwlock_t lock;
    struct kafka_topic_handle *by_name;
};

void kafka_topics_init(struct kafka_topics *topics);
void kafka_topics_fini(struct kafka_topics *topics);

/* The handle of `name`, made where it is new; NULL with rd_kafka_last_error() set. */
rd_kafka_topic_t *kafka_topics_get(struct kafka_topics *topics, rd_kafka_t *client,
                                   const char *name);

/* Milliseconds since `name` was asked for first; 0: it was not. */
int64_t kafka_topics_age_ms(struct kafka_topics *topics, const char *name);

#endif
