/* What becomes of a partition whose offset Kafka does not have: the group has none yet, the records
 * there were deleted before they were read, or the topic was deleted and made again.
 *
 * librdkafka would go on somewhere else with a line in the log; here it stops (auto.offset.reset =
 * error), so that it can be said and counted what is gone. One thread, the consumer's.
 */
#ifndef KAFKA_BRIDGE_KAFKA_CONSUMER_LOST_OFFSETS_H
#define KAFKA_BRIDGE_KAFKA_CONSUMER_LOST_OFFSETS_H

#include "kafka/connection/events.h"
#include "kafka/consumer/consumer_options.h"

#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stdint.h>

/* RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET; librdkafka 1.2 has no name for it yet. */
#define KAFKA_ERR_AUTO_OFFSET_RESET (-140)

enum kafka_reset_policy {
    KAFKA_RESET_EARLIEST,
    KAFKA_RESET_LATEST,
    KAFKA_RESET_NEVER, /* an error, and the partition stays where it is */
};

struct kafka_lost_offset; /* a partition that waits for its move */

struct kafka_lost_offsets {
    struct kafka_events *events; /* borrowed */
    enum kafka_reset_policy policy;
    kafka_gap_callback gap; /* may be NULL */
    void *user;
    struct kafka_lost_offset *waiting;
    rd_kafka_topic_partition_list_t *reached; /* how far this process has come in each partition */
    int64_t next;                             /* kafka_now_ms: not tried again before */
};

/* `policy` is the user's auto.offset.reset, or NULL. To be finished in any case. */
void kafka_lost_offsets_init(struct kafka_lost_offsets *resets, struct kafka_events *events,
                             const char *policy, kafka_gap_callback gap, void *user);
void kafka_lost_offsets_fini(struct kafka_lost_offsets *resets);

/* Says that a partition was dealt with up to `next`: what is below is not missed where the group
 * has lost its place and that was deleted. */
void kafka_lost_offsets_reach(struct kafka_lost_offsets *resets, const char *topic,
                              int32_t partition, int64_t next);

/* Whether an event of the consumer says that a partition's offset is not there. */
bool kafka_lost_offsets_concern(const rd_kafka_message_t *event);

/* Takes such an event. ERROR_IO where the policy is never to go on elsewhere, ERROR_MEMORY. */
enum error_code kafka_lost_offsets_note(struct kafka_lost_offsets *resets,
                                        const rd_kafka_message_t *event,
                                        struct error *error) MUST_CHECK;

/* Finds out where the partitions that were noted go on, and tells it; those whose brokers do not
 * answer within a second are looked at again later. NULL: none is to be moved now; else the caller
 * moves them (kafka_assignment_move) and destroys the list. */
rd_kafka_topic_partition_list_t *kafka_lost_offsets_look(struct kafka_lost_offsets *resets,
                                                         rd_kafka_t *client);

/* Forgets partitions that are given back. */
void kafka_lost_offsets_forget(struct kafka_lost_offsets *resets,
                               const rd_kafka_topic_partition_list_t *partitions);

#endif
