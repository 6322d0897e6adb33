#include "simulators/truck.h"

#include "simulators/noise.h"

#include <math.h>

#define FULL_TURN 6.283185307179586

/* What the driver wants, m/s and s. */
#define WISH_MEAN  15.0
#define WISH_LONG  9.0
#define WISH_SHORT 5.0
#define REACTION   2.0
#define PULL       0.8 /* m/s² */
/* The gearbox. */
#define GEARS       8
#define LOWEST_GEAR 40.0 /* rad of the crankshaft per m */
#define GEAR_STEP   0.75
#define GEAR_SPEED  110.0 /* rad/s that a gear must reach */
/* The truck and its road. */
#define MASS        16000.0 /* kg */
#define GRAVITY     9.80665 /* m/s² */
#define ROLLING     0.006
#define DRAG_AREA   5.5             /* m², C_d · A */
#define AIR         1.2             /* kg/m³ */
#define AUXILIARIES 5000.0          /* W */
#define FUEL_ENERGY (0.42 * 35.8e6) /* J of a litre that reach the wheels */

void truck_init(struct truck *truck, uint64_t seed, double interval, double tank)
{
    struct noise noise;
    noise_init(&noise, seed);
    *truck = (struct truck){.interval = interval, .tank = tank, .engine = TRUCK_IDLE};
    truck->period[0] = noise_between(&noise, 240, 360);
    truck->period[1] = noise_between(&noise, 40, 80);
    for (int i = 0; i < 2; i++)
        truck->phase[i] = noise_between(&noise, 0, FULL_TURN);
}

static double wished_speed(const struct truck *truck)
{
    double slow = sin(FULL_TURN * truck->time / truck->period[0] + truck->phase[0]);
    double quick = sin(FULL_TURN * truck->time / truck->period[1] + truck->phase[1]);
    return fmax(0, WISH_MEAN + WISH_LONG * slow + WISH_SHORT * quick);
}

static double engine_speed(double speed)
{
    double gear = LOWEST_GEAR;
    for (int i = 1; i < GEARS && speed * gear * GEAR_STEP >= GEAR_SPEED; i++)
        gear *= GEAR_STEP;
    return fmax(TRUCK_IDLE, speed * gear);
}

static double power(double speed, double acceleration)
{
    double force =
        MASS * acceleration + MASS * GRAVITY * ROLLING + 0.5 * AIR * DRAG_AREA * speed * speed;
    return fmax(0, speed * force) + AUXILIARIES;
}

void truck_step(struct truck *truck)
{
    double acceleration = fmin((wished_speed(truck) - truck->speed) / REACTION, PULL);
    double speed = fmax(0, truck->speed + acceleration * truck->interval);
    double used = power(truck->speed, acceleration) / FUEL_ENERGY * truck->interval;
    truck->distance += (truck->speed + speed) / 2 * truck->interval;
    truck->speed = speed;
    truck->engine = engine_speed(speed);
    truck->fuel = fmin(truck->fuel + used, truck->tank);
    truck->step++;
    truck->time = (double)truck->step * truck->interval;
}

bool truck_is_empty(const struct truck *truck)
{
    return truck->fuel >= truck->tank;
}
