#include "spool/origins.h"

#include <stdlib.h>
#include <string.h>

#define MAX_ORIGINS (1U << 20)
#define TEXTS       7
#define FLAGS       2

void spool_origins_fini(struct spool_origins *origins)
{
    HASH_CLEAR(hh, origins->by_facts);
    for (uint32_t i = 0; i < origins->count; i++)
        free(origins->entries[i]);
    free(origins->entries);
    *origins = (struct spool_origins){0};
}

const struct spool_origin *spool_origins_get(const struct spool_origins *origins, uint32_t id)
{
    return id > 0 && id <= origins->count ? origins->entries[id - 1] : NULL;
}

const char *spool_origin_publisher(const struct spool_origin *origin)
{
    return origin->publisher ? origin->publisher : "";
}

void spool_origin_split(char *topic, const char **publisher)
{
    char *space = strchr(topic, ' ');
    *publisher = space ? space + 1 : "";
    if (space)
        *space = '\0';
}

size_t spool_origin_size(const struct spool_origin *origin)
{
    if (!origin)
        return 0;
    return strlen(origin->robot) + strlen(origin->ros_topic) + strlen(origin->ros_type) +
           strlen(origin->ros_md5sum) + strlen(origin->definition) + strlen(origin->kafka_topic) +
           strlen(spool_origin_publisher(origin));
}

/* A copy in one piece of memory, which is not yet in the table. */
static struct spool_origin_entry *copy_of(const struct spool_origin *origin, size_t *size)
{
    const char *const texts[TEXTS] = {origin->robot,
                                      origin->ros_topic,
                                      origin->ros_type,
                                      origin->ros_md5sum,
                                      origin->definition,
                                      origin->kafka_topic,
                                      spool_origin_publisher(origin)};
    *size = spool_origin_size(origin) + TEXTS + FLAGS;
    struct spool_origin_entry *copy = calloc(1, sizeof *copy + *size);
    if (!copy)
        return NULL;
    struct spool_origin *to = &copy->origin;
    *to = *origin;
    const char **const copies[TEXTS] = {&to->robot,      &to->ros_topic,  &to->ros_type,
                                        &to->ros_md5sum, &to->definition, &to->kafka_topic,
                                        &to->publisher};
    char *at = copy->facts;
    *at++ = origin->latched ? '1' : '0';
    *at++ = origin->headers ? '1' : '0';
    for (int i = 0; i < TEXTS; i++) {
        size_t length = strlen(texts[i]) + 1;
        memcpy(at, texts[i], length);
        *copies[i] = at;
        at += length;
    }
    return copy;
}

static bool make_room(struct spool_origins *origins, uint32_t count)
{
    if (count <= origins->capacity)
        return true;
    uint32_t capacity = origins->capacity > 0 ? origins->capacity : 16;
    while (capacity < count)
        capacity *= 2;
    struct spool_origin **entries =
        realloc(origins->entries, capacity * sizeof(struct spool_origin *));
    if (!entries)
        return false;
    origins->entries = entries;
    origins->capacity = capacity;
    return true;
}

enum error_code spool_origins_skip(struct spool_origins *origins, uint64_t count)
{
    if (count > MAX_ORIGINS)
        return ERROR_LIMIT;
    if (!make_room(origins, (uint32_t)count))
        return ERROR_MEMORY;
    while (origins->count < count)
        origins->entries[origins->count++] = NULL;
    return ERROR_NONE;
}

static struct spool_origin_entry *find(const struct spool_origins *origins,
                                       const struct spool_origin_entry *like, size_t size)
{
    struct spool_origin_entry *found = NULL;
    HASH_FIND(hh, origins->by_facts, like->facts, size, found);
    return found;
}

/* Takes `entry`, whose id has no origin. */
static enum error_code insert(struct spool_origins *origins, struct spool_origin_entry *entry,
                              size_t size)
{
    uint32_t id = entry->origin.id;
    enum error_code code =
        id == 0 || id > MAX_ORIGINS ? ERROR_LIMIT : spool_origins_skip(origins, id);
    if (code == ERROR_NONE && !find(origins, entry, size)) {
        HASH_ADD_KEYPTR(hh, origins->by_facts, entry->facts, size, entry);
        code = hash_has(entry) ? ERROR_NONE : ERROR_MEMORY;
    }
    if (code == ERROR_NONE)
        origins->entries[id - 1] = &entry->origin;
    else
        free(entry);
    return code;
}

enum error_code spool_origins_put(struct spool_origins *origins, const struct spool_origin *origin)
{
    size_t size = 0;
    if (spool_origins_get(origins, origin->id))
        return ERROR_LIMIT;
    struct spool_origin_entry *copy = copy_of(origin, &size);
    return copy ? insert(origins, copy, size) : ERROR_MEMORY;
}

enum error_code spool_origins_add(struct spool_origins *origins, const struct spool_origin *origin,
                                  uint32_t *id)
{
    size_t size = 0;
    struct spool_origin_entry *copy = copy_of(origin, &size);
    if (!copy)
        return ERROR_MEMORY;
    const struct spool_origin_entry *known = find(origins, copy, size);
    *id = known ? known->origin.id : origins->count + 1;
    if (!known) {
        copy->origin.id = *id;
        return insert(origins, copy, size);
    }
    free(copy);
    return ERROR_NONE;
}
