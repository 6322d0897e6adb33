/* What is left of a spool's tables, found row by row (spool/pages.h), and checked by checksums. */
#ifndef KAFKA_BRIDGE_SPOOL_SALVAGE_ROWS_H
#define KAFKA_BRIDGE_SPOOL_SALVAGE_ROWS_H

#include "spool/cluster.h"
#include "spool/notes.h"
#include "spool/origins.h"
#include "spool/pages.h"
#include "spool/sequences.h"
#include "spool/store.h"

struct spool_rows {
    struct spool_extent progress;     /* of the last state that was found; identity 0: none was */
    uint64_t identity;                /* of the state to look for; 0: any */
    struct spool_sequences sequences; /* `committed`: the numbers that its row was written at */
    struct spool_notes notes;         /* `found`: the commit that it was written with */
    struct spool_origins origins;
    struct spool_cluster cluster;
    uint64_t cluster_commits; /* the commit that it was written with */

    struct spool_store *store; /* the new file, where blocks go at once */
    struct spool_measure blocks;
    uint64_t end;       /* the greatest number of records accepted up to the end of a block */
    uint64_t unwritten; /* bytes in the transaction under way */
    int result;         /* of SQLite, where the new file was the trouble */
};

void spool_rows_fini(struct spool_rows *rows);

/* For spool_pages_visit, with struct spool_rows: looks for the state of the last commit. */
enum error_code spool_rows_find_state(void *user, const struct spool_page_row *row);

/* Origins, sequences and notes of the spool with the identity of `progress`. */
enum error_code spool_rows_find_names(void *user, const struct spool_page_row *row);

/* Blocks, but for those that `progress` says are trimmed and those that are in the store. */
enum error_code spool_rows_find_blocks(void *user, const struct spool_page_row *row);

#endif
