/* Writes the serialized bytes of ROS 1 messages, value after value, into a buffer.
 *
 * Little endian; strings and variable arrays carry a uint32 count first (source: the ROS wiki's
 * msg page and roscpp's serialization). The first failure sticks: later calls do nothing, and the
 * caller asks once, at the end. One thread.
 */
#ifndef KAFKA_BRIDGE_SIMULATORS_SERIAL_WRITER_H
#define KAFKA_BRIDGE_SIMULATORS_SERIAL_WRITER_H

#include "base/buffer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct serial_writer {
    struct buffer *out;   /* borrowed; appended to */
    enum error_code code; /* ERROR_NONE, ERROR_LIMIT or ERROR_MEMORY */
};

static inline void serial_writer_init(struct serial_writer *writer, struct buffer *out)
{
    *writer = (struct serial_writer){.out = out, .code = ERROR_NONE};
}

void put_bytes(struct serial_writer *writer, const void *bytes, size_t size);
void put_bool(struct serial_writer *writer, bool value);
void put_u8(struct serial_writer *writer, uint8_t value);
void put_u16(struct serial_writer *writer, uint16_t value);
void put_u32(struct serial_writer *writer, uint32_t value);
void put_u64(struct serial_writer *writer, uint64_t value);
void put_float(struct serial_writer *writer, float value);
void put_double(struct serial_writer *writer, double value);

/* Also the count of a variable array: ERROR_LIMIT above what a uint32 holds. */
void put_count(struct serial_writer *writer, size_t count);
void put_string(struct serial_writer *writer, const char *text);

/* `count` values without a count of their own: fixed arrays. */
void put_doubles(struct serial_writer *writer, const double *values, size_t count);
/* The same value `count` times. */
void put_repeated_double(struct serial_writer *writer, double value, size_t count);
/* A square matrix, row by row, with `diagonal` and zeros. */
void put_diagonal(struct serial_writer *writer, const double *diagonal, size_t size);

/* `nanoseconds` (not negative) as secs and nsecs: time and duration. */
void put_time(struct serial_writer *writer, int64_t nanoseconds);

#endif
