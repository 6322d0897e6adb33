/* Which records of Kafka are latched in ROS now: for each partition the offset of the last latched
 * record of each publisher. The group keeps them as a text beside the partition's offset, so that
 * they are latched again after a restart, here or where the partition goes. One thread. */
#ifndef KAFKA_BRIDGE_BRIDGE_PUBLISH_LATCHES_H
#define KAFKA_BRIDGE_BRIDGE_PUBLISH_LATCHES_H

#include "bridge/publish/publication.h"

#include <stdint.h>

/* Of one partition; beyond, the oldest is not latched again after a restart. As many of them as the
 * text has room for, about a thousand. */
#define LATCHES_OF_PARTITION 2000

struct latch_partition;

struct latches {
    struct latch_partition *by_key;
};

void latches_fini(struct latches *latches);

/* Takes the partition with what the group kept of it. Without memory it is as if that were nothing.
 */
void latches_begin(struct latches *latches, const char *topic, int32_t partition, const char *text);

/* The lowest offset above `offset` that is latched and that nothing in this process was published
 * of yet; -1: none. */
int64_t latches_next(const struct latches *latches, const char *topic, int32_t partition,
                     int64_t offset);

/* The record was published; it takes the place of the publication's last one. */
void latches_note(struct latches *latches, const char *topic, int32_t partition, int64_t offset,
                  struct publication *publication);

/* The record is gone, or cannot be published. */
void latches_drop(struct latches *latches, const char *topic, int32_t partition, int64_t offset);

/* A kafka_text_callback's; false: the partition has not begun. */
bool latches_text(const struct latches *latches, const char *topic, int32_t partition, char *text,
                  size_t size);

/* The partition went to another: what it latched is that one's to latch. */
void latches_forget(struct latches *latches, const char *topic, int32_t partition);

#endif
