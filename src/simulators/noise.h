/* Numbers that look random and are the same for the same seed on every machine (splitmix64, Steele,
 * Lea and Flood, OOPSLA 2014). Not for secrets. One thread. */
#ifndef KAFKA_BRIDGE_SIMULATORS_NOISE_H
#define KAFKA_BRIDGE_SIMULATORS_NOISE_H

#include <stdint.h>

struct noise {
    uint64_t state;
};

static inline void noise_init(struct noise *noise, uint64_t seed)
{
    noise->state = seed;
}

static inline uint64_t noise_next(struct noise *noise)
{
    uint64_t z = noise->state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

/* Evenly spread over low ≤ value < high. */
static inline double noise_between(struct noise *noise, double low, double high)
{
    return low + (high - low) * ((double)(noise_next(noise) >> 11) * 0x1p-53);
}

/* About normal, around 0: the sum of four even ones, scaled to the standard deviation `sigma`. */
static inline double noise_around_zero(struct noise *noise, double sigma)
{
    double sum = 0;
    for (int i = 0; i < 4; i++)
        sum += noise_between(noise, -1.0, 1.0);
    return sum * sigma * 0.8660254037844386; /* √3/2: four even ones have variance 4/3 */
}

#endif
