#include "message/definitions/constant.h"

#include <string.h>
#include <strings.h>

static size_t count_digits(const char *text, size_t length)
{
    size_t count = 0;
    while (count < length && text[count] >= '0' && text[count] <= '9')
        count++;
    return count;
}

static bool has_sign(const char *text, size_t length)
{
    return length > 0 && (text[0] == '+' || text[0] == '-');
}

/* `positive` and `negative` are the largest magnitudes of either sign. */
static enum error_code check_integer(const char *text, size_t length, uint64_t positive,
                                     uint64_t negative)
{
    size_t sign = has_sign(text, length) ? 1 : 0;
    if (length == sign || count_digits(text + sign, length - sign) != length - sign)
        return ERROR_SYNTAX;
    uint64_t limit = sign > 0 && text[0] == '-' ? negative : positive;
    uint64_t value = 0;
    for (size_t i = sign; i < length; i++) {
        uint64_t digit = (uint64_t)(text[i] - '0');
        if (digit > limit || value > (limit - digit) / 10)
            return ERROR_RANGE;
        value = value * 10 + digit;
    }
    return ERROR_NONE;
}

static bool is_word(const char *text, size_t length, const char *word)
{
    return strlen(word) == length && strncasecmp(text, word, length) == 0;
}

static enum error_code check_float(const char *text, size_t length)
{
    size_t i = has_sign(text, length) ? 1 : 0;
    if (is_word(text + i, length - i, "inf") || is_word(text + i, length - i, "infinity") ||
        is_word(text + i, length - i, "nan"))
        return ERROR_NONE;
    size_t whole = count_digits(text + i, length - i);
    i += whole;
    size_t fraction = 0;
    if (i < length && text[i] == '.') {
        i++;
        fraction = count_digits(text + i, length - i);
        i += fraction;
    }
    if (whole + fraction == 0)
        return ERROR_SYNTAX;
    if (i < length && (text[i] == 'e' || text[i] == 'E')) {
        i++;
        i += has_sign(text + i, length - i) ? 1 : 0;
        size_t exponent = count_digits(text + i, length - i);
        if (exponent == 0)
            return ERROR_SYNTAX;
        i += exponent;
    }
    return i == length ? ERROR_NONE : ERROR_SYNTAX;
}

static enum error_code check_bool(const char *text, size_t length)
{
    if ((length == 4 && memcmp(text, "True", 4) == 0) ||
        (length == 5 && memcmp(text, "False", 5) == 0))
        return ERROR_NONE;
    return check_integer(text, length, UINT64_MAX, UINT64_MAX);
}

enum error_code constant_check(enum field_kind kind, const char *text, size_t length)
{
    switch (kind) {
    case KIND_BOOL:
        return check_bool(text, length);
    case KIND_INT8:
        return check_integer(text, length, INT8_MAX, (uint64_t)INT8_MAX + 1);
    case KIND_UINT8:
        return check_integer(text, length, UINT8_MAX, 0);
    case KIND_INT16:
        return check_integer(text, length, INT16_MAX, (uint64_t)INT16_MAX + 1);
    case KIND_UINT16:
        return check_integer(text, length, UINT16_MAX, 0);
    case KIND_INT32:
        return check_integer(text, length, INT32_MAX, (uint64_t)INT32_MAX + 1);
    case KIND_UINT32:
        return check_integer(text, length, UINT32_MAX, 0);
    case KIND_INT64:
        return check_integer(text, length, INT64_MAX, (uint64_t)INT64_MAX + 1);
    case KIND_UINT64:
        return check_integer(text, length, UINT64_MAX, 0);
    case KIND_FLOAT32:
    case KIND_FLOAT64:
        return check_float(text, length);
    case KIND_STRING:
        return ERROR_NONE;
    case KIND_TIME:
    case KIND_DURATION:
    case KIND_MESSAGE:
        break;
    }
    return ERROR_TYPE;
}
