#include "bridge/send/topic_progress.h"

#include <stdlib.h>
#include <string.h>

void topics_progress_fini(struct topics_progress *topics)
{
    struct topic_progress *next = topics->by_topic;
    HASH_CLEAR(hh, topics->by_topic);
    while (next) {
        struct topic_progress *topic = next;
        next = topic->hh.next;
        free(topic);
    }
    free(topics->list);
    *topics = (struct topics_progress){0};
}

void topics_progress_begin(struct topics_progress *topics)
{
    topics->transaction++;
    topics->count = 0;
}

static struct topic_progress *find(const struct topics_progress *topics, const char *kafka_topic)
{
    struct topic_progress *found = NULL;
    HASH_FIND_STR(topics->by_topic, kafka_topic, found);
    return found;
}

static bool is_listed(const struct topics_progress *topics, const struct topic_progress *topic)
{
    return topic && topic->index < topics->count && topic->transaction == topics->transaction;
}

const struct topic_progress *topics_progress_find(const struct topics_progress *topics,
                                                  const struct origin *origin)
{
    const struct topic_progress *found = find(topics, origin->facts->kafka_topic);
    return is_listed(topics, found) ? found : NULL;
}

static struct topic_progress *add(struct topics_progress *topics, const struct origin *origin)
{
    struct topic_progress *added = calloc(1, sizeof *added);
    if (!added)
        return NULL;
    const char *name = origin->facts->kafka_topic;
    HASH_ADD_KEYPTR(hh, topics->by_topic, name, strlen(name), added);
    if (hash_has(added))
        return added;
    free(added);
    return NULL;
}

static bool reserve(struct topics_progress *topics)
{
    if (topics->count < topics->capacity)
        return true;
    size_t capacity = topics->capacity > 0 ? 2 * topics->capacity : 16;
    struct topic_progress **list =
        realloc(topics->list, capacity * sizeof(struct topic_progress *));
    if (!list)
        return false;
    topics->list = list;
    topics->capacity = capacity;
    return true;
}

struct topic_progress *topics_progress_get(struct topics_progress *topics,
                                           const struct origin *origin)
{
    struct topic_progress *found = find(topics, origin->facts->kafka_topic);
    if (is_listed(topics, found))
        return found;
    if (!reserve(topics) || (!found && !(found = add(topics, origin))))
        return NULL;
    found->origin = origin;
    found->transaction = topics->transaction;
    found->index = topics->count;
    found->next = 0;
    found->has_record = false;
    found->has_letter = false;
    topics->list[topics->count++] = found;
    return found;
}
