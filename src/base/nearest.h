/* The known name that somebody who wrote another one meant: the nearest by edit distance
 * (insertions, deletions, replacements; V. I. Levenshtein, 1966).
 *
 * The caller owns the struct and offers candidates one by one; all names are borrowed. Threads: one
 * at a time.
 */
#ifndef KAFKA_BRIDGE_BASE_NEAREST_H
#define KAFKA_BRIDGE_BASE_NEAREST_H

#include <stddef.h>

#define NEAREST_NAME_LIMIT 256 /* bytes of a candidate; longer ones are passed over */

struct nearest {
    const char *name;
    size_t length;
    size_t edits;      /* a candidate must be nearer than this */
    const char *found; /* the first of the nearest candidates; NULL: none was near enough */
};

/* Begins the search for what `name` meant; what is more than `most` edits away was not meant. */
void nearest_begin(struct nearest *nearest, const char *name, size_t most);

void nearest_offer(struct nearest *nearest, const char *candidate);

#endif
