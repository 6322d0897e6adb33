/* Which letters of one partition of a dead-letter topic were dealt with: sent again, or found to be
 * nothing that can be sent.
 *
 * All below `next` are, and of each reason that was asked for alone all below its own place, but
 * for the holes: letters whose sending failed. It is kept as the group's offset (`next`) and a text
 * beside it, as "spool resend 1;holes=17+2,11;range=120": holes at 17 to 19 and, 11 further, at 30.
 * Where there are more holes than the text holds, the nearest become one: letters in between are
 * then sent once more, and none is passed over. The caller owns the struct; one thread.
 */
#ifndef KAFKA_BRIDGE_TOOLS_RESEND_CHECKPOINT_H
#define KAFKA_BRIDGE_TOOLS_RESEND_CHECKPOINT_H

#include "base/error.h"
#include "tools/command/options.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CHECKPOINT_HOLES_LIMIT   1024
#define CHECKPOINT_REASONS_LIMIT 24

struct checkpoint_hole {
    int64_t first, last;
};

struct checkpoint_reason {
    char name[OPTIONS_REASON_SIZE];
    int64_t next;
};

struct checkpoint {
    int64_t next;
    struct checkpoint_hole holes[CHECKPOINT_HOLES_LIMIT]; /* in order, apart from each other */
    size_t hole_count;
    struct checkpoint_reason reasons[CHECKPOINT_REASONS_LIMIT];
    size_t reason_count;
    uint64_t joined; /* offsets that were no holes and became part of one; not kept */
};

/* The letters that a run is about. */
struct checkpoint_filter {
    const char *const *reasons;
    int count; /* 0: all */
};

/* From what was kept: `place` -1 and "" where nothing was. ERROR_SYNTAX: `text` is none of ours,
 * and the checkpoint holds what `place` says. */
enum error_code checkpoint_read(struct checkpoint *checkpoint, int64_t place,
                                const char *text) MUST_CHECK;

/* The text to keep beside `next`, with holes joined until it fits. ERROR_LIMIT where it does not
 * even so. */
enum error_code checkpoint_write(struct checkpoint *checkpoint, char *text, size_t size) MUST_CHECK;

bool checkpoint_is_done(const struct checkpoint *checkpoint, int64_t offset, const char *reason);

/* The lowest offset that may hold a letter of `filter` that is not done. */
int64_t checkpoint_first(const struct checkpoint *checkpoint,
                         const struct checkpoint_filter *filter);

/* Whether a run that begins at `from` has none of its letters between what is done and there, so
 * that it can be remembered. */
bool checkpoint_follows(const struct checkpoint *checkpoint, const struct checkpoint_filter *filter,
                        int64_t from);

/* Letters of a run over all reasons that lie between what is done and `from` are left out: they
 * become a hole. ERROR_LIMIT where the checkpoint cannot say so: too many holes, or only some
 * reasons, there or in the filter. */
enum error_code checkpoint_leave_out(struct checkpoint *checkpoint,
                                     const struct checkpoint_filter *filter,
                                     int64_t from) MUST_CHECK;

/* The letter at `offset` is done: it is no hole any more. */
void checkpoint_mend(struct checkpoint *checkpoint, int64_t offset);

/* The letter at `offset` failed. */
void checkpoint_fail(struct checkpoint *checkpoint, int64_t offset);

/* All letters of `filter` below `next` are done, but for the holes. ERROR_LIMIT: too many reasons.
 */
enum error_code checkpoint_advance(struct checkpoint *checkpoint,
                                   const struct checkpoint_filter *filter, int64_t next) MUST_CHECK;

#endif
