/* A truck's drive until its tank is empty, computed in steps:
 *
 *   - speed: v' = min((w − v) / 2 s, 0.8 m/s²), from 0; the driver's wish w is two sines around
 *     15 m/s, never below 0
 *   - distance: s' = v
 *   - gear: the highest of 8 (40 rad/m · 0.75^i) in which the crankshaft makes 110 rad/s, else the
 *     lowest
 *   - engine speed: max(79.54 rad/s, v · gear); it idles at 760 rpm
 *   - power: P = v · (m v' + m g c_r + ½ ρ C_d A v²), never below 0, and 5 kW for what else the
 *     engine drives
 *   - fuel: f' = P / (0.42 · 35.8 MJ/l), the engine's efficiency and the heating value of diesel
 *
 * with m = 16 t, c_r = 0.006, C_d A = 5.5 m², ρ = 1.2 kg/m³. About 27 l per 100 km. The same seed
 * gives the same drive on every machine with the same libm. Knows neither ROS nor Kafka. One
 * thread.
 */
#ifndef KAFKA_BRIDGE_SIMULATORS_TRUCK_H
#define KAFKA_BRIDGE_SIMULATORS_TRUCK_H

#include <stdbool.h>
#include <stdint.h>

#define TRUCK_IDLE 79.54 /* rad/s */

struct truck {
    double interval; /* s, of a step */
    double tank;     /* l, at the start */
    double period[2], phase[2];
    uint64_t step;   /* steps so far */
    double time;     /* s since the start */
    double speed;    /* m/s */
    double distance; /* m */
    double engine;   /* rad/s */
    double fuel;     /* l used so far; never more than `tank` */
};

/* At rest, engine idling. `interval` (at most 1 s) and `tank` are above 0. */
void truck_init(struct truck *truck, uint64_t seed, double interval, double tank);

/* Goes on by one interval; not to be called on an empty tank. */
void truck_step(struct truck *truck);

bool truck_is_empty(const struct truck *truck);

#endif
