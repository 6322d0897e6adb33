/* Room on the disk that is held back, so that a full disk does not stop the spool from giving back
 * what it no longer needs.
 *
 * A commit goes to the write-ahead log, and from there to the file at a checkpoint; where the disk
 * is full in between, neither can grow and nothing can be committed, not even a deletion. The
 * ballast is then given up for the checkpoint. From there on the file may not grow, so that the log
 * can always be emptied into it; deletions go through, and blocks as far as there are free pages.
 * When there is room on the disk again the ballast is made anew.
 *
 * Threads: the writer's.
 */
#ifndef KAFKA_BRIDGE_SPOOL_BALLAST_H
#define KAFKA_BRIDGE_SPOOL_BALLAST_H

#include "spool/store.h"

struct spool_ballast {
    uint64_t bytes; /* its size when it is there; also what the log may come to */
    bool released;  /* the disk is full */
};

/* Makes the ballast of the store's file and bounds its log. */
void spool_ballast_make(struct spool_ballast *ballast, struct spool_store *store);

/* The disk is full: gives the ballast up and empties the log. Whether that was of use. */
bool spool_ballast_release(struct spool_ballast *ballast, struct spool_store *store);

/* Makes it again where there is room. Cheap where it is there. */
void spool_ballast_restore(struct spool_ballast *ballast, struct spool_store *store);

#endif
