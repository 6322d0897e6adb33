#include "bridge/publish/in_flight.h"

#include "base/hash.h"
#include "bridge/publish/partition_key.h"

#include <stdlib.h>
#include <utlist.h>

#define CAPACITY_MIN  64   /* a power of two, as all capacities */
#define CAPACITY_KEPT 4096 /* of a partition that has nothing in flight */

struct entry {
    int64_t offset;
    const struct publication *publication;
    uint64_t number;
    size_t bytes;
};

struct in_flight_partition {
    struct in_flight_partition *next, *prev; /* the one of the newest record is first */
    UT_hash_handle hh;                       /* by key */
    size_t head;                             /* of the ring, modulo its capacity */
    size_t count;
    size_t capacity;
    size_t bytes;
    struct entry *entries;
    struct partition_key key;
};

void in_flight_init(struct in_flight *in_flight, size_t limit, in_flight_written written)
{
    *in_flight = (struct in_flight){.limit = limit, .written = written};
}

/* NULL: nothing of the partition was in flight yet. */
static struct in_flight_partition *find(const struct in_flight *in_flight, const char *topic,
                                        int32_t number)
{
    struct partition_key key;
    struct in_flight_partition *found = NULL;
    size_t size = partition_key_init(&key, topic, number);
    HASH_FIND(hh, in_flight->by_key, &key, size, found);
    return found;
}

static void drop(struct in_flight *in_flight, struct in_flight_partition *partition)
{
    HASH_DEL(in_flight->by_key, partition);
    DL_DELETE(in_flight->first, partition);
    in_flight->bytes -= partition->bytes;
    free(partition->entries);
    free(partition);
}

void in_flight_fini(struct in_flight *in_flight)
{
    while (in_flight->first)
        drop(in_flight, in_flight->first);
}

static struct in_flight_partition *add_partition(struct in_flight *in_flight, const char *topic,
                                                 int32_t number)
{
    struct in_flight_partition *added = calloc(1, sizeof *added);
    if (!added)
        return NULL;
    size_t size = partition_key_init(&added->key, topic, number);
    HASH_ADD_KEYPTR(hh, in_flight->by_key, &added->key, size, added);
    if (!hash_has(added)) {
        free(added);
        return NULL;
    }
    DL_PREPEND(in_flight->first, added);
    return added;
}

/* The partition, moved to the list's front, so that those with something in flight are there. */
static struct in_flight_partition *open_partition(struct in_flight *in_flight, const char *topic,
                                                  int32_t number)
{
    struct in_flight_partition *found = find(in_flight, topic, number);
    if (!found)
        return add_partition(in_flight, topic, number);
    if (found != in_flight->first) {
        DL_DELETE(in_flight->first, found);
        DL_PREPEND(in_flight->first, found);
    }
    return found;
}

static enum error_code grow(struct in_flight_partition *partition)
{
    size_t capacity = partition->capacity > 0 ? 2 * partition->capacity : CAPACITY_MIN;
    struct entry *entries = calloc(capacity, sizeof *entries);
    if (!entries)
        return ERROR_MEMORY;
    for (size_t i = 0; i < partition->count; i++)
        entries[i] = partition->entries[(partition->head + i) & (partition->capacity - 1)];
    free(partition->entries);
    partition->entries = entries;
    partition->capacity = capacity;
    partition->head = 0;
    return ERROR_NONE;
}

enum error_code in_flight_reserve(struct in_flight *in_flight, const char *topic, int32_t number,
                                  size_t size)
{
    struct in_flight_partition *partition = open_partition(in_flight, topic, number);
    if (!partition)
        return ERROR_MEMORY;
    size_t bytes = size + IN_FLIGHT_RECORD_BYTES;
    if (in_flight->bytes > 0 && in_flight->bytes + partition->bytes + bytes > in_flight->limit)
        return ERROR_FULL;
    return partition->count < partition->capacity ? ERROR_NONE : grow(partition);
}

void in_flight_add(struct in_flight *in_flight, const char *topic, int32_t number, int64_t offset,
                   const struct publication *publication, uint64_t message, size_t size)
{
    struct in_flight_partition *partition = find(in_flight, topic, number);
    size_t bytes = size + IN_FLIGHT_RECORD_BYTES;
    partition->entries[(partition->head + partition->count) & (partition->capacity - 1)] =
        (struct entry){
            .offset = offset, .publication = publication, .number = message, .bytes = bytes};
    partition->count++;
    partition->bytes += bytes;
    in_flight->bytes += bytes;
}

static void shrink(struct in_flight_partition *partition)
{
    if (partition->count > 0 || partition->capacity <= CAPACITY_KEPT)
        return;
    free(partition->entries);
    partition->entries = NULL;
    partition->capacity = 0;
    partition->head = 0;
}

static void settle(struct in_flight *in_flight, struct in_flight_partition *partition,
                   in_flight_store store, void *user)
{
    int64_t done = -1;
    while (partition->count > 0) {
        const struct entry *entry = &partition->entries[partition->head];
        if (entry->publication && !in_flight->written(entry->publication, entry->number))
            break;
        done = entry->offset;
        in_flight->bytes -= entry->bytes;
        partition->bytes -= entry->bytes;
        partition->head = (partition->head + 1) & (partition->capacity - 1);
        partition->count--;
    }
    if (done < 0)
        return;
    shrink(partition);
    store(partition->key.topic, partition->key.number, done, user);
}

void in_flight_settle(struct in_flight *in_flight, in_flight_store store, void *user)
{
    for (struct in_flight_partition *at = in_flight->first; at && in_flight->bytes > 0;
         at = at->next)
        settle(in_flight, at, store, user);
}

bool in_flight_is_settled(const struct in_flight *in_flight, const char *topic, int32_t number)
{
    const struct in_flight_partition *partition = find(in_flight, topic, number);
    return !partition || partition->count == 0;
}

void in_flight_forget(struct in_flight *in_flight, const char *topic, int32_t number)
{
    struct in_flight_partition *found = find(in_flight, topic, number);
    if (found)
        drop(in_flight, found);
}
