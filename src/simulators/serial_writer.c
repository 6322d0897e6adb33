#include "simulators/serial_writer.h"

void put_bytes(struct serial_writer *writer, const void *bytes, size_t size)
{
    if (writer->code == ERROR_NONE)
        writer->code = buffer_append(writer->out, bytes, size);
}

void put_bool(struct serial_writer *writer, bool value)
{
    put_u8(writer, value ? 1 : 0);
}

void put_u8(struct serial_writer *writer, uint8_t value)
{
    put_bytes(writer, &value, 1);
}

/* The lowest `size` bytes of `value`, lowest first. */
static void put_integer(struct serial_writer *writer, uint64_t value, size_t size)
{
    uint8_t bytes[8];
    for (size_t i = 0; i < size; i++)
        bytes[i] = (uint8_t)(value >> (8 * i));
    put_bytes(writer, bytes, size);
}

void put_u16(struct serial_writer *writer, uint16_t value)
{
    put_integer(writer, value, 2);
}

void put_u32(struct serial_writer *writer, uint32_t value)
{
    put_integer(writer, value, 4);
}

void put_u64(struct serial_writer *writer, uint64_t value)
{
    put_integer(writer, value, 8);
}

void put_float(struct serial_writer *writer, float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    put_u32(writer, bits);
}

void put_double(struct serial_writer *writer, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    put_u64(writer, bits);
}

void put_count(struct serial_writer *writer, size_t count)
{
    if (count > UINT32_MAX && writer->code == ERROR_NONE)
        writer->code = ERROR_LIMIT;
    put_u32(writer, (uint32_t)count);
}

void put_string(struct serial_writer *writer, const char *text)
{
    size_t length = strlen(text);
    put_count(writer, length);
    put_bytes(writer, text, length);
}

void put_doubles(struct serial_writer *writer, const double *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        put_double(writer, values[i]);
}

void put_repeated_double(struct serial_writer *writer, double value, size_t count)
{
    for (size_t i = 0; i < count; i++)
        put_double(writer, value);
}

void put_diagonal(struct serial_writer *writer, const double *diagonal, size_t size)
{
    for (size_t row = 0; row < size; row++)
        for (size_t column = 0; column < size; column++)
            put_double(writer, row == column ? diagonal[row] : 0.0);
}

void put_time(struct serial_writer *writer, int64_t nanoseconds)
{
    put_u32(writer, (uint32_t)(nanoseconds / 1000000000));
    put_u32(writer, (uint32_t)(nanoseconds % 1000000000));
}
