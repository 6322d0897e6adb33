#include "bridge/outbox/batch.h"

#include <stdlib.h>

/* What a record costs besides its bytes: its item here, and librdkafka's message with headers. */
#define RECORD_CHARGE 512

struct batch *batch_create(size_t max_bytes)
{
    struct batch *batch = calloc(1, sizeof *batch);
    if (batch)
        spool_block_init(&batch->block, 0, max_bytes);
    return batch;
}

void batch_destroy(struct batch *batch)
{
    if (!batch)
        return;
    spool_block_fini(&batch->block);
    free(batch->items);
    free(batch);
}

void batch_reset(struct batch *batch, uint64_t id)
{
    batch->previous = NULL;
    batch->next = NULL;
    batch->block.id = id;
    batch->block.count = 0;
    buffer_clear(&batch->block.bytes);
    atomic_store(&batch->unsettled, 0);
    batch->since = 0;
    batch->restored = false;
    batch->kept = false;
    batch->pinned = false;
    batch->gone = false;
}

static enum error_code reserve_items(struct batch *batch, size_t count)
{
    if (count <= batch->item_capacity)
        return ERROR_NONE;
    size_t capacity = batch->item_capacity ? batch->item_capacity : 4;
    while (capacity < count)
        capacity *= 2;
    struct item *items = realloc(batch->items, capacity * sizeof *items);
    if (!items)
        return ERROR_MEMORY;
    batch->items = items;
    batch->item_capacity = capacity;
    return ERROR_NONE;
}

static void set_item(struct batch *batch, uint32_t index, struct origin *origin, size_t position,
                     uint32_t kind)
{
    struct item *item = &batch->items[index];
    item->origin = origin;
    item->position = (uint32_t)position;
    item->kind = (uint8_t)kind;
    item->reason = 0;
    atomic_init(&item->state, 0);
}

enum error_code batch_add(struct batch *batch, struct origin *origin,
                          const struct spool_record *record)
{
    uint32_t index = batch->block.count;
    size_t position = batch->block.bytes.length;
    if (reserve_items(batch, (size_t)index + 1) != ERROR_NONE)
        return ERROR_MEMORY;
    enum error_code code = spool_block_add(&batch->block, record);
    if (code != ERROR_NONE)
        return code;
    set_item(batch, index, origin, position, record->kind);
    (void)atomic_fetch_add(&batch->unsettled, 1);
    return ERROR_NONE;
}

enum error_code batch_restore(struct batch *batch, struct origins *origins, uint32_t *lost)
{
    size_t position = 0;
    struct spool_record record;
    *lost = 0;
    if (reserve_items(batch, batch->block.count) != ERROR_NONE)
        return ERROR_MEMORY;
    for (uint32_t index = 0; index < batch->block.count; index++) {
        size_t at = position;
        if (!spool_block_next(&batch->block, &position, &record))
            break;
        struct origin *origin = origins_get(origins, record.origin);
        set_item(batch, index, origin, at, record.kind);
        if (origin)
            continue;
        atomic_store(&batch->items[index].state, ITEM_SETTLED);
        ++*lost;
    }
    atomic_store(&batch->unsettled, batch->block.count - *lost);
    return ERROR_NONE;
}

void batch_record(const struct batch *batch, uint32_t index, struct spool_record *record)
{
    size_t position = batch->items[index].position;
    (void)spool_block_next(&batch->block, &position, record);
}

bool batch_hold(struct batch *batch)
{
    unsigned held = atomic_load(&batch->unsettled);
    while (held > 0 && !atomic_compare_exchange_weak(&batch->unsettled, &held, held + 1))
        ;
    return held > 0;
}

size_t batch_charge(const struct batch *batch)
{
    return batch->block.bytes.length + (size_t)batch->block.count * RECORD_CHARGE;
}

struct counters *batch_counters(const struct batch *batch, uint32_t index,
                                struct counters *restored)
{
    return batch->restored ? restored : batch->items[index].origin->counters;
}

void batch_pool_init(struct batch_pool *pool)
{
    *pool = (struct batch_pool){0};
    (void)pthread_mutex_init(&pool->mutex, NULL);
}

void batch_pool_fini(struct batch_pool *pool)
{
    while (pool->first) {
        struct batch *batch = pool->first;
        pool->first = batch->next;
        batch_destroy(batch);
    }
    (void)pthread_mutex_destroy(&pool->mutex);
}

struct batch *batch_pool_take(struct batch_pool *pool, uint64_t id)
{
    (void)pthread_mutex_lock(&pool->mutex);
    struct batch *batch = pool->first;
    if (batch) {
        pool->first = batch->next;
        pool->size--;
        pool->bytes -= batch->block.bytes.capacity;
    }
    (void)pthread_mutex_unlock(&pool->mutex);
    /* A block holds one message of any size, or several small ones. */
    if (!batch)
        batch = batch_create(UINT32_MAX);
    if (batch)
        batch_reset(batch, id);
    return batch;
}

void batch_pool_give(struct batch_pool *pool, struct batch *batch)
{
    size_t bytes = batch->block.bytes.capacity;
    (void)pthread_mutex_lock(&pool->mutex);
    bool kept = pool->size < BATCH_POOL_LIMIT && bytes <= BATCH_POOL_BYTES_LIMIT - pool->bytes;
    if (kept) {
        pool->bytes += bytes;
        batch->next = pool->first;
        pool->first = batch;
        pool->size++;
    }
    (void)pthread_mutex_unlock(&pool->mutex);
    if (!kept)
        batch_destroy(batch);
}
