/* The partitions that a consumer has from its group: taken and given back as the group says, each
 * begun where its subscription's rule says, and gone on with where it was if it stays.
 *
 * The consumer owns the struct. All functions from its thread, the callback too; only
 * kafka_assignment_count from any.
 */
#ifndef KAFKA_BRIDGE_KAFKA_CONSUMER_ASSIGNMENT_H
#define KAFKA_BRIDGE_KAFKA_CONSUMER_ASSIGNMENT_H

#include "kafka/connection/events.h"
#include "kafka/consumer/backlog.h"
#include "kafka/consumer/commits.h"
#include "kafka/consumer/next_offsets.h"
#include "kafka/consumer/start_offsets.h"

#include <librdkafka/rdkafka.h>
#include <stdatomic.h>
#include <stdbool.h>

#define KAFKA_COOPERATIVE_VERSION 0x010600ff /* librdkafka with rd_kafka_incremental_assign */

struct kafka_assignment {
    struct kafka_events *events; /* borrowed */
    struct kafka_start_offsets starts;
    struct kafka_backlog backlog;   /* the consumer makes it */
    kafka_release_callback release; /* may be NULL */
    kafka_forget_callback forget;   /* may be NULL */
    void *user;
    struct kafka_commits *commits;           /* borrowed */
    rd_kafka_topic_partition_list_t *paused; /* nothing is read of them; kept over rebalances */
    bool undecided; /* all was taken away, and the group has not yet said what stays */
    bool lost;      /* likewise, and others may have had it */
    struct kafka_next_offsets places;       /* of what it has, and of what is undecided */
    rd_kafka_topic_partition_list_t *fresh; /* what it has got and was not told yet */
    rd_kafka_topic_partition_list_t *told;  /* the one that was told last */
    atomic_int count;                       /* partitions */
};

/* ERROR_NONE, or kafka_start_offsets_init's. To be finished in any case. */
enum error_code kafka_assignment_init(struct kafka_assignment *assignment,
                                      struct kafka_events *events, struct kafka_commits *commits,
                                      const struct kafka_consumer_options *options,
                                      struct error *error) MUST_CHECK;
void kafka_assignment_fini(struct kafka_assignment *assignment);

/* librdkafka's rebalance event: takes or gives back `partitions`. */
void kafka_assignment_change(struct kafka_assignment *assignment, rd_kafka_t *client,
                             rd_kafka_resp_err_t event,
                             rd_kafka_topic_partition_list_t *partitions);

/* Goes on reading `partitions`, which are among those that it has, at their offsets, also where
 * librdkafka has stopped reading them: there it does not seek. The others stay where they are. */
void kafka_assignment_move(struct kafka_assignment *assignment, rd_kafka_t *client,
                           const rd_kafka_topic_partition_list_t *partitions);

/* kafka_consumer_begin. */
enum error_code kafka_assignment_begin(struct kafka_assignment *assignment, rd_kafka_t *client,
                                       struct kafka_begin *begin, struct error *error) MUST_CHECK;

/* Whether the partition is this member's, or may yet stay so. */
static inline bool kafka_assignment_has(const struct kafka_assignment *assignment,
                                        const char *topic, int32_t partition)
{
    return kafka_next_offsets_have(&assignment->places, topic, partition);
}

/* Where reading goes on in that partition; INT64_MIN: at the group's offset. */
static inline int64_t kafka_assignment_place(const struct kafka_assignment *assignment,
                                             const char *topic, int32_t partition)
{
    int64_t place = kafka_next_offsets_get(&assignment->places, topic, partition);
    return place < 0 ? INT64_MIN : place;
}

/* A record of that partition was handed out, or is to be read next. */
static inline void kafka_assignment_reach(struct kafka_assignment *assignment, const char *topic,
                                          int32_t partition, int64_t next)
{
    kafka_next_offsets_set(&assignment->places, topic, partition, next);
}

/* Pauses reading a partition that it has, or goes on with it. */
void kafka_assignment_pause(struct kafka_assignment *assignment, rd_kafka_t *client,
                            const char *topic, int32_t partition, bool paused);

static inline int kafka_assignment_count(const struct kafka_assignment *assignment)
{
    return atomic_load(&assignment->count);
}

#endif
