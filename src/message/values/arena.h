/* Memory that is made piece by piece and freed at once: what a parsed definition or a plan owns.
 *
 * The caller owns the struct. Pieces are zeroed and aligned for any type. Threads: one at a time.
 */
#ifndef KAFKA_BRIDGE_MESSAGE_VALUES_ARENA_H
#define KAFKA_BRIDGE_MESSAGE_VALUES_ARENA_H

#include <stddef.h>

struct arena {
    struct arena_block *blocks;
};

/* `count` elements of `size` bytes; NULL where memory is out or the product overflows. */
void *arena_alloc(struct arena *arena, size_t count, size_t size);

/* The `length` bytes at `text` (which may be NULL where there are none) and a NUL; NULL where
 * memory is out. */
char *arena_copy(struct arena *arena, const char *text, size_t length);

void arena_fini(struct arena *arena);

#endif
