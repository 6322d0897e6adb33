/* Batches that wait to be filled again, so that nothing is allocated for each of them.
 *
 * Any thread.
 */
#ifndef KAFKA_BRIDGE_BRIDGE_BATCH_POOL_H
#define KAFKA_BRIDGE_BRIDGE_BATCH_POOL_H

#include "bridge/batch.h"

#include <pthread.h>

/* So many wait at most, and none whose memory has grown over so many bytes. */
#define BATCH_POOL_LIMIT       8
#define BATCH_POOL_BYTES_LIMIT (4U << 20)

struct batch_pool {
    pthread_mutex_t mutex;
    struct batch *first;
    size_t size;
};

void batch_pool_init(struct batch_pool *pool);
void batch_pool_fini(struct batch_pool *pool);

/* An empty batch with this id. NULL: no memory. */
struct batch *batch_pool_take(struct batch_pool *pool, uint64_t id);

void batch_pool_give(struct batch_pool *pool, struct batch *batch);

#endif
