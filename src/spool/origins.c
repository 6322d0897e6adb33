#include "spool/origins.h"

#include <stdlib.h>
#include <string.h>

#define MAX_ORIGINS (1U << 20)
#define TEXTS       7

void spool_origins_fini(struct spool_origins *origins)
{
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

static bool are_equal(const struct spool_origin *a, const struct spool_origin *b)
{
    return a->latched == b->latched && a->headers == b->headers &&
           strcmp(a->robot, b->robot) == 0 && strcmp(a->ros_topic, b->ros_topic) == 0 &&
           strcmp(a->ros_type, b->ros_type) == 0 && strcmp(a->ros_md5sum, b->ros_md5sum) == 0 &&
           strcmp(a->definition, b->definition) == 0 &&
           strcmp(a->kafka_topic, b->kafka_topic) == 0 &&
           strcmp(spool_origin_publisher(a), spool_origin_publisher(b)) == 0;
}

const struct spool_origin *spool_origins_find(const struct spool_origins *origins,
                                              const struct spool_origin *origin)
{
    for (uint32_t i = 0; i < origins->count; i++) {
        if (origins->entries[i] && are_equal(origins->entries[i], origin))
            return origins->entries[i];
    }
    return NULL;
}

size_t spool_origin_size(const struct spool_origin *origin)
{
    if (!origin)
        return 0;
    return strlen(origin->robot) + strlen(origin->ros_topic) + strlen(origin->ros_type) +
           strlen(origin->ros_md5sum) + strlen(origin->definition) + strlen(origin->kafka_topic) +
           strlen(spool_origin_publisher(origin));
}

/* A copy in one piece of memory, its texts behind it. */
static struct spool_origin *copy_of(const struct spool_origin *origin)
{
    const char *const texts[TEXTS] = {origin->robot,
                                      origin->ros_topic,
                                      origin->ros_type,
                                      origin->ros_md5sum,
                                      origin->definition,
                                      origin->kafka_topic,
                                      spool_origin_publisher(origin)};
    size_t size = sizeof *origin;
    for (int i = 0; i < TEXTS; i++)
        size += strlen(texts[i]) + 1;
    struct spool_origin *copy = malloc(size);
    if (!copy)
        return NULL;
    *copy = *origin;
    const char **const copies[TEXTS] = {&copy->robot,      &copy->ros_topic,  &copy->ros_type,
                                        &copy->ros_md5sum, &copy->definition, &copy->kafka_topic,
                                        &copy->publisher};
    char *to = (char *)(copy + 1);
    for (int i = 0; i < TEXTS; i++) {
        size_t length = strlen(texts[i]) + 1;
        memcpy(to, texts[i], length);
        *copies[i] = to;
        to += length;
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

enum error_code spool_origins_put(struct spool_origins *origins, const struct spool_origin *origin)
{
    if (origin->id == 0 || origin->id > MAX_ORIGINS)
        return ERROR_LIMIT;
    enum error_code code = spool_origins_skip(origins, origin->id);
    if (code != ERROR_NONE)
        return code;
    struct spool_origin *copy = copy_of(origin);
    if (!copy)
        return ERROR_MEMORY;
    free(origins->entries[origin->id - 1]);
    origins->entries[origin->id - 1] = copy;
    return ERROR_NONE;
}
