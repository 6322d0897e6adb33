/* The ids that are settled and whose blocks are not yet deleted, as ranges. Threads: the owner's
 * lock. */
#ifndef KAFKA_BRIDGE_SPOOL_SETTLED_H
#define KAFKA_BRIDGE_SPOOL_SETTLED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct spool_range {
    uint64_t first, last;
};

struct spool_settled {
    struct spool_range *ranges; /* ascending, apart from each other */
    size_t count;
    size_t capacity;
};

void spool_settled_fini(struct spool_settled *settled);

/* Where memory ran out the id is forgotten: its block goes with the next start, and may be sent
 * twice. */
void spool_settled_add(struct spool_settled *settled, uint64_t first, uint64_t last);

/* Moves the first `count` ranges, of more, to `to`, which is empty. */
void spool_settled_move(struct spool_settled *settled, struct spool_settled *to, size_t count);

/* Whether `id` is in it, and the last id of its range. */
bool spool_settled_has(const struct spool_settled *settled, uint64_t id, uint64_t *last);

#endif
