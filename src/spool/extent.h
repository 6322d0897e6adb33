/* How far a spool has come, in numbers that only grow. It stands in each commit and, so that
 * commits which a damaged file lost are noticed, in the watermark beside it.
 *
 * `numbers` is at least as great as every sequence of every Kafka topic, now and ever: what the
 * watermark knows of it bounds what any sequence can have come to.
 */
#ifndef KAFKA_BRIDGE_SPOOL_EXTENT_H
#define KAFKA_BRIDGE_SPOOL_EXTENT_H

#include <stddef.h>
#include <stdint.h>

struct spool_extent {
    uint64_t
        identity; /* random, of this spool: rows of another spool's files do not pass for ours */
    uint64_t commits;
    uint64_t accepted; /* records, in all */
    uint64_t trimmed;  /* of them */
    uint64_t numbers;  /* sequence numbers used or reserved, of all topics together */
    uint64_t floor;    /* where the sequence of a topic that is not known begins */
    uint64_t id_limit; /* no id was given above it */
    uint64_t origins;  /* the greatest id of one */
    uint64_t first_id; /* no block below it is kept; INT64_MAX: none is */
    uint64_t first_at; /* no record is kept that was accepted before so many others */
    uint64_t untold;   /* records that a repair lost, until it was surely told */
    uint64_t clean;    /* 1: closed in order */
};

uint64_t spool_extent_checksum(const struct spool_extent *progress);

/* Of a block's bytes, and of its head: the row without them. */
uint64_t spool_block_checksum(uint64_t identity, uint64_t id, const void *bytes, size_t size);
struct spool_block_head {
    uint64_t id;
    uint64_t at; /* how many records were accepted before it */
    uint64_t records;
    uint64_t size; /* of its bytes */
    uint64_t checksum;
};
uint64_t spool_block_head_checksum(uint64_t identity, const struct spool_block_head *head);

uint64_t spool_sequence_checksum(uint64_t identity, const char *kafka_topic, uint64_t next,
                                 uint64_t numbers);

/* `commits`: that of the commit which it was written with. */
uint64_t spool_note_checksum(uint64_t identity, const char *name, uint64_t value, uint64_t commits);

/* Microseconds since the Unix epoch: above every number that a spool can have used, since none
 * takes a million a second from 1970 on. For a spool of which nothing better is known. */
uint64_t spool_number_of_last_resort(void);

/* A number that no other spool has. */
uint64_t spool_identity_new(void);

#endif
