/* What became of one letter whose original is sent again. */
#ifndef KAFKA_BRIDGE_TOOLS_OUTCOME_H
#define KAFKA_BRIDGE_TOOLS_OUTCOME_H

#include <stdatomic.h>
#include <stdint.h>

#define OUTCOME_REASON_SIZE 160

enum outcome_kind {
    OUTCOME_PENDING,  /* under way */
    OUTCOME_SENT,     /* acknowledged */
    OUTCOME_FAILED,   /* not taken, and `reason` says why */
    OUTCOME_NOT_DONE, /* neither: the run ended before */
};

/* `kind` is set once, from any thread, after `reason`. */
struct outcome {
    int32_t partition; /* of the letter */
    int64_t offset;
    _Atomic int kind;                 /* enum outcome_kind */
    char reason[OUTCOME_REASON_SIZE]; /* of a failure */
};

/* Sets the kind, with the text for a failure (else NULL). */
void outcome_set(struct outcome *outcome, enum outcome_kind kind, const char *reason);

#endif
