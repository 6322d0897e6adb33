/* The partitions of Kafka that a member has, each with the records of it that wait: the one that is
 * tried again, and behind it what came meanwhile, copied. Beyond a bound the partition is paused
 * until half of that is gone. One thread. */
#ifndef KAFKA_BRIDGE_BRIDGE_TO_ROS_LANES_H
#define KAFKA_BRIDGE_BRIDGE_TO_ROS_LANES_H

#include "base/hash.h"
#include "bridge/publish/partition_key.h"
#include "bridge/publish/task.h"
#include "kafka/consumer/consumer.h"

struct lane_item {
    struct lane_item *next;
    struct task task; /* its record is the item's own */
};

/* What an earlier run latched and is latched again, before anything else of the partition. */
struct restoration {
    bool under_way;
    int64_t offset; /* of the last that was dealt with; -1 */
    int64_t end;    /* what is not below it comes by itself */
    int64_t asked;  /* nanoseconds of the steady clock: since when Kafka is asked for the next */
    unsigned restored, gone;
};

struct lane {
    UT_hash_handle hh;
    struct lane *next, *prev; /* among the busy: the one that was served last is last */
    struct lane_item *first, *last;
    size_t bytes;           /* of the items */
    size_t paused_at;       /* so many there were when it was paused */
    bool paused;            /* in Kafka */
    bool busy;              /* its records go through here, in their order */
    bool quick;             /* as lane_served found */
    int64_t due;            /* nanoseconds of the steady clock: not served before */
    struct lane_item *kept; /* the record that is latched again */
    struct restoration restoration;
    struct patience patience;
    struct partition_key key;
};

struct lanes {
    struct lane *by_key;
    struct lane *busy;
    struct lane *recent;
    size_t bytes, limit;
    struct kafka_consumer *consumer; /* borrowed */
};

/* `limit`: bytes of all that waits, of which one lane takes at most half. */
void lanes_init(struct lanes *lanes, size_t limit);
void lanes_fini(struct lanes *lanes);

/* The partition's lane. NULL: no memory. */
struct lane *lanes_get(struct lanes *lanes, const char *topic, int32_t partition);

/* From now on its records go through the lane. */
void lanes_open(struct lanes *lanes, struct lane *lane);

/* It is the last of the busy, as it is served now. */
void lanes_turn(struct lanes *lanes, struct lane *lane);

/* Adds a copy of the task's record, with what was done with it so far, behind all others. False: no
 * memory. */
bool lanes_push(struct lanes *lanes, struct lane *lane, const struct task *task);

/* Takes away the first, which is dealt with. */
void lanes_pop(struct lanes *lanes, struct lane *lane);

/* The partition is another's: all that waits is forgotten. */
void lanes_forget(struct lanes *lanes, const char *topic, int32_t partition);

/* Reading goes on where enough is gone; a lane with nothing in it is not busy any more. */
void lanes_relax(struct lanes *lanes, struct lane *lane);

/* `count` records took so many nanoseconds; or the first `waits`. */
void lane_served(struct lane *lane, unsigned count, int64_t nanoseconds, bool waits);

/* Whether one has records left and is quick: serving it comes before reading, which is faster and
 * would fill it until it has to be paused. */
bool lanes_are_quick(const struct lanes *lanes);

/* Milliseconds until one is to be served, at most `longest`. */
int lanes_next(const struct lanes *lanes, int longest);

/* An item with a copy of the record; lane_item_destroy ends it, with its letter. NULL: no memory.
 */
struct lane_item *lane_item_create(const struct task *task);
void lane_item_destroy(struct lane_item *item);

#endif
