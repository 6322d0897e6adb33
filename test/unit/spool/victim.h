/* A process that appends to a spool until it is killed, and tells of each thing it has done. */
#ifndef KAFKA_BRIDGE_TEST_SPOOL_VICTIM_H
#define KAFKA_BRIDGE_TEST_SPOOL_VICTIM_H

#include "support.h"

#define VICTIM_EVENTS 4096

/* A block that was appended, as far as the process could still tell. */
struct victim_block {
    uint64_t id;
    uint64_t first; /* number of its first record */
    uint32_t count;
    bool settled;
};

struct victim {
    struct victim_block blocks[VICTIM_EVENTS];
    size_t count;
    uint64_t next_number; /* above all that were used */
    uint64_t next_id;
};

/* Lets a process append to the spool of `options` and kills it: after so many appends, at an
 * instant of their own between them, or within one. What it did is added to `victim`. */
void victim_run(struct victim *victim, const struct spool_options *options, unsigned *seed,
                unsigned appends);

uint64_t victim_unsettled(const struct victim *victim);

/* Reads the spool's blocks, all of which must be right, and counts the records of unsettled blocks
 * among them. `*damaged`: the records of blocks that were refused. */
uint64_t victim_found(const struct victim *victim, struct spool *spool, uint64_t *damaged);

#endif
