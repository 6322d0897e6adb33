/* What became of one record or message that was sent. */
#ifndef KAFKA_BRIDGE_TOOLS_COMMAND_SEND_RESULT_H
#define KAFKA_BRIDGE_TOOLS_COMMAND_SEND_RESULT_H

#include <stdatomic.h>

#define OUTCOME_REASON_SIZE 160

enum send_result_kind {
    OUTCOME_PENDING,  /* under way */
    OUTCOME_SENT,     /* acknowledged */
    OUTCOME_CROWDED,  /* it was in a batch that Kafka refused as a whole: to be sent alone */
    OUTCOME_FAILED,   /* not taken, and `reason` says why */
    OUTCOME_NOT_DONE, /* neither: the run ended before */
};

/* `kind` is set from any thread, after `reason`. */
struct send_result {
    _Atomic int kind;                 /* enum send_result_kind */
    char reason[OUTCOME_REASON_SIZE]; /* of a failure */
};

/* Sets the kind, with the text for a failure (else NULL). */
void send_result_set(struct send_result *outcome, enum send_result_kind kind, const char *reason);

#endif
