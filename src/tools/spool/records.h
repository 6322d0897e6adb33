/* The records that a spool holds, one after the other, oldest first. One thread. */
#ifndef KAFKA_BRIDGE_TOOLS_SPOOL_RECORDS_H
#define KAFKA_BRIDGE_TOOLS_SPOOL_RECORDS_H

#include "bridge/flow/names.h"
#include "bridge/send/spool_record.h"
#include "kafka/record/record.h"
#include "spool/spool.h"

#include <stdbool.h>
#include <stdint.h>

/* A record as it lies in the spool, with where it comes from and goes. It points into the block and
 * into itself. */
struct spooled {
    const struct spool_record *record;
    const struct spool_origin *origin;
    struct kafka_record kafka;                 /* as the node would send it */
    char id[SPOOL_RECORD_ID_SIZE];             /* "<robot>/<kafka topic>/<sequence>" */
    char letter_topic[NAMES_KAFKA_TOPIC_SIZE]; /* where it goes if it is a dead letter */
};

/* False: no more. */
typedef bool (*records_visitor)(const struct spooled *spooled, void *user);

struct records_result {
    uint64_t visited;
    uint64_t lost; /* records of damaged blocks, or of origins that the spool does not know */
};

/* Visits the records for `topic` (NULL: all) until the visitor has enough or an interrupt comes;
 * complains of blocks that are damaged. ERROR_IO, ERROR_MEMORY. */
enum error_code records_visit(struct spool *spool, const char *topic, records_visitor visit,
                              void *user, struct records_result *result,
                              struct error *error) MUST_CHECK;

#endif
