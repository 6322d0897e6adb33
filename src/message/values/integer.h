/* Integers as decimal text, at the speed of a message's hot path. Any thread. */
#ifndef KAFKA_BRIDGE_MESSAGE_VALUES_INTEGER_H
#define KAFKA_BRIDGE_MESSAGE_VALUES_INTEGER_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define INTEGER_TEXT_SIZE 20 /* bytes that any 64-bit integer needs at most, with its sign */

#ifdef __cplusplus
extern "C" {
#endif

/* "000102…99" */
extern const char integer_pairs[200];

/* Writes `value` in exactly `digits` digits, zeros in front; returns the end. */
static inline char *integer_write_padded(char *text, uint64_t value, unsigned digits)
{
    char *at = text + digits;
    while (at - text >= 2) {
        at -= 2;
        memcpy(at, integer_pairs + 2 * (value % 100), 2);
        value /= 100;
    }
    if (at > text)
        *text = (char)('0' + value % 10);
    return text + digits;
}

static inline unsigned integer_digits(uint64_t value)
{
    unsigned digits = 1;
    for (;;) {
        if (value < 10)
            return digits;
        if (value < 100)
            return digits + 1;
        if (value < 1000)
            return digits + 2;
        if (value < 10000)
            return digits + 3;
        value /= 10000;
        digits += 4;
    }
}

/* Write `value` and return the end; INTEGER_TEXT_SIZE bytes are enough, no NUL is written. */
static inline char *integer_write_unsigned(char *text, uint64_t value)
{
    if (value < 10) {
        *text = (char)('0' + value);
        return text + 1;
    }
    return integer_write_padded(text, value, integer_digits(value));
}

static inline char *integer_write_signed(char *text, int64_t value)
{
    uint64_t magnitude = (uint64_t)value;
    if (value < 0) {
        *text++ = '-';
        magnitude = 0 - magnitude;
    }
    return integer_write_unsigned(text, magnitude);
}

#ifdef __cplusplus
}
#endif

#endif
