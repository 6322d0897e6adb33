/* A number in a JSON text, taken apart by json_scan_number. */
#ifndef KAFKA_BRIDGE_MESSAGE_VALUES_JSON_NUMBER_H
#define KAFKA_BRIDGE_MESSAGE_VALUES_JSON_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Its text, and its value as far as it fits: ±mantissa · 10^exponent. */
struct json_number {
    const char *text;
    size_t length;
    bool negative;
    bool exact; /* the mantissa holds every digit and the exponent is right */
    uint64_t mantissa;
    int exponent;
};

#endif
