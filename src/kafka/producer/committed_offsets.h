/* How far a group has come in each topic: the offsets that Kafka keeps for it. */
#ifndef KAFKA_BRIDGE_KAFKA_PRODUCER_COMMITTED_OFFSETS_H
#define KAFKA_BRIDGE_KAFKA_PRODUCER_COMMITTED_OFFSETS_H

#include "base/error.h"
#include "kafka/settings/properties.h"

#include <stddef.h>
#include <stdint.h>

struct kafka_committed_offset {
    const char *topic;
    int32_t partition;
    int64_t offset;    /* the next to come; -1: none is kept */
    const char *group; /* where it is another than the call's; else NULL. In commits only */
};

/* Fills in the offsets that `group` has committed, -1 where there is none, the topic does not
 * exist, or this user may do nothing with it, so that a record for it is refused anyway. Offsets of
 * a transaction that is still open are waited for, so that none is told which may yet be undone
 * (with librdkafka 1.6 and Kafka 2.5; with older ones kafka_transactions_init has to come first,
 * which ends such a transaction). Asks with a client of its own, which does not join the group and
 * is gone at the return; waits at most about `timeout_ms`. Errors: ERROR_IO (no answer in time, or
 * not permitted: says which), ERROR_MEMORY, and those of the properties. */
enum error_code kafka_committed_offsets(const struct kafka_properties *properties,
                                        const char *group, struct kafka_committed_offset *positions,
                                        size_t count, int timeout_ms,
                                        struct error *error) MUST_CHECK;

#endif
