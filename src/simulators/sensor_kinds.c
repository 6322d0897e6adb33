/* Messages of sensors that measure something besides the robot's own motion. */
#include "simulators/kind.h"

#include <math.h>

#define SCAN_RANGES       720
#define SCAN_HALF         2.35619449f /* rad: 270 degrees in all */
#define ROOM_LENGTH       60.0        /* m, half, of the walls that the lidar sees */
#define ROOM_WIDTH        35.0
#define WHEEL_RADIUS      0.3 /* m */
#define BATTERY_CELLS     13
#define BATTERY_LASTS     14400.0 /* s from full to empty */
#define HOME_LATITUDE     39.02969
#define HOME_LONGITUDE    (-76.96537)
#define HOME_ALTITUDE     52.0
#define METRES_PER_DEGREE 111320.0

/* How far it is from the robot to a wall of a rectangular yard around the origin, in `direction`.
 */
static double wall_distance(const struct drive_state *state, double direction)
{
    double dx = cos(direction), dy = sin(direction);
    double x = (dx > 0 ? ROOM_LENGTH - state->position[0] : ROOM_LENGTH + state->position[0]);
    double y = (dy > 0 ? ROOM_WIDTH - state->position[1] : ROOM_WIDTH + state->position[1]);
    return fmin(x / fmax(fabs(dx), 1e-9), y / fmax(fabs(dy), 1e-9));
}

void write_laser_scan(struct serial_writer *writer, struct moment *moment)
{
    const float step = 2 * SCAN_HALF / (SCAN_RANGES - 1);
    put_header(writer, moment, "lidar_link");
    put_float(writer, -SCAN_HALF);
    put_float(writer, SCAN_HALF);
    put_float(writer, step);
    put_float(writer, 0.1f / SCAN_RANGES);
    put_float(writer, 0.1f);
    put_float(writer, 0.1f);
    put_float(writer, 50.0f);
    put_count(writer, SCAN_RANGES);
    for (int i = 0; i < SCAN_RANGES; i++) {
        double direction = moment->state->yaw - (double)SCAN_HALF + i * (double)step;
        double range = wall_distance(moment->state, direction);
        range += noise_around_zero(&moment->noise, 0.01);
        put_float(writer, range > 50.0 ? INFINITY : (float)range); /* REP 117: beyond range_max */
    }
    put_count(writer, SCAN_RANGES);
    for (int i = 0; i < SCAN_RANGES; i++)
        put_float(writer, (float)noise_between(&moment->noise, 80, 240));
}

void write_joint_state(struct serial_writer *writer, struct moment *moment)
{
    static const char *const wheels[] = {"front_left_wheel", "front_right_wheel", "rear_left_wheel",
                                         "rear_right_wheel"};
    const size_t count = sizeof wheels / sizeof *wheels;
    double speed = moment->state->linear[0] / WHEEL_RADIUS;
    put_header(writer, moment, "base_link");
    put_count(writer, count);
    for (size_t i = 0; i < count; i++)
        put_string(writer, wheels[i]);
    put_count(writer, count);
    for (size_t i = 0; i < count; i++)
        put_double(writer, moment->state->distance / WHEEL_RADIUS + 0.01 * (double)i);
    put_count(writer, count);
    for (size_t i = 0; i < count; i++)
        put_double(writer, speed + noise_around_zero(&moment->noise, 0.01));
    put_count(writer, count);
    for (size_t i = 0; i < count; i++)
        put_double(writer, 4.0 + noise_around_zero(&moment->noise, 0.3));
}

void write_battery_state(struct serial_writer *writer, struct moment *moment)
{
    double left = 1.0 - fmod(moment->time, BATTERY_LASTS) / BATTERY_LASTS;
    float cell = (float)(3.2 + 0.95 * left);
    put_header(writer, moment, "battery_link");
    put_float(writer, cell * BATTERY_CELLS);
    put_float(writer, (float)(31.0 + noise_around_zero(&moment->noise, 0.1))); /* °C */
    put_float(writer, (float)(-8.5 + noise_around_zero(&moment->noise, 0.4))); /* A */
    put_float(writer, (float)(60.0 * left));
    put_float(writer, 60.0f);
    put_float(writer, 62.5f);
    put_float(writer, (float)left);
    put_u8(writer, 2); /* discharging */
    put_u8(writer, 1); /* good */
    put_u8(writer, 2); /* lithium ion */
    put_bool(writer, true);
    put_count(writer, BATTERY_CELLS);
    for (int i = 0; i < BATTERY_CELLS; i++)
        put_float(writer, cell);
    put_count(writer, BATTERY_CELLS);
    for (int i = 0; i < BATTERY_CELLS; i++)
        put_float(writer, NAN); /* not measured, as sensor_msgs/BatteryState asks */
    put_string(writer, "main");
    put_string(writer, "KB-13S-0001");
}

void write_nav_sat_fix(struct serial_writer *writer, struct moment *moment)
{
    const double *position = moment->state->position;
    double east = position[0] + noise_around_zero(&moment->noise, 0.5);
    double north = position[1] + noise_around_zero(&moment->noise, 0.5);
    put_header(writer, moment, "gps_link");
    put_u8(writer, 0);   /* fix */
    put_u16(writer, 15); /* GPS, GLONASS, COMPASS, GALILEO */
    put_double(writer, HOME_LATITUDE + north / METRES_PER_DEGREE);
    put_double(writer, HOME_LONGITUDE +
                           east / (METRES_PER_DEGREE * cos(HOME_LATITUDE * 0.017453292519943295)));
    put_double(writer, HOME_ALTITUDE + position[2] + noise_around_zero(&moment->noise, 1.0));
    put_diagonal(writer, (double[]){0.25, 0.25, 1.0}, 3);
    put_u8(writer, 2); /* diagonal known */
}

void write_range(struct serial_writer *writer, struct moment *moment)
{
    double direction = moment->state->yaw + 0.5 * moment->instance;
    double range = fmin(wall_distance(moment->state, direction), 10.0);
    put_header(writer, moment, "sonar_link");
    put_u8(writer, 0); /* ultrasound */
    put_float(writer, 0.26f);
    put_float(writer, 0.2f);
    put_float(writer, 10.0f);
    put_float(writer, (float)range);
}

void write_magnetic_field(struct serial_writer *writer, struct moment *moment)
{
    double yaw = moment->state->yaw;
    put_header(writer, moment, "imu_link");
    put_double(writer, 2.1e-5 * sin(yaw) + noise_around_zero(&moment->noise, 1e-7)); /* T */
    put_double(writer, 2.1e-5 * cos(yaw) + noise_around_zero(&moment->noise, 1e-7));
    put_double(writer, -4.6e-5 + noise_around_zero(&moment->noise, 1e-7));
    put_diagonal(writer, (double[]){1e-14, 1e-14, 1e-14}, 3);
}

/* The header, a value and its variance: four sensor_msgs are made like that. */
static void write_measurement(struct serial_writer *writer, struct moment *moment, double value,
                              double sigma)
{
    put_header(writer, moment, "base_link");
    put_double(writer, value + noise_around_zero(&moment->noise, sigma));
    put_double(writer, sigma * sigma);
}

void write_temperature(struct serial_writer *writer, struct moment *moment)
{
    write_measurement(writer, moment, 65.0 - 40.0 * exp(-moment->time / 600.0), 0.2); /* °C */
}

void write_fluid_pressure(struct serial_writer *writer, struct moment *moment)
{
    write_measurement(writer, moment, 100710.0 - 11.8 * moment->state->position[2], 4.0); /* Pa */
}

void write_relative_humidity(struct serial_writer *writer, struct moment *moment)
{
    write_measurement(writer, moment, 0.54, 0.005);
}

void write_illuminance(struct serial_writer *writer, struct moment *moment)
{
    write_measurement(writer, moment, 11000.0 + 500.0 * sin(moment->time / 90.0), 40.0); /* lx */
}

void write_time_reference(struct serial_writer *writer, struct moment *moment)
{
    put_header(writer, moment, "gps_link");
    put_time(writer, moment->stamp + (int64_t)noise_between(&moment->noise, 0, 2000));
    put_string(writer, "gps");
}

void write_joy(struct serial_writer *writer, struct moment *moment)
{
    put_header(writer, moment, "joystick");
    put_count(writer, 4);
    put_float(writer, (float)(moment->state->linear[0] / 3.0));
    put_float(writer, (float)(moment->state->angular[2] / 2.0));
    put_float(writer, 0.0f);
    put_float(writer, 0.0f);
    put_count(writer, 8);
    for (int i = 0; i < 8; i++)
        put_u32(writer, i == 4 ? 1 : 0); /* the dead man's button */
}
