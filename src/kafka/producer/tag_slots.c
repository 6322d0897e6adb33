#include "kafka/producer/tag_slots.h"

#include <stdlib.h>

#define BLOCK_SLOTS 1024

struct kafka_tag_slot_block {
    struct kafka_tag_slot_block *next;
    struct kafka_tag_slot slots[BLOCK_SLOTS];
};

void kafka_tag_slots_init(struct kafka_tag_slots *slots)
{
    (void)pthread_mutex_init(&slots->mutex, NULL);
    slots->free = NULL;
    slots->blocks = NULL;
}

void kafka_tag_slots_fini(struct kafka_tag_slots *slots)
{
    while (slots->blocks) {
        struct kafka_tag_slot_block *block = slots->blocks;
        slots->blocks = block->next;
        free(block);
    }
    (void)pthread_mutex_destroy(&slots->mutex);
}

static void grow(struct kafka_tag_slots *slots)
{
    struct kafka_tag_slot_block *block = malloc(sizeof *block);
    if (!block)
        return;
    block->next = slots->blocks;
    slots->blocks = block;
    for (size_t i = 0; i < BLOCK_SLOTS; i++) {
        block->slots[i].next = slots->free;
        slots->free = &block->slots[i];
    }
}

struct kafka_tag_slot *kafka_tag_slots_take(struct kafka_tag_slots *slots)
{
    (void)pthread_mutex_lock(&slots->mutex);
    if (!slots->free)
        grow(slots);
    struct kafka_tag_slot *slot = slots->free;
    if (slot)
        slots->free = slot->next;
    (void)pthread_mutex_unlock(&slots->mutex);
    return slot;
}

void kafka_tag_slots_give(struct kafka_tag_slots *slots, struct kafka_tag_slot *first,
                          struct kafka_tag_slot *last)
{
    (void)pthread_mutex_lock(&slots->mutex);
    last->next = slots->free;
    slots->free = first;
    (void)pthread_mutex_unlock(&slots->mutex);
}
