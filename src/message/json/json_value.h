/* Single values as JSON, inlined into the loops of json_write.c. Private to it. */
#ifndef KAFKA_BRIDGE_MESSAGE_JSON_JSON_VALUE_H
#define KAFKA_BRIDGE_MESSAGE_JSON_JSON_VALUE_H

#include "message/json/json_write.h"
#include "message/values/bytes.h"
#include "message/values/integer.h"
#include "message/values/number.h"

#include <math.h>
#include <string.h>

static inline char *json_value_bool(char *at, bool value)
{
    if (value) {
        memcpy(at, "true", 4);
        return at + 4;
    }
    memcpy(at, "false", 5);
    return at + 5;
}

static inline char *json_value_not_finite(char *at, double value, const struct json_style *style,
                                          struct to_json_counts *counts)
{
    const char *text = "null";
    if (style->options.non_finite_as_string)
        text = isnan(value) ? "\"NaN\"" : value > 0 ? "\"Infinity\"" : "\"-Infinity\"";
    else
        counts->non_finite++;
    size_t length = strlen(text);
    memcpy(at, text, length);
    return at + length;
}

static inline char *json_value_double(char *at, const uint8_t *bytes,
                                      const struct json_style *style, struct to_json_counts *counts)
{
    double value = bytes_double(bytes);
    if (bytes_u64(bytes) == 0) {
        memcpy(at, "0.0", 3);
        return at + 3;
    }
    if (!isfinite(value))
        return json_value_not_finite(at, value, style, counts);
    if (style->precision != JSON_EVERY_DIGIT)
        return at + number_write_rounded(value, style->precision, at);
    return at + number_write_double(value, at);
}

static inline char *json_value_float(char *at, const uint8_t *bytes, const struct json_style *style,
                                     struct to_json_counts *counts)
{
    float value = bytes_float(bytes);
    if (bytes_u32(bytes) == 0) {
        memcpy(at, "0.0", 3);
        return at + 3;
    }
    if (!isfinite(value))
        return json_value_not_finite(at, (double)value, style, counts);
    if (style->precision != JSON_EVERY_DIGIT)
        return at + number_write_rounded((double)value, style->precision, at);
    return at + number_write_float(value, at);
}

static inline char *json_value_time(char *at, const uint8_t *bytes)
{
    memcpy(at, "{\"secs\":", 8);
    at = integer_write_unsigned(at + 8, bytes_u32(bytes));
    memcpy(at, ",\"nsecs\":", 9);
    at = integer_write_unsigned(at + 9, bytes_u32(bytes + 4));
    *at = '}';
    return at + 1;
}

static inline char *json_value_duration(char *at, const uint8_t *bytes)
{
    memcpy(at, "{\"secs\":", 8);
    at = integer_write_signed(at + 8, (int32_t)bytes_u32(bytes));
    memcpy(at, ",\"nsecs\":", 9);
    at = integer_write_signed(at + 9, (int32_t)bytes_u32(bytes + 4));
    *at = '}';
    return at + 1;
}

/* One value of `kind`; with a constant kind the switch is gone. */
static inline __attribute__((always_inline)) char *json_value(char *at, enum field_kind kind,
                                                              const uint8_t *bytes,
                                                              const struct json_style *style,
                                                              struct to_json_counts *counts)
{
    switch (kind) {
    case KIND_BOOL:
        return json_value_bool(at, *bytes != 0);
    case KIND_INT8:
        return integer_write_signed(at, (int8_t)*bytes);
    case KIND_UINT8:
        return integer_write_unsigned(at, *bytes);
    case KIND_INT16:
        return integer_write_signed(at, (int16_t)bytes_u16(bytes));
    case KIND_UINT16:
        return integer_write_unsigned(at, bytes_u16(bytes));
    case KIND_INT32:
        return integer_write_signed(at, (int32_t)bytes_u32(bytes));
    case KIND_UINT32:
        return integer_write_unsigned(at, bytes_u32(bytes));
    case KIND_INT64:
        return integer_write_signed(at, (int64_t)bytes_u64(bytes));
    case KIND_UINT64:
        return integer_write_unsigned(at, bytes_u64(bytes));
    case KIND_FLOAT32:
        return json_value_float(at, bytes, style, counts);
    case KIND_FLOAT64:
        return json_value_double(at, bytes, style, counts);
    case KIND_TIME:
        return json_value_time(at, bytes);
    case KIND_DURATION:
        return json_value_duration(at, bytes);
    case KIND_STRING:
    case KIND_MESSAGE:
        break;
    }
    return at;
}

#endif
