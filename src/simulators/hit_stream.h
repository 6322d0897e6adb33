/* A detector's readout: words as two boards with 128 channels each send them.
 *
 * Word n belongs to the time n / rate after the run's start. A hit has head 2; a share of words is
 * noise, with another head. Orbits are counted from ORBIT_FIRST and begin there again before
 * ORBIT_END. Of the hits two thirds lie around the middle of a chamber (64 channels), as a beam
 * would have them, the others anywhere.
 *
 * The same seed gives the same words. Knows neither ROS nor Kafka. One thread.
 */
#ifndef KAFKA_BRIDGE_SIMULATORS_HIT_STREAM_H
#define KAFKA_BRIDGE_SIMULATORS_HIT_STREAM_H

#include "simulators/noise.h"

#define HIT_HEAD             2
#define HIT_CHANNELS         128
#define HIT_CHAMBER_CHANNELS 64
#define HIT_CROSSINGS        3564 /* bunch crossings of an orbit */
#define HIT_FINE_STEPS       30   /* fine times of a crossing */
#define ORBIT_FIRST          6e5
#define ORBIT_END            1e7

struct hit {
    int32_t head, fpga, tdc_channel, bx_counter;
    double orbit_cnt, tdc_meas;
};

struct hit_stream {
    struct noise noise;
    double noise_share;     /* 0 … 1, of the words */
    double orbits_per_word; /* orbit rate by word rate */
    uint64_t count, hits;   /* words so far, and hits among them */
};

/* `rate` words and `orbit_rate` orbits a second, both above 0. */
void hit_stream_init(struct hit_stream *stream, uint64_t seed, double noise_share, double rate,
                     double orbit_rate);

void hit_stream_next(struct hit_stream *stream, struct hit *hit);

#endif
