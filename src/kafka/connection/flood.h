/* Keeps repeated lines from flooding the log: a kind of line is admitted once, then at most every
 * minute. The caller owns the struct and locks it. */
#ifndef KAFKA_BRIDGE_KAFKA_CONNECTION_FLOOD_H
#define KAFKA_BRIDGE_KAFKA_CONNECTION_FLOOD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KAFKA_FLOOD_INTERVAL_MS 60000
#define KAFKA_FLOOD_KINDS       32
#define KAFKA_FLOOD_KIND_SIZE   96

struct kafka_flood {
    struct kafka_flood_entry {
        char kind[KAFKA_FLOOD_KIND_SIZE];
        int64_t admitted; /* kafka_now_ms */
        uint64_t held_back;
    } entries[KAFKA_FLOOD_KINDS]; /* when they are all taken the oldest gives way */
    size_t count;
};

/* Whether a line of `kind` (digits in it do not count, what is too long is cut) is to be written
 * at `now`; then `*held_back` is how many were not since the last one. */
bool kafka_flood_admit(struct kafka_flood *flood, const char *kind, int64_t now,
                       uint64_t *held_back);

/* Forgets all: the next line of each kind is written. */
void kafka_flood_reset(struct kafka_flood *flood);

/* Milliseconds of a clock that is never set. */
int64_t kafka_now_ms(void);

#endif
