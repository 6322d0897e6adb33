/* What became of one record or message that was sent. */
#ifndef KAFKA_BRIDGE_TOOLS_RESEND_SEND_RESULT_H
#define KAFKA_BRIDGE_TOOLS_RESEND_SEND_RESULT_H

#include <stdatomic.h>

#define SEND_REASON_SIZE 160

enum send_result_kind {
    SEND_PENDING,  /* under way */
    SEND_DONE,     /* acknowledged */
    SEND_CROWDED,  /* it was in a batch that Kafka refused as a whole: to be sent alone */
    SEND_FAILED,   /* not taken, and `reason` says why */
    SEND_NOT_DONE, /* neither: the run ended before */
};

/* `kind` is set from any thread, after `reason`. */
struct send_result {
    _Atomic int kind;              /* enum send_result_kind */
    char reason[SEND_REASON_SIZE]; /* of a failure */
};

/* Sets the kind, with the text for a failure (else NULL). */
void send_result_set(struct send_result *result, enum send_result_kind kind, const char *reason);

#endif
