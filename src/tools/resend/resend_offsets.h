/* How far a run of resend has come in each partition of its dead-letter topic, as the offset that
 * its consumer group commits: where the next run begins. A letter that has to be tried again holds
 * the offset; letters behind it that were sent are then sent once more, and none is passed over.
 * The caller owns the struct; one thread. */
#ifndef KAFKA_BRIDGE_TOOLS_RESEND_RESEND_OFFSETS_H
#define KAFKA_BRIDGE_TOOLS_RESEND_RESEND_OFFSETS_H

#include "kafka/reading/scan.h"
#include "tools/command/options.h"

#define RESEND_GROUP_SIZE 1024 /* bytes of a group's name with NUL */

struct resend_offset {
    int64_t next;      /* all letters below were looked at */
    int64_t held;      /* the first that is to be tried again; INT64_MAX: none */
    int64_t committed; /* where the next run begins as yet */
};

struct resend_offsets {
    struct kafka_scan *scan;
    const struct kafka_scan_partition *partitions;
    struct resend_offset *items; /* of each partition */
    size_t count;
};

/* The group of a run: that of the command line or the default, and behind it, each after a '.', the
 * reasons that were asked for, in order: letters of other reasons are not looked at by such a run,
 * so that it may not move the offset of the others. ERROR_LIMIT: longer than `size`. */
enum error_code resend_offsets_group(const struct options *options, char *group, size_t size,
                                     struct error *error) MUST_CHECK;

/* Sets from where to where `scan` (borrowed) goes: from the group's offset, or from the command
 * line's --from, whatever that is. ERROR_MEMORY, ERROR_IO; to be finished in any case. */
enum error_code resend_offsets_init(struct resend_offsets *offsets, const struct options *options,
                                    struct kafka_scan *scan, struct error *error) MUST_CHECK;
void resend_offsets_fini(struct resend_offsets *offsets);

/* The letter there was looked at. */
void resend_offsets_pass(struct resend_offsets *offsets, int32_t partition, int64_t offset);

/* The letter there is to be tried again. */
void resend_offsets_hold(struct resend_offsets *offsets, int32_t partition, int64_t offset);

/* All was read: what lies between the last letter and the end is none. */
void resend_offsets_reach_ends(struct resend_offsets *offsets);

/* Commits what has changed. ERROR_IO. */
enum error_code resend_offsets_commit(struct resend_offsets *offsets,
                                      struct error *error) MUST_CHECK;

#endif
