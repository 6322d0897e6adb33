/* kafka_bridge/ChamberResults as numbers: what a batch of the detector's hits has in each chamber.
 * Knows no ROS. */
#ifndef KAFKA_BRIDGE_VIEWERS_CHAMBER_RESULTS_H
#define KAFKA_BRIDGE_VIEWERS_CHAMBER_RESULTS_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

#define CHAMBER_COUNT        4
#define HISTOGRAM_BINS_LIMIT 512

/* `bins` counts between bins + 1 ascending, finite edges; 0 bins and no edge: nothing to show. */
struct histogram {
    size_t bins;
    double edges[HISTOGRAM_BINS_LIMIT + 1];
    int64_t counts[HISTOGRAM_BINS_LIMIT];
};

struct chamber {
    int64_t count; /* hits */
    struct histogram tdc_channel;
    struct histogram orbit_cnt;
};

struct chamber_results {
    uint32_t secs, nsecs; /* the stamp, since 1970 */
    int64_t total_count;  /* hits */
    struct chamber chambers[CHAMBER_COUNT];
};

/* Reads a serialized message. Errors, with the field's path: ERROR_TRUNCATED, ERROR_TRAILING,
 * ERROR_LIMIT (more bins than HISTOGRAM_BINS_LIMIT), ERROR_LENGTH (not one edge more than counts),
 * ERROR_RANGE (edges that do not ascend, a negative count); then `results` holds nothing. */
enum error_code chamber_results_read(const uint8_t *data, size_t size,
                                     struct chamber_results *results,
                                     struct error *error) MUST_CHECK;

#endif
