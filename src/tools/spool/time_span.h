/* From when to when the records of a spool are. One thread. */
#ifndef KAFKA_BRIDGE_TOOLS_SPOOL_TIME_SPAN_H
#define KAFKA_BRIDGE_TOOLS_SPOOL_TIME_SPAN_H

#include "spool/spool.h"

#include <stdbool.h>
#include <stdint.h>

#define SPAN_TIME_SIZE 32

/* Times of records in its first and its last block, milliseconds since the Unix epoch. */
struct time_span {
    bool known;
    int64_t oldest;
    int64_t newest;
};

/* Unknown where the spool is empty or cannot be read. */
void time_span_measure(struct spool *spool, struct time_span *span);

/* "2026-11-21T10:35:00.123Z"; `text` holds SPAN_TIME_SIZE bytes. Returns `text`. */
const char *time_span_time(int64_t milliseconds, char *text);

#endif
