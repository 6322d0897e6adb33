/* How far a run of resend has come in each partition of its dead-letter topic, from what the runs
 * before left in Kafka and for those that come. The caller owns the struct; one thread. */
#ifndef KAFKA_BRIDGE_TOOLS_RESEND_RESEND_PLACES_H
#define KAFKA_BRIDGE_TOOLS_RESEND_RESEND_PLACES_H

#include "kafka/reading/scan.h"
#include "tools/command/options.h"
#include "tools/resend/checkpoint.h"

struct resend_place {
    struct checkpoint checkpoint;
    bool is_kept;    /* the run goes on where the ones before ended, so that it can be remembered */
    bool changed;    /* the checkpoint was, since it was kept */
    int64_t handled; /* all letters below were looked at */
    int64_t kept;    /* `handled` as Kafka has it */
};

struct resend_places {
    const struct options *options;
    struct checkpoint_filter filter;
    struct kafka_scan *scan;
    struct kafka_scan_partition *partitions;
    struct resend_place *items; /* of each partition */
    size_t count;
};

/* Reads what the runs before left, and sets from where to where `scan` goes; complains of what
 * cannot be remembered. Both are borrowed. ERROR_MEMORY, ERROR_IO; to be finished in any case. */
enum error_code resend_places_init(struct resend_places *places, const struct options *options,
                                   struct kafka_scan *scan, struct error *error) MUST_CHECK;
void resend_places_fini(struct resend_places *places);

struct resend_place *resend_places_of(const struct resend_places *places, int32_t partition);

/* All was read: what lies between the last letter and the end is none. */
void resend_places_reach_ends(struct resend_places *places);

/* Keeps in Kafka what has changed. ERROR_IO, ERROR_LIMIT (too many reasons). */
enum error_code resend_places_keep(struct resend_places *places, struct error *error) MUST_CHECK;

/* Letters that were dealt with and that the next run will take again all the same. */
uint64_t resend_places_joined(const struct resend_places *places);

#endif
