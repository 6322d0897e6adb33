/* The sequences of the Kafka topics, in memory. Threads: the writer's. */
#ifndef KAFKA_BRIDGE_SPOOL_SEQUENCES_H
#define KAFKA_BRIDGE_SPOOL_SEQUENCES_H

#include "base/hash.h"
#include "spool/spool.h"

struct spool_sequence_entry {
    struct spool_sequence sequence; /* first: the caller's pointer is the entry's */
    UT_hash_handle hh;              /* by kafka_topic */
    uint32_t id;                    /* its row */
    uint64_t committed;
    uint64_t committing; /* by the transaction under way */
    char kafka_topic[];
};

struct spool_sequences {
    struct spool_sequence_entry **entries; /* that of id i at i - 1 */
    struct spool_sequence_entry *by_topic;
    uint32_t count;
    uint32_t capacity;
};

void spool_sequences_fini(struct spool_sequences *sequences);

/* NULL where it is not there. */
struct spool_sequence_entry *spool_sequences_find(const struct spool_sequences *sequences,
                                                  const char *kafka_topic);

/* Adds one that begins at `next`. NULL where memory ran out. */
struct spool_sequence_entry *spool_sequences_add(struct spool_sequences *sequences,
                                                 const char *kafka_topic, uint64_t next);

/* What is to be committed of it. */
static inline uint64_t spool_sequence_value(const struct spool_sequence_entry *entry)
{
    const struct spool_sequence *sequence = &entry->sequence;
    return sequence->next > sequence->reserved ? sequence->next : sequence->reserved;
}

#endif
