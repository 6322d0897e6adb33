#include "kafka/producer/topics.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_SIZE 64

void kafka_topics_init(struct kafka_topics *topics)
{
    *topics = (struct kafka_topics){.table = NULL};
    (void)pthread_rwlock_init(&topics->lock, NULL);
}

void kafka_topics_fini(struct kafka_topics *topics)
{
    for (size_t i = 0; i < topics->size; i++) {
        if (topics->table[i])
            rd_kafka_topic_destroy(topics->table[i]);
    }
    free(topics->table);
    (void)pthread_rwlock_destroy(&topics->lock);
}

/* FNV-1a. */
static size_t hash(const char *name)
{
    uint64_t value = 14695981039346656037u;
    for (; *name; name++)
        value = (value ^ (unsigned char)*name) * 1099511628211u;
    return (size_t)value;
}

/* The place of `name`, or the free place where it belongs; the table is not empty. */
static rd_kafka_topic_t **place(rd_kafka_topic_t **table, size_t size, const char *name)
{
    size_t i = hash(name) & (size - 1);
    while (table[i] && strcmp(rd_kafka_topic_name(table[i]), name) != 0)
        i = (i + 1) & (size - 1);
    return &table[i];
}

static int grow(struct kafka_topics *topics)
{
    size_t size = topics->size > 0 ? topics->size * 2 : FIRST_SIZE;
    rd_kafka_topic_t **table = calloc(size, sizeof(rd_kafka_topic_t *));
    if (!table)
        return 0;
    for (size_t i = 0; i < topics->size; i++) {
        if (topics->table[i])
            *place(table, size, rd_kafka_topic_name(topics->table[i])) = topics->table[i];
    }
    free(topics->table);
    topics->table = table;
    topics->size = size;
    return 1;
}

static rd_kafka_topic_t *add(struct kafka_topics *topics, rd_kafka_t *client, const char *name)
{
    if (topics->count * 2 >= topics->size && !grow(topics))
        return NULL;
    rd_kafka_topic_t **found = place(topics->table, topics->size, name);
    if (!*found) {
        *found = rd_kafka_topic_new(client, name, NULL);
        topics->count += *found != NULL;
    }
    return *found;
}

rd_kafka_topic_t *kafka_topics_get(struct kafka_topics *topics, rd_kafka_t *client,
                                   const char *name)
{
    (void)pthread_rwlock_rdlock(&topics->lock);
    rd_kafka_topic_t *topic = topics->size > 0 ? *place(topics->table, topics->size, name) : NULL;
    (void)pthread_rwlock_unlock(&topics->lock);
    if (topic)
        return topic;
    (void)pthread_rwlock_wrlock(&topics->lock);
    topic = add(topics, client, name);
    (void)pthread_rwlock_unlock(&topics->lock);
    return topic;
}
