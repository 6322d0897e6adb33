#include "bridge/outbox/origins.h"

#include <pthread.h>
#include <rosc/rosc.h>
#include <stdlib.h>

/* So many origins, which the spool keeps for good, and nodes with a new name at each start are not
 * told from each other any more. */
#define ORIGINS_WITH_PUBLISHERS 10000
#define LOG_PERIOD_SECONDS      3600.0

struct origins {
    struct spool *spool;
    pthread_mutex_t mutex; /* guards the table */
    struct origin **by_id; /* index: id; NULL where not yet asked for */
    size_t capacity;
};

enum error_code origins_create(struct spool *spool, struct origins **origins)
{
    struct origins *made = calloc(1, sizeof *made);
    if (!made)
        return ERROR_MEMORY;
    made->spool = spool;
    (void)pthread_mutex_init(&made->mutex, NULL);
    *origins = made;
    return ERROR_NONE;
}

void origins_destroy(struct origins *origins)
{
    if (!origins)
        return;
    for (size_t id = 0; id < origins->capacity; id++)
        free(origins->by_id[id]);
    free(origins->by_id);
    (void)pthread_mutex_destroy(&origins->mutex);
    free(origins);
}

static bool reserve(struct origins *origins, uint32_t id)
{
    if (id < origins->capacity)
        return true;
    size_t capacity = ((size_t)id + 1) * 2;
    struct origin **table = realloc(origins->by_id, capacity * sizeof(struct origin *));
    if (!table)
        return false;
    for (size_t i = origins->capacity; i < capacity; i++)
        table[i] = NULL;
    origins->by_id = table;
    origins->capacity = capacity;
    return true;
}

static struct origin *make(struct origins *origins, uint32_t id)
{
    const struct spool_origin *facts = spool_origin_get(origins->spool, id);
    struct origin *made = facts && reserve(origins, id) ? calloc(1, sizeof *made) : NULL;
    if (!made)
        return NULL;
    made->facts = facts;
    if (!names_dead_letter(facts->kafka_topic, made->dead_letter_topic))
        made->dead_letter_topic[0] = '\0';
    origins->by_id[id] = made;
    return made;
}

struct origin *origins_get(struct origins *origins, uint32_t id)
{
    (void)pthread_mutex_lock(&origins->mutex);
    struct origin *origin = id < origins->capacity ? origins->by_id[id] : NULL;
    if (!origin)
        origin = make(origins, id);
    (void)pthread_mutex_unlock(&origins->mutex);
    return origin;
}

enum error_code origins_add(struct origins *origins, const struct spool_origin *facts,
                            struct counters *counters, struct origin **origin, struct error *error)
{
    uint32_t id = 0;
    struct spool_origin named = *facts;
    if (named.publisher && *named.publisher && origins->capacity / 2 > ORIGINS_WITH_PUBLISHERS) {
        ROSC_LOG_THROTTLE(LOG_PERIOD_SECONDS, ROSC_WARN,
                          "%s: the spool knows more than %d origins: the records of %s do not name "
                          "their publisher any more",
                          named.ros_topic, ORIGINS_WITH_PUBLISHERS, named.publisher);
        named.publisher = "";
    }
    enum error_code code = spool_origin_add(origins->spool, &named, &id, error);
    if (code != ERROR_NONE)
        return code;
    *origin = origins_get(origins, id);
    if (!*origin)
        return error_set(error, ERROR_MEMORY, facts->ros_topic, 0, "out of memory");
    if ((*origin)->counters != counters)
        (*origin)->counters = counters;
    return ERROR_NONE;
}
