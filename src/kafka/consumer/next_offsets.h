/* Where reading goes on in each partition that a consumer has, kept over the group's rebalances:
 * the eager protocol takes everything away and gives most of it back a moment later, and what stays
 * with the same member goes on where it was. (rd_kafka_position forgets with each assignment.)
 * One thread. */
#ifndef KAFKA_BRIDGE_KAFKA_CONSUMER_NEXT_OFFSETS_H
#define KAFKA_BRIDGE_KAFKA_CONSUMER_NEXT_OFFSETS_H

#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stdint.h>

struct kafka_next_offsets {
    rd_kafka_topic_partition_list_t *list; /* offset: the next to be read; below 0: the group's */
    int recent;                            /* where the partition stands that was last set */
};

void kafka_next_offsets_init(struct kafka_next_offsets *places);
void kafka_next_offsets_fini(struct kafka_next_offsets *places);

/* Adds the partition, or moves it. */
void kafka_next_offsets_set(struct kafka_next_offsets *places, const char *topic, int32_t partition,
                            int64_t offset);

bool kafka_next_offsets_have(const struct kafka_next_offsets *places, const char *topic,
                             int32_t partition);

/* Below 0 where it is unknown: reading begins at the group's offset. */
int64_t kafka_next_offsets_get(const struct kafka_next_offsets *places, const char *topic,
                               int32_t partition);

void kafka_next_offsets_drop(struct kafka_next_offsets *places, const char *topic,
                             int32_t partition);

#endif
