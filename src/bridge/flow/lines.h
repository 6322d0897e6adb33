/* A bound on lines of one kind, each about another name: so many a minute, then one that says that
 * there are more. Zero at first. One thread. */
#ifndef KAFKA_BRIDGE_BRIDGE_FLOW_LINES_H
#define KAFKA_BRIDGE_BRIDGE_FLOW_LINES_H

#include <stdbool.h>
#include <stdint.h>

#define LINES_A_MINUTE 50

struct lines {
    int64_t begun; /* nanoseconds of the steady clock: of this minute */
    unsigned count;
};

/* Whether one more may be written; `what` they are about is for the line that ends them. */
bool lines_pass(struct lines *lines, const char *what);

#endif
