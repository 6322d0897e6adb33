/* Exact arithmetic on a JSON number's digits, for the values that must not pass through a double:
 * 64-bit integers and times.
 */
#ifndef KAFKA_BRIDGE_MESSAGE_JSON_DECIMAL_H
#define KAFKA_BRIDGE_MESSAGE_JSON_DECIMAL_H

#include "message/json/json_scan.h"

enum decimal_fit {
    DECIMAL_EXACT,     /* the magnitude is the value, all of it */
    DECIMAL_ROUNDED,   /* the value has a fraction: rounded to the nearest, halves away from zero */
    DECIMAL_TOO_LARGE, /* beyond 64 bits: the magnitude means nothing */
};

/* Makes |number| · 10^scale an integer. */
enum decimal_fit decimal_scale(const struct json_number *number, int scale, uint64_t *magnitude);

/* The value of `±magnitude` as a signed number; false where int64 cannot hold it. */
bool decimal_signed(bool negative, uint64_t magnitude, int64_t *value);

#endif
