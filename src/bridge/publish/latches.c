#include "bridge/publish/latches.h"

#include "base/hash.h"
#include "bridge/publish/partition_key.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORD                                                                                       \
    "latched:" /* the text is this and offsets: the newest, then how far each next is before */

struct latch {
    int64_t offset;
    struct publication *publication; /* NULL: kept by the group, and not published here yet */
};

struct latch_partition {
    UT_hash_handle hh; /* by key */
    size_t count;
    size_t capacity;
    struct latch *items; /* the newest is last */
    struct partition_key key;
};

/* NULL: the partition has not begun. */
static struct latch_partition *find(const struct latches *latches, const char *topic,
                                    int32_t number)
{
    struct partition_key key;
    struct latch_partition *found = NULL;
    size_t size = partition_key_init(&key, topic, number);
    HASH_FIND(hh, latches->by_key, &key, size, found);
    return found;
}

static void drop_partition(struct latches *latches, struct latch_partition *partition)
{
    HASH_DEL(latches->by_key, partition);
    free(partition->items);
    free(partition);
}

void latches_fini(struct latches *latches)
{
    while (latches->by_key)
        drop_partition(latches, latches->by_key);
}

static void take_out(struct latch_partition *partition, size_t i)
{
    memmove(&partition->items[i], &partition->items[i + 1],
            (partition->count - i - 1) * sizeof *partition->items);
    partition->count--;
}

static bool reserve(struct latch_partition *partition)
{
    if (partition->count == LATCHES_OF_PARTITION)
        take_out(partition, 0);
    if (partition->count < partition->capacity)
        return true;
    size_t capacity = partition->capacity > 0 ? 2 * partition->capacity : 8;
    struct latch *items = realloc(partition->items, capacity * sizeof *items);
    if (!items)
        return false;
    partition->items = items;
    partition->capacity = capacity;
    return true;
}

/* Behind all older ones. */
static void insert(struct latch_partition *partition, int64_t offset,
                   struct publication *publication)
{
    if (!reserve(partition))
        return;
    size_t i = partition->count;
    while (i > 0 && partition->items[i - 1].offset > offset)
        i--;
    memmove(&partition->items[i + 1], &partition->items[i],
            (partition->count - i) * sizeof *partition->items);
    partition->items[i] = (struct latch){.offset = offset, .publication = publication};
    partition->count++;
}

static void read_text(struct latch_partition *partition, const char *text)
{
    int64_t offset = -1;
    if (strncmp(text, WORD, strlen(WORD)) != 0)
        return; /* somebody else's */
    const char *at = text + strlen(WORD);
    for (char *end; partition->count < LATCHES_OF_PARTITION; at = end + 1) {
        long long number = strtoll(at, &end, 10);
        if (end == at || number < 0)
            return;
        offset = offset < 0 ? number : offset - number;
        if (offset < 0)
            return;
        insert(partition, offset, NULL);
        if (*end != ',')
            return;
    }
}

void latches_begin(struct latches *latches, const char *topic, int32_t number, const char *text)
{
    struct latch_partition *known = find(latches, topic, number);
    if (known)
        drop_partition(latches, known);
    struct latch_partition *made = calloc(1, sizeof *made);
    if (!made)
        return;
    size_t size = partition_key_init(&made->key, topic, number);
    HASH_ADD_KEYPTR(hh, latches->by_key, &made->key, size, made);
    if (hash_has(made))
        read_text(made, text);
    else
        free(made);
}

int64_t latches_next(const struct latches *latches, const char *topic, int32_t number,
                     int64_t offset)
{
    const struct latch_partition *partition = find(latches, topic, number);
    for (size_t i = 0; partition && i < partition->count; i++)
        if (partition->items[i].offset > offset && !partition->items[i].publication)
            return partition->items[i].offset;
    return -1;
}

void latches_note(struct latches *latches, const char *topic, int32_t number, int64_t offset,
                  struct publication *publication)
{
    struct latch_partition *partition = find(latches, topic, number);
    if (!partition)
        return;
    for (size_t i = partition->count; i-- > 0;)
        if (partition->items[i].publication == publication || partition->items[i].offset == offset)
            take_out(partition, i);
    insert(partition, offset, publication);
}

void latches_drop(struct latches *latches, const char *topic, int32_t number, int64_t offset)
{
    struct latch_partition *partition = find(latches, topic, number);
    for (size_t i = 0; partition && i < partition->count; i++)
        if (partition->items[i].offset == offset) {
            take_out(partition, i);
            return;
        }
}

bool latches_text(const struct latches *latches, const char *topic, int32_t number, char *text,
                  size_t size)
{
    const struct latch_partition *partition = find(latches, topic, number);
    if (!partition)
        return false;
    size_t length = 0;
    text[0] = '\0';
    for (size_t i = partition->count; i-- > 0;) {
        const struct latch *latch = &partition->items[i];
        bool newest = length == 0;
        int64_t shown = newest ? latch->offset : latch[1].offset - latch->offset;
        int written =
            snprintf(text + length, size - length, "%s%" PRId64, newest ? WORD : ",", shown);
        if (written < 0 || (size_t)written >= size - length) {
            text[length] = '\0';
            return true;
        }
        length += (size_t)written;
    }
    return true;
}

void latches_forget(struct latches *latches, const char *topic, int32_t number)
{
    struct latch_partition *partition = find(latches, topic, number);
    if (!partition)
        return;
    for (size_t i = 0; i < partition->count; i++)
        if (partition->items[i].publication)
            publication_unlatch(partition->items[i].publication);
    drop_partition(latches, partition);
}
