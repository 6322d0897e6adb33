/* How far something long has come, on standard error.
 *
 * On a terminal: one line that is drawn over, from the second second on, with a bar, the rate and
 * the time that is left. Elsewhere: a plain line every ten seconds. Nothing where it is done within
 * a second. The caller owns the struct; one thread.
 */
#ifndef KAFKA_BRIDGE_TOOLS_COMMAND_PROGRESS_BAR_H
#define KAFKA_BRIDGE_TOOLS_COMMAND_PROGRESS_BAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct progress_bar {
    FILE *out;
    bool terminal;    /* whether `out` is one */
    const char *unit; /* "records" */
    uint64_t total;   /* 0: unknown */
    int64_t began;    /* milliseconds of the monotonic clock */
    int64_t drawn;    /* when a line was written last */
    bool on_line;     /* a line is on the terminal that the next one is drawn over */
};

/* `unit` lives as long as the struct. */
void progress_bar_begin(struct progress_bar *progress, FILE *out, const char *unit, uint64_t total);

/* `done` of the total are done. Cheap; writes where it is time to. */
void progress_bar_update(struct progress_bar *progress, uint64_t done);

/* Takes the line away from the terminal, so that something else can be written. */
void progress_bar_clear(struct progress_bar *progress);

/* The text for `elapsed` milliseconds: "4,200 of 10,000 records, 42 %, 2,100/s, 0:03 left", with a
 * bar where `bar`. Always NUL-terminated. */
void progress_bar_format(const struct progress_bar *progress, uint64_t done, int64_t elapsed,
                         bool bar, char *text, size_t size);

/* `number` with ',' between its thousands; `text` holds 32 bytes. Returns `text`. */
const char *progress_bar_number(uint64_t number, char *text);

#endif
