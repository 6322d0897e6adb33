#include "bridge/batch_pool.h"

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
    bool kept = batch->block.bytes.capacity <= BATCH_POOL_BYTES_LIMIT;
    (void)pthread_mutex_lock(&pool->mutex);
    kept = kept && pool->size < BATCH_POOL_LIMIT;
    if (kept) {
        batch->next = pool->first;
        pool->first = batch;
        pool->size++;
    }
    (void)pthread_mutex_unlock(&pool->mutex);
    if (!kept)
        batch_destroy(batch);
}
