#include "spool/settled.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_CAPACITY 64

void spool_settled_fini(struct spool_settled *settled)
{
    free(settled->ranges);
    *settled = (struct spool_settled){0};
}

/* The first range that ends at `id` or behind it. */
static size_t position_of(const struct spool_settled *settled, uint64_t id)
{
    size_t low = 0;
    size_t high = settled->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (settled->ranges[middle].last < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool make_room(struct spool_settled *settled)
{
    if (settled->count < settled->capacity)
        return true;
    size_t capacity = settled->capacity > 0 ? settled->capacity * 2 : FIRST_CAPACITY;
    struct spool_range *ranges = realloc(settled->ranges, capacity * sizeof *ranges);
    if (!ranges)
        return false;
    settled->ranges = ranges;
    settled->capacity = capacity;
    return true;
}

void spool_settled_add(struct spool_settled *settled, uint64_t first, uint64_t last)
{
    /* Every range that touches the new one becomes part of it. */
    size_t begin = position_of(settled, first > 0 ? first - 1 : 0);
    size_t end = begin;
    for (; end < settled->count && settled->ranges[end].first <= last + 1; end++) {
        if (settled->ranges[end].first < first)
            first = settled->ranges[end].first;
        if (settled->ranges[end].last > last)
            last = settled->ranges[end].last;
    }
    if (end == begin && !make_room(settled))
        return;
    struct spool_range *at = settled->ranges + begin;
    memmove(at + 1, settled->ranges + end, (settled->count - end) * sizeof *at);
    *at = (struct spool_range){first, last};
    settled->count = settled->count - (end - begin) + 1;
}

void spool_settled_move(struct spool_settled *settled, struct spool_settled *to, size_t count)
{
    size_t moved = 0;
    while (moved < count && make_room(to))
        to->ranges[to->count++] = settled->ranges[moved++];
    settled->count -= moved;
    memmove(settled->ranges, settled->ranges + moved, settled->count * sizeof *settled->ranges);
}

bool spool_settled_has(const struct spool_settled *settled, uint64_t id, uint64_t *last)
{
    size_t position = position_of(settled, id);
    if (position == settled->count || settled->ranges[position].first > id)
        return false;
    *last = settled->ranges[position].last;
    return true;
}
