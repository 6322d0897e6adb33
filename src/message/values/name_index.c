#include "message/values/name_index.h"

#include <stdlib.h>
#include <string.h>

static const char *name_at(const struct name_index *index, size_t position)
{
    return *(const char *const *)(const void *)(index->names + position * index->stride);
}

static int compare(const void *left, const void *right, void *context)
{
    uint32_t a = *(const uint32_t *)left;
    uint32_t b = *(const uint32_t *)right;
    int order = strcmp(name_at(context, a), name_at(context, b));
    if (order != 0)
        return order;
    return a < b ? -1 : a > b;
}

enum error_code name_index_init(struct name_index *index, const char *const *names, size_t stride,
                                size_t count)
{
    *index = (struct name_index){.names = (const char *)names, .stride = stride};
    if (count == 0)
        return ERROR_NONE;
    if (count > UINT32_MAX)
        return ERROR_LIMIT;
    index->order = malloc(count * sizeof *index->order);
    if (!index->order)
        return ERROR_MEMORY;
    index->count = count;
    for (size_t i = 0; i < count; i++)
        index->order[i] = (uint32_t)i;
    qsort_r(index->order, count, sizeof *index->order, compare, index);
    return ERROR_NONE;
}

void name_index_fini(struct name_index *index)
{
    free(index->order);
    *index = (struct name_index){0};
}

/* strcmp of a name with the `length` bytes at `name`, which hold no NUL. */
static int compare_bytes(const char *left, const char *name, size_t length)
{
    int order = strncmp(left, name, length);
    return order != 0 ? order : (left[length] != '\0');
}

bool name_index_find(const struct name_index *index, const char *name, size_t length,
                     size_t *position)
{
    size_t low = 0;
    size_t high = index->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_bytes(name_at(index, index->order[middle]), name, length) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == index->count || compare_bytes(name_at(index, index->order[low]), name, length) != 0)
        return false;
    *position = index->order[low];
    return true;
}

bool name_index_duplicate(const struct name_index *index, size_t *first, size_t *again)
{
    for (size_t i = 1; i < index->count; i++) {
        if (strcmp(name_at(index, index->order[i - 1]), name_at(index, index->order[i])) == 0) {
            *first = index->order[i - 1];
            *again = index->order[i];
            return true;
        }
    }
    return false;
}
