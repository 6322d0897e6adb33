#include "message/values/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_SIZE 4096

struct arena_block {
    struct arena_block *next;
    size_t used;
    size_t size;
    alignas(max_align_t) char data[];
};

static struct arena_block *add_block(struct arena *arena, size_t size)
{
    size_t data_size = size > BLOCK_SIZE ? size : BLOCK_SIZE;
    struct arena_block *block = calloc(1, sizeof *block + data_size);
    if (!block)
        return NULL;
    block->size = data_size;
    if (size > BLOCK_SIZE && arena->blocks) {
        /* A large piece fills its block: keep the one with room in front. */
        block->next = arena->blocks->next;
        arena->blocks->next = block;
    } else {
        block->next = arena->blocks;
        arena->blocks = block;
    }
    return block;
}

void *arena_alloc(struct arena *arena, size_t count, size_t size)
{
    size_t alignment = alignof(max_align_t);
    if (size > 0 && count > (SIZE_MAX / 2 - BLOCK_SIZE) / size)
        return NULL;
    size_t bytes = (count * size + alignment - 1) / alignment * alignment;
    struct arena_block *block = arena->blocks;
    if (!block || block->size - block->used < bytes)
        block = add_block(arena, bytes);
    if (!block)
        return NULL;
    void *piece = block->data + block->used;
    block->used += bytes;
    return piece;
}

char *arena_copy(struct arena *arena, const char *text, size_t length)
{
    char *copy = arena_alloc(arena, length + 1, 1);
    if (copy && length > 0)
        memcpy(copy, text, length);
    return copy;
}

void arena_fini(struct arena *arena)
{
    while (arena->blocks) {
        struct arena_block *next = arena->blocks->next;
        free(arena->blocks);
        arena->blocks = next;
    }
}
