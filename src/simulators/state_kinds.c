/* Messages about the state of the robot's parts: diagnostics and the plain values of std_msgs. */
#include "simulators/kind.h"

#include <stdio.h>

#define ARRAY_LENGTH 6 /* joints of an arm */
#define FRAME_LENGTH 8 /* bytes of a field bus frame */

static void put_key_value(struct serial_writer *writer, const char *key, double value)
{
    char text[32];
    (void)snprintf(text, sizeof text, "%.2f", value);
    put_string(writer, key);
    put_string(writer, text);
}

void write_diagnostics(struct serial_writer *writer, struct moment *moment)
{
    static const char *const parts[] = {"battery", "motors", "lidar", "camera"};
    const size_t count = sizeof parts / sizeof *parts;
    put_u32(writer, moment->seq);
    put_time(writer, moment->stamp);
    put_string(writer, "");
    put_count(writer, count);
    for (size_t i = 0; i < count; i++) {
        bool warm = noise_between(&moment->noise, 0, 1) > 0.98;
        put_u8(writer, warm ? 1 : 0);
        put_frame(writer, moment, parts[i]);
        put_string(writer, warm ? "warm" : "OK");
        put_frame(writer, moment, "chassis");
        put_count(writer, 2);
        put_key_value(writer, "temperature (°C)", noise_between(&moment->noise, 30, 60));
        put_key_value(writer, "uptime (s)", moment->time);
    }
}

void write_string(struct serial_writer *writer, struct moment *moment)
{
    char text[64];
    (void)snprintf(text, sizeof text, "driving, %.1f m so far", moment->state->distance);
    put_string(writer, text);
}

void write_bool(struct serial_writer *writer, struct moment *moment)
{
    put_bool(writer, moment->seq % 20 == 19);
}

/* A counter that runs through its type's values; of the signed types through the negative ones
 * too. */
void write_8_bits(struct serial_writer *writer, struct moment *moment)
{
    put_u8(writer, (uint8_t)(moment->seq + moment->instance));
}

void write_16_bits(struct serial_writer *writer, struct moment *moment)
{
    put_u16(writer, (uint16_t)(moment->seq * 257U + moment->instance));
}

void write_32_bits(struct serial_writer *writer, struct moment *moment)
{
    put_u32(writer, moment->seq * UINT32_C(16843009) + moment->instance);
}

void write_64_bits(struct serial_writer *writer, struct moment *moment)
{
    put_u64(writer, noise_next(&moment->noise));
}

void write_float32(struct serial_writer *writer, struct moment *moment)
{
    put_float(writer, (float)(8.5 + noise_around_zero(&moment->noise, 0.4)));
}

void write_float64(struct serial_writer *writer, struct moment *moment)
{
    put_double(writer, moment->state->linear[0] + noise_around_zero(&moment->noise, 0.01));
}

void write_time(struct serial_writer *writer, struct moment *moment)
{
    put_time(writer, moment->stamp);
}

void write_empty(struct serial_writer *writer, struct moment *moment)
{
    (void)writer;
    (void)moment;
}

void write_color(struct serial_writer *writer, struct moment *moment)
{
    for (int i = 0; i < 3; i++)
        put_float(writer, (float)noise_between(&moment->noise, 0, 1));
    put_float(writer, 1.0f);
}

/* A std_msgs/MultiArrayLayout with one dimension, and the count of what follows. */
static void put_layout(struct serial_writer *writer, const char *label, uint32_t length)
{
    put_count(writer, 1);
    put_string(writer, label);
    put_u32(writer, length);
    put_u32(writer, length);
    put_u32(writer, 0);
    put_count(writer, length);
}

void write_float32_array(struct serial_writer *writer, struct moment *moment)
{
    put_layout(writer, "joint", ARRAY_LENGTH);
    for (int i = 0; i < ARRAY_LENGTH; i++)
        put_float(writer, (float)noise_around_zero(&moment->noise, 5.0));
}

void write_float64_array(struct serial_writer *writer, struct moment *moment)
{
    put_layout(writer, "joint", ARRAY_LENGTH);
    for (int i = 0; i < ARRAY_LENGTH; i++)
        put_double(writer, noise_around_zero(&moment->noise, 1.0));
}

void write_int32_array(struct serial_writer *writer, struct moment *moment)
{
    put_layout(writer, "joint", ARRAY_LENGTH);
    for (int i = 0; i < ARRAY_LENGTH; i++)
        put_u32(writer, (uint32_t)(int32_t)noise_around_zero(&moment->noise, 20000));
}

void write_uint8_array(struct serial_writer *writer, struct moment *moment)
{
    uint64_t frame = noise_next(&moment->noise);
    put_layout(writer, "byte", FRAME_LENGTH);
    put_bytes(writer, &frame, FRAME_LENGTH);
}
