#include "simulators/drive.h"

#include "simulators/noise.h"

#include <math.h>

#define GRAVITY 9.80665 /* m/s², standard */
#define QUARTER 1.5707963267948966

/* A place on the ground below the figure, and how it changes with time. */
struct ground {
    double x, y;   /* m */
    double dx, dy; /* m/s */
    double yaw, dyaw;
    double speed, dspeed; /* over the plane, m/s and m/s² */
};

/* The hills' height and its first and second derivatives over the plane. */
struct slope {
    double z, zx, zy, zxx, zxy, zyy;
};

static void slope_at(const struct drive *drive, double x, double y, struct slope *slope)
{
    *slope = (struct slope){0};
    for (int i = 0; i < DRIVE_HILLS; i++) {
        const struct drive_hill *hill = &drive->hills[i];
        double phase = hill->kx * x + hill->ky * y + hill->phase;
        double rise = hill->height * cos(phase);
        double bend = -hill->height * sin(phase);
        slope->z -= bend;
        slope->zx += hill->kx * rise;
        slope->zy += hill->ky * rise;
        slope->zxx += hill->kx * hill->kx * bend;
        slope->zxy += hill->kx * hill->ky * bend;
        slope->zyy += hill->ky * hill->ky * bend;
    }
}

/* The parameter of the figure at `time`: from rest, exponentially up to the full pace. */
static double parameter_at(const struct drive *drive, double time, double *rate, double *growth)
{
    double fade = exp(-time / drive->ramp);
    *rate = drive->pace * (1.0 - fade);
    *growth = drive->pace * fade / drive->ramp;
    return drive->begin + drive->pace * (time - drive->ramp * (1.0 - fade));
}

/* x = length·sin p, y = width·sin 2p, turned. The tangent is never zero, and never points along +y
 * before the turn, so that its angle against −y needs no unwrapping. */
static void ground_at(const struct drive *drive, double time, struct ground *ground)
{
    double rate, growth;
    double p = parameter_at(drive, time, &rate, &growth);
    double u = drive->length * sin(p), v = drive->width * sin(2 * p);
    double du = drive->length * cos(p), dv = 2 * drive->width * cos(2 * p);
    double ddu = -drive->length * sin(p), ddv = -4 * drive->width * sin(2 * p);
    double c = cos(drive->turn), s = sin(drive->turn);
    double length = hypot(du, dv);

    ground->x = c * u - s * v;
    ground->y = s * u + c * v;
    ground->dx = (c * du - s * dv) * rate;
    ground->dy = (s * du + c * dv) * rate;
    ground->yaw = atan2(du, -dv) - QUARTER + drive->turn;
    ground->dyaw = (du * ddv - dv * ddu) / (length * length) * rate;
    ground->speed = length * rate;
    ground->dspeed = length * growth + (du * ddu + dv * ddv) / length * rate * rate;
}

void drive_init(struct drive *drive, uint64_t seed)
{
    struct noise noise;
    noise_init(&noise, seed);
    drive->length = noise_between(&noise, 12.0, 25.0);
    drive->width = noise_between(&noise, 0.3, 0.5) * drive->length;
    drive->pace = noise_between(&noise, 1.0, 1.6) / (1.2 * drive->length);
    drive->ramp = noise_between(&noise, 1.0, 2.0);
    drive->begin = noise_between(&noise, 0.0, 4.0 * QUARTER);
    drive->turn = noise_between(&noise, -QUARTER, QUARTER);
    for (int i = 0; i < DRIVE_HILLS; i++) {
        double wave = 4 * QUARTER / noise_between(&noise, 15.0, 60.0);
        double direction = noise_between(&noise, 0.0, 4 * QUARTER);
        drive->hills[i] = (struct drive_hill){
            .height = noise_between(&noise, 0.1, 0.4),
            .kx = wave * cos(direction),
            .ky = wave * sin(direction),
            .phase = noise_between(&noise, 0.0, 4 * QUARTER),
        };
    }
    struct ground ground;
    struct slope slope;
    ground_at(drive, 0.0, &ground);
    slope_at(drive, ground.x, ground.y, &slope);
    drive->x0 = ground.x;
    drive->y0 = ground.y;
    drive->z0 = slope.z;
}

static void orientation_from_angles(struct drive_state *state)
{
    double cr = cos(state->roll / 2), sr = sin(state->roll / 2);
    double cp = cos(state->pitch / 2), sp = sin(state->pitch / 2);
    double cy = cos(state->yaw / 2), sy = sin(state->yaw / 2);
    state->orientation[0] = sr * cp * cy - cr * sp * sy;
    state->orientation[1] = cr * sp * cy + sr * cp * sy;
    state->orientation[2] = cr * cp * sy - sr * sp * cy;
    state->orientation[3] = cr * cp * cy + sr * sp * sy;
}

/* Roll, pitch and yaw that stand a robot with heading `ground->yaw` upright on the hill, and their
 * rates as the robot's gyroscope sees them. `climb` is the hill's slope ahead, `bank` to the left.
 */
static void attitude(const struct ground *ground, const struct slope *slope,
                     struct drive_state *state)
{
    double c = cos(ground->yaw), s = sin(ground->yaw);
    double dzx = slope->zxx * ground->dx + slope->zxy * ground->dy;
    double dzy = slope->zxy * ground->dx + slope->zyy * ground->dy;
    double climb = slope->zx * c + slope->zy * s;
    double bank = slope->zy * c - slope->zx * s;
    double dclimb = dzx * c + dzy * s + ground->dyaw * bank;
    double dbank = dzy * c - dzx * s - ground->dyaw * climb;
    double stretch = sqrt(1 + climb * climb);
    double lean = bank / stretch;
    double dlean = dbank / stretch - bank * climb * dclimb / (stretch * stretch * stretch);
    double dpitch = -dclimb / (stretch * stretch);
    double droll = dlean / (1 + lean * lean);

    state->yaw = ground->yaw;
    state->pitch = -atan(climb);
    state->roll = atan(lean);
    orientation_from_angles(state);

    double sr = sin(state->roll), cr = cos(state->roll);
    double sp = sin(state->pitch), cp = cos(state->pitch);
    state->angular[0] = droll - ground->dyaw * sp;
    state->angular[1] = dpitch * cr + ground->dyaw * sr * cp;
    state->angular[2] = ground->dyaw * cr * cp - dpitch * sr;

    double speed = ground->speed * stretch;
    double dspeed = ground->dspeed * stretch + ground->speed * climb * dclimb / stretch;
    state->linear[0] = speed;
    state->linear[1] = 0;
    state->linear[2] = 0;
    state->acceleration[0] = dspeed - GRAVITY * sp;
    state->acceleration[1] = state->angular[2] * speed + GRAVITY * sr * cp;
    state->acceleration[2] = GRAVITY * cr * cp - state->angular[1] * speed;
}

void drive_at(const struct drive *drive, double time, struct drive_state *state)
{
    struct ground ground;
    struct slope slope;
    ground_at(drive, time, &ground);
    slope_at(drive, ground.x, ground.y, &slope);
    state->position[0] = ground.x - drive->x0;
    state->position[1] = ground.y - drive->y0;
    state->position[2] = slope.z - drive->z0;
    attitude(&ground, &slope, state);
    double rate, growth;
    double p = parameter_at(drive, time, &rate, &growth);
    state->distance = (p - drive->begin) * hypot(drive->length, 2 * drive->width) / sqrt(2.0);
}
