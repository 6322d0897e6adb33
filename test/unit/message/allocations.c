#include "allocations.h"

#include <stdbool.h>
#include <stddef.h>

#define UNLIMITED (-1)

static int left = UNLIMITED;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);

void allocations_limit(int count)
{
    left = count;
}

void allocations_allow(void)
{
    left = UNLIMITED;
}

static bool may_allocate(void)
{
    if (left > 0)
        left--;
    else if (left == 0)
        return false;
    return true;
}

void *__wrap_malloc(size_t size)
{
    return may_allocate() ? __real_malloc(size) : NULL;
}

void *__wrap_calloc(size_t count, size_t size)
{
    return may_allocate() ? __real_calloc(count, size) : NULL;
}

void *__wrap_realloc(void *old, size_t size)
{
    return may_allocate() ? __real_realloc(old, size) : NULL;
}
