/* The partitions that a consumer has from its group: taken and given back as the group says, each
 * begun where its subscription's rule says.
 *
 * The consumer owns the struct. All functions from its thread, the callback too; only
 * kafka_assignment_count from any.
 */
#ifndef KAFKA_BRIDGE_KAFKA_ASSIGNMENT_H
#define KAFKA_BRIDGE_KAFKA_ASSIGNMENT_H

#include "kafka/events.h"
#include "kafka/starts.h"

#include <librdkafka/rdkafka.h>
#include <stdatomic.h>
#include <stdbool.h>

#define KAFKA_COOPERATIVE_VERSION 0x010600ff /* librdkafka with rd_kafka_incremental_assign */

struct kafka_assignment {
    struct kafka_events *events; /* borrowed */
    struct kafka_starts starts;
    kafka_release_callback release; /* may be NULL */
    void *user;
    bool commits_itself;                    /* the user switched enable.auto.commit off */
    bool held;                              /* reading is paused */
    rd_kafka_topic_partition_list_t *moved; /* partitions that were moved, and whereto */
    atomic_int count;                       /* partitions */
};

/* ERROR_NONE, or kafka_starts_init's. To be finished in any case. */
enum error_code kafka_assignment_init(struct kafka_assignment *assignment,
                                      struct kafka_events *events,
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

/* Pauses reading, or goes on with it. */
void kafka_assignment_hold(struct kafka_assignment *assignment, rd_kafka_t *client, bool held);

static inline int kafka_assignment_count(const struct kafka_assignment *assignment)
{
    return atomic_load(&assignment->count);
}

#endif
