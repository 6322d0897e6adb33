/* How far the Kafka topics have come with a transaction: those that it has records of, in the order
 * in which they came. The committer's thread. */
#ifndef KAFKA_BRIDGE_BRIDGE_SEND_TOPIC_PROGRESS_H
#define KAFKA_BRIDGE_BRIDGE_SEND_TOPIC_PROGRESS_H

#include "base/hash.h"
#include "bridge/outbox/origins.h"

struct topic_progress {
    UT_hash_handle hh;           /* by the origin's kafka_topic */
    const struct origin *origin; /* one that writes there */
    size_t index;                /* in the list, where it is of this transaction */
    uint64_t transaction;
    uint64_t next;
    bool has_record; /* of the topic itself, not only letters about it */
    bool has_letter;
};

/* All zero is one without topics. */
struct topics_progress {
    struct topic_progress *by_topic; /* all that there ever were */
    uint64_t transaction;
    struct topic_progress **list;
    size_t count, capacity;
};

void topics_progress_fini(struct topics_progress *topics);

/* The next transaction has no topics yet. */
void topics_progress_begin(struct topics_progress *topics);

/* That of the origin's topic, at the list's end where it was not there. NULL: no memory. */
struct topic_progress *topics_progress_get(struct topics_progress *topics,
                                           const struct origin *origin);

/* The same; NULL where it is not there. */
const struct topic_progress *topics_progress_find(const struct topics_progress *topics,
                                                  const struct origin *origin);

#endif
