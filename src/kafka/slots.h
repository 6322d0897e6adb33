/* The small objects that ride along with each record in librdkafka: taken when a record is sent,
 * given back with its report. They are made a block at a time and never freed before the end, so
 * that nothing is allocated per record once the greatest number in flight was reached; that number
 * is bounded by librdkafka's queue. Any thread. */
#ifndef KAFKA_BRIDGE_KAFKA_SLOTS_H
#define KAFKA_BRIDGE_KAFKA_SLOTS_H

#include <pthread.h>
#include <stdint.h>

struct kafka_slot {
    struct kafka_slot *next;
    uint64_t tag;
    void *owner;
};

struct kafka_slots {
    pthread_mutex_t mutex;
    struct kafka_slot *free;
    struct kafka_slot_block *blocks;
};

void kafka_slots_init(struct kafka_slots *slots);
void kafka_slots_fini(struct kafka_slots *slots);

/* NULL: no memory. */
struct kafka_slot *kafka_slots_take(struct kafka_slots *slots);

/* Gives back the chain from `first` through `last`, linked by `next`. */
void kafka_slots_give(struct kafka_slots *slots, struct kafka_slot *first, struct kafka_slot *last);

#endif
