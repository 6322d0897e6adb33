#include "message/json/decimal.h"

#include <string.h>

/* Moves the value up by one decimal place and adds `digit`; false where 64 bits do not hold it. */
static bool push_digit(uint64_t *value, unsigned digit)
{
    return !__builtin_mul_overflow(*value, 10, value) &&
           !__builtin_add_overflow(*value, digit, value);
}

/* The exponent as written behind 'e', bounded so that sums with it cannot overflow. */
static int64_t written_exponent(const char *text, const char *end)
{
    const int64_t bound = INT64_C(1) << 60;
    int64_t exponent = 0;
    bool negative = text < end && *text == '-';
    for (text += text < end && (*text == '-' || *text == '+'); text < end; text++)
        if (exponent < bound / 10)
            exponent = exponent * 10 + (*text - '0');
    return negative ? -exponent : exponent;
}

/* The general way, digit by digit: `place` is the power of ten that a digit stands for. */
static enum decimal_fit scale_text(const struct json_number *number, int scale, uint64_t *magnitude)
{
    const char *begin = number->text + number->negative;
    const char *end = number->text + number->length, *mantissa_end = begin, *point = NULL;
    for (; mantissa_end < end && *mantissa_end != 'e' && *mantissa_end != 'E'; mantissa_end++)
        if (*mantissa_end == '.')
            point = mantissa_end;
    int64_t place = (point ? point : mantissa_end) - begin - 1 + (int64_t)scale;
    if (mantissa_end < end)
        place += written_exponent(mantissa_end + 1, end);

    uint64_t value = 0;
    bool inexact = false, up = false;
    for (const char *at = begin; at < mantissa_end; at++) {
        if (at == point)
            continue;
        unsigned digit = (unsigned)(*at - '0');
        if (place >= 0 && !push_digit(&value, digit))
            return DECIMAL_TOO_LARGE;
        if (place == -1)
            up = digit >= 5;
        if (place < 0 && digit > 0)
            inexact = true;
        place--;
    }
    for (; place >= 0 && value > 0; place--)
        if (!push_digit(&value, 0))
            return DECIMAL_TOO_LARGE;
    if (up && __builtin_add_overflow(value, 1, &value))
        return DECIMAL_TOO_LARGE;
    *magnitude = value;
    return inexact ? DECIMAL_ROUNDED : DECIMAL_EXACT;
}

enum decimal_fit decimal_scale(const struct json_number *number, int scale, uint64_t *magnitude)
{
    if (!number->exact || number->exponent != -scale)
        return scale_text(number, scale, magnitude);
    *magnitude = number->mantissa;
    return DECIMAL_EXACT;
}

bool decimal_signed(bool negative, uint64_t magnitude, int64_t *value)
{
    if (magnitude > (uint64_t)INT64_MAX + negative)
        return false;
    *value = negative ? (int64_t)(0 - magnitude) : (int64_t)magnitude;
    return true;
}
