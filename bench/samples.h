/* Messages to measure with: serialized, of one type, none equal to another. */
#ifndef KAFKA_BRIDGE_BENCH_SAMPLES_H
#define KAFKA_BRIDGE_BENCH_SAMPLES_H

#include "base/buffer.h"
#include "simulators/type_table.h"

#define SAMPLE_COUNT 64

struct samples {
    const struct plan *plan;
    struct buffer messages[SAMPLE_COUNT];
    struct buffer json[SAMPLE_COUNT]; /* each message as the codec writes it */
};

enum sample_kind {
    SAMPLE_ODOMETRY,      /* of the simulated drive: diagonal covariances, the rest zeros */
    SAMPLE_ODOMETRY_FULL, /* the same with 72 random covariances: the worst case */
    SAMPLE_LASER_SCAN,    /* 720 ranges and intensities */
    SAMPLE_JOINT_STATE,
    SAMPLE_COMPRESSED_IMAGE, /* 100,000 random bytes */
};

/* Makes them; ends the program with a message where that fails. */
void samples_init(struct samples *samples, enum sample_kind kind, struct type_table *types);
void samples_fini(struct samples *samples);

/* Ends the program with `error` unless `code` is ERROR_NONE. */
void must(enum error_code code, const struct error *error);

#endif
