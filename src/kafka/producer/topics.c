#include "kafka/producer/topics.h"

#include "base/hash.h"
#include "kafka/connection/flood.h"

#include <stdlib.h>

struct kafka_topic_handle {
    UT_hash_handle hh; /* by its name, which librdkafka holds */
    rd_kafka_topic_t *topic;
    int64_t since; /* kafka_now_ms: it was made */
};

void kafka_topics_init(struct kafka_topics *topics)
{
    topics->by_name = NULL;
    (void)pthread_rwlock_init(&topics->lock, NULL);
}

void kafka_topics_fini(struct kafka_topics *topics)
{
    struct kafka_topic_handle *handle, *next;
    HASH_ITER(hh, topics->by_name, handle, next)
    {
        HASH_DEL(topics->by_name, handle);
        rd_kafka_topic_destroy(handle->topic);
        free(handle);
    }
    (void)pthread_rwlock_destroy(&topics->lock);
}

static struct kafka_topic_handle *find_handle(const struct kafka_topics *topics, const char *name)
{
    struct kafka_topic_handle *found = NULL;
    HASH_FIND_STR(topics->by_name, name, found);
    return found;
}

static rd_kafka_topic_t *find(const struct kafka_topics *topics, const char *name)
{
    const struct kafka_topic_handle *found = find_handle(topics, name);
    return found ? found->topic : NULL;
}

static rd_kafka_topic_t *add(struct kafka_topics *topics, rd_kafka_t *client, const char *name)
{
    struct kafka_topic_handle *made = calloc(1, sizeof *made);
    if (!made)
        return NULL;
    made->since = kafka_now_ms();
    made->topic = rd_kafka_topic_new(client, name, NULL);
    if (made->topic) {
        name = rd_kafka_topic_name(made->topic);
        HASH_ADD_KEYPTR(hh, topics->by_name, name, strlen(name), made);
        if (hash_has(made))
            return made->topic;
        rd_kafka_topic_destroy(made->topic);
    }
    free(made);
    return NULL;
}

rd_kafka_topic_t *kafka_topics_get(struct kafka_topics *topics, rd_kafka_t *client,
                                   const char *name)
{
    (void)pthread_rwlock_rdlock(&topics->lock);
    rd_kafka_topic_t *topic = find(topics, name);
    (void)pthread_rwlock_unlock(&topics->lock);
    if (topic)
        return topic;
    (void)pthread_rwlock_wrlock(&topics->lock);
    topic = find(topics, name);
    if (!topic)
        topic = add(topics, client, name);
    (void)pthread_rwlock_unlock(&topics->lock);
    return topic;
}

int64_t kafka_topics_age_ms(struct kafka_topics *topics, const char *name)
{
    (void)pthread_rwlock_rdlock(&topics->lock);
    const struct kafka_topic_handle *found = find_handle(topics, name);
    int64_t age = found ? kafka_now_ms() - found->since : 0;
    (void)pthread_rwlock_unlock(&topics->lock);
    return age;
}
