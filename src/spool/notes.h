/* The notes, in memory. Threads: the owner's lock, save for walking the list from a head that was
 * read with it: a note, once in the list, stays. */
#ifndef KAFKA_BRIDGE_SPOOL_NOTES_H
#define KAFKA_BRIDGE_SPOOL_NOTES_H

#include "base/hash.h"
#include "spool/spool.h"

struct spool_note_entry {
    struct spool_note note; /* first: the caller's pointer is the entry's */
    struct spool_note_entry *next;
    UT_hash_handle hh; /* by name */
    uint32_t id;       /* its row */
    char name[];
};

struct spool_notes {
    struct spool_note_entry *first; /* the newest */
    struct spool_note_entry *by_name;
    uint32_t count;
    uint32_t last_id;
};

void spool_notes_fini(struct spool_notes *notes);

/* NULL where it is not there. */
struct spool_note_entry *spool_notes_find(const struct spool_notes *notes, const char *name);

/* Adds one. NULL where memory ran out or there are too many. */
struct spool_note_entry *spool_notes_add(struct spool_notes *notes, const char *name, uint32_t id);

#endif
