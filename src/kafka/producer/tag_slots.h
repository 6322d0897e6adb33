/* The small objects that ride along with each record in librdkafka: taken when a record is sent,
 * given back with its report. They are made a block at a time and never freed before the end, so
 * that nothing is allocated per record once the greatest number in flight was reached; that number
 * is bounded by librdkafka's queue. Any thread. */
#ifndef KAFKA_BRIDGE_KAFKA_PRODUCER_TAG_SLOTS_H
#define KAFKA_BRIDGE_KAFKA_PRODUCER_TAG_SLOTS_H

#include "kafka/record/delivery.h"

#include <pthread.h>

struct kafka_tag_slot {
    struct kafka_tag tag; /* first: the opaque of librdkafka's message is its address */
    struct kafka_tag_slot *next;
};

struct kafka_tag_slots {
    pthread_mutex_t mutex;
    struct kafka_tag_slot *free;
    struct kafka_tag_slot_block *blocks;
};

void kafka_tag_slots_init(struct kafka_tag_slots *slots);
void kafka_tag_slots_fini(struct kafka_tag_slots *slots);

/* NULL: no memory. */
struct kafka_tag_slot *kafka_tag_slots_take(struct kafka_tag_slots *slots);

/* Gives back the chain from `first` through `last`, linked by `next`. */
void kafka_tag_slots_give(struct kafka_tag_slots *slots, struct kafka_tag_slot *first,
                          struct kafka_tag_slot *last);

#endif
