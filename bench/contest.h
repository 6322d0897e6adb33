/* Several ways of doing the same work, timed in turn in one run and set beside each other.
 *
 * In each round every contestant runs for a while, one after the other, so that what disturbs the
 * machine disturbs all of them; the figure is the median over the rounds.
 */
#ifndef KAFKA_BRIDGE_BENCH_CONTEST_H
#define KAFKA_BRIDGE_BENCH_CONTEST_H

#include <stdbool.h>
#include <stddef.h>

#define CONTESTANTS_LIMIT 4

struct contestant {
    const char *name;
    /* Does the work on message `index`; the bytes of JSON it wrote or read. */
    size_t (*work)(void *subject, size_t index);
    double target; /* how many times our time this must take at least (an anchor), or, where
                      negative, at most that many times this one may we take (a floor); 0: none */
};

struct contest {
    const char *name;
    void *subject;
    size_t messages;                                  /* indices to go through */
    struct contestant contestants[CONTESTANTS_LIMIT]; /* the first is ours */
    size_t contestant_count;
};

/* Runs it and prints a line for each contestant. False where a target was missed. */
bool contest_run(const struct contest *contest);

#endif
