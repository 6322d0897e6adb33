#include "simulators/hit_stream.h"

#include <math.h>
#include <stddef.h>

#define BEAM_SHARE (2.0 / 3.0)
#define BEAM_SIGMA 9.0 /* channels */

void hit_stream_init(struct hit_stream *stream, uint64_t seed, double noise_share, double rate,
                     double orbit_rate)
{
    *stream = (struct hit_stream){
        .noise_share = noise_share,
        .orbits_per_word = orbit_rate / rate,
    };
    noise_init(&stream->noise, seed);
}

static int32_t pick(struct noise *noise, int32_t count)
{
    return (int32_t)noise_between(noise, 0, count);
}

static int32_t pick_channel(struct noise *noise)
{
    if (noise_between(noise, 0, 1) >= BEAM_SHARE)
        return pick(noise, HIT_CHANNELS);
    double middle = (HIT_CHAMBER_CHANNELS - 1) / 2.0 + HIT_CHAMBER_CHANNELS * pick(noise, 2);
    double channel = round(middle + noise_around_zero(noise, BEAM_SIGMA));
    return (int32_t)fmin(fmax(channel, 0), HIT_CHANNELS - 1);
}

static int32_t pick_head(struct hit_stream *stream)
{
    static const int32_t others[] = {0, 1, 3, 4, 5};
    if (noise_between(&stream->noise, 0, 1) >= stream->noise_share)
        return HIT_HEAD;
    return others[pick(&stream->noise, sizeof others / sizeof *others)];
}

void hit_stream_next(struct hit_stream *stream, struct hit *hit)
{
    double orbits = floor((double)stream->count * stream->orbits_per_word);
    struct noise *noise = &stream->noise;
    hit->head = pick_head(stream);
    hit->fpga = pick(noise, 2);
    hit->tdc_channel = pick_channel(noise);
    hit->orbit_cnt = ORBIT_FIRST + fmod(orbits, ORBIT_END - ORBIT_FIRST);
    hit->bx_counter = pick(noise, HIT_CROSSINGS);
    hit->tdc_meas = pick(noise, HIT_FINE_STEPS);
    stream->count++;
    stream->hits += hit->head == HIT_HEAD;
}
