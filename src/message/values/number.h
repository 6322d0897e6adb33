/* Doubles and floats as text and back.
 *
 * The one C++ file outside src/rosc (number.cpp) is behind this header: std::to_chars and
 * std::from_chars where libstdc++ has them for floating point (11 and newer), else
 * double-conversion (KAFKA_BRIDGE_DOUBLE_CONVERSION, chosen by CMake). All functions: any thread,
 * no locale, no allocation.
 */
#ifndef KAFKA_BRIDGE_MESSAGE_VALUES_NUMBER_H
#define KAFKA_BRIDGE_MESSAGE_VALUES_NUMBER_H

#include "message/values/json_number.h"

#include <stdbool.h>
#include <stddef.h>

#define NUMBER_TEXT_SIZE 32 /* bytes that any of these texts needs at most, without NUL */

#ifdef __cplusplus
extern "C" {
#endif

/* Write the shortest text that reads back to the same bits, always with '.' or an exponent ("1.0",
 * "1e+22", "-0.0"), and return its length. The layout is that of Python's repr: an exponent below
 * 1e-4 and from 1e16 on (of a float from 1e9 on). `value` must be finite; `text` holds
 * NUMBER_TEXT_SIZE bytes and is not terminated. */
size_t number_write_double(double value, char *text);
size_t number_write_float(float value, char *text);

/* The same after rounding to `decimals` (0…17) decimal places, half to even on the exact value. */
size_t number_write_rounded(double value, int decimals, char *text);

/* Read a number as json_scan_number took it apart, correctly rounded. False where its magnitude
 * does not fit (underflow gives zero or a denormal: true). */
bool number_read_double(const struct json_number *number, double *value);
bool number_read_float(const struct json_number *number, float *value);

#ifdef __cplusplus
}
#endif

#endif
