#include "message/values/number.h"

#include "message/values/integer.h"

#include <cfloat>
#include <cmath>
#include <cstdint>
#include <cstring>

#ifdef KAFKA_BRIDGE_DOUBLE_CONVERSION
#include <double-conversion/double-conversion.h>
#else
#include <charconv>
#endif

/* What follows counts on every operation being rounded once (on i386: -msse2 -mfpmath=sse). */
static_assert(FLT_EVAL_METHOD == 0, "floating point must be evaluated in its own precision");

namespace
{

const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                         1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
const int exact_powers = 22;       /* 10^22 is the largest that a double holds exactly */
const int exact_float_powers = 10; /* and 10^10 of a float */

const uint64_t integer_powers[] = {1ULL,
                                   10ULL,
                                   100ULL,
                                   1000ULL,
                                   10000ULL,
                                   100000ULL,
                                   1000000ULL,
                                   10000000ULL,
                                   100000000ULL,
                                   1000000000ULL,
                                   10000000000ULL,
                                   100000000000ULL,
                                   1000000000000ULL,
                                   10000000000000ULL,
                                   100000000000000ULL,
                                   1000000000000000ULL,
                                   10000000000000000ULL,
                                   100000000000000000ULL};
const int decimals_limit = 17;

/* Fixed notation is for magnitudes from 1e-4 up to these, as Python's repr has it; whole floats
 * have up to nine digits. */
const double fixed_low = 1e-4;
const double fixed_high = 1e16;
const float fixed_high_float = 1e9F;

/* Writes `whole`, '.' and the `decimals` digits of `fraction` without zeros at the end. */
char *write_decimal(char *text, uint64_t whole, uint64_t fraction, unsigned decimals)
{
    text = integer_write_unsigned(text, whole);
    *text++ = '.';
    if (fraction == 0) {
        *text++ = '0';
        return text;
    }
    text = integer_write_padded(text, fraction, decimals);
    while (text[-1] == '0')
        text--;
    return text;
}

#ifdef KAFKA_BRIDGE_DOUBLE_CONVERSION

const int text_flags = double_conversion::DoubleToStringConverter::EMIT_POSITIVE_EXPONENT_SIGN |
                       double_conversion::DoubleToStringConverter::EMIT_TRAILING_DECIMAL_POINT |
                       double_conversion::DoubleToStringConverter::EMIT_TRAILING_ZERO_AFTER_POINT;

/* An exponent has two digits at least, as C and std::to_chars write it. */
size_t widen_exponent(char *text, size_t length)
{
    if (length < 3 || text[length - 3] != 'e')
        return length;
    text[length] = text[length - 1];
    text[length - 1] = '0';
    return length + 1;
}

char *write_shortest(char *text, double magnitude)
{
    const double_conversion::DoubleToStringConverter converter(text_flags, "", "", 'e', -4, 16, 0,
                                                               0);
    char scratch[2 * NUMBER_TEXT_SIZE];
    double_conversion::StringBuilder builder(scratch, sizeof scratch);
    converter.ToShortest(magnitude, &builder);
    size_t length = widen_exponent(scratch, static_cast<size_t>(builder.position()));
    std::memcpy(text, scratch, length);
    builder.Reset();
    builder.Finalize();
    return text + length;
}

char *write_shortest(char *text, float magnitude)
{
    const double_conversion::DoubleToStringConverter converter(text_flags, "", "", 'e', -4, 9, 0,
                                                               0);
    char scratch[2 * NUMBER_TEXT_SIZE];
    double_conversion::StringBuilder builder(scratch, sizeof scratch);
    converter.ToShortestSingle(magnitude, &builder);
    size_t length = widen_exponent(scratch, static_cast<size_t>(builder.position()));
    std::memcpy(text, scratch, length);
    builder.Reset();
    builder.Finalize();
    return text + length;
}

bool read_general(const char *text, size_t length, double *value)
{
    const double_conversion::StringToDoubleConverter converter(
        double_conversion::StringToDoubleConverter::NO_FLAGS, 0.0, 0.0, nullptr, nullptr);
    int processed = 0;
    *value = converter.StringToDouble(text, static_cast<int>(length), &processed);
    return static_cast<size_t>(processed) == length && std::isfinite(*value);
}

bool read_general(const char *text, size_t length, float *value)
{
    const double_conversion::StringToDoubleConverter converter(
        double_conversion::StringToDoubleConverter::NO_FLAGS, 0.0, 0.0, nullptr, nullptr);
    int processed = 0;
    *value = converter.StringToFloat(text, static_cast<int>(length), &processed);
    return static_cast<size_t>(processed) == length && std::isfinite(*value);
}

#else

template <typename Real> char *write_chars(char *text, Real magnitude, Real high)
{
    const bool fixed = magnitude >= static_cast<Real>(fixed_low) && magnitude < high;
    return std::to_chars(text, text + NUMBER_TEXT_SIZE, magnitude,
                         fixed ? std::chars_format::fixed : std::chars_format::scientific)
        .ptr;
}

char *write_shortest(char *text, double magnitude)
{
    return write_chars(text, magnitude, fixed_high);
}

char *write_shortest(char *text, float magnitude)
{
    return write_chars(text, magnitude, fixed_high_float);
}

/* Whether a number that no Real holds is too large; else it is too small. */
bool is_large(const char *text, const char *end)
{
    long point = 0;
    bool seen = false;
    bool behind = false;
    const char *at = text;
    for (; at < end && *at != 'e' && *at != 'E'; at++) {
        if (*at == '.')
            behind = true;
        else if (*at > '0' || (*at == '0' && seen)) {
            seen = true;
            point += behind ? 0 : 1;
        } else if (*at == '0' && behind)
            point--;
    }
    if (!seen)
        return false;
    long exponent = 0;
    bool negative = false;
    for (at += at < end ? 1 : 0; at < end; at++) {
        if (*at == '-')
            negative = true;
        else if (*at != '+' && exponent < 1000000000)
            exponent = exponent * 10 + (*at - '0');
    }
    return point + (negative ? -exponent : exponent) > 0;
}

template <typename Real> bool read_general(const char *text, size_t length, Real *value)
{
    const auto result = std::from_chars(text, text + length, *value);
    if (result.ec == std::errc())
        return result.ptr == text + length && std::isfinite(*value);
    if (result.ec != std::errc::result_out_of_range || is_large(text, text + length))
        return false;
    *value = *text == '-' ? static_cast<Real>(-0.0) : static_cast<Real>(0.0);
    return true;
}

#endif

/* The value where a product or quotient of two numbers that the type holds exactly is it: one
 * rounding, hence the right one (W. D. Clinger, "How to read floating point numbers accurately",
 * PLDI 1990). Most numbers in messages are so short. */
template <typename Real>
bool read_short(const json_number &number, uint64_t mantissa_limit, int exponent_limit, Real *value)
{
    if (!number.exact || number.mantissa > mantissa_limit || number.exponent < -exponent_limit ||
        number.exponent > exponent_limit)
        return false;
    const Real mantissa = static_cast<Real>(number.mantissa);
    const Real power =
        static_cast<Real>(powers[number.exponent < 0 ? -number.exponent : number.exponent]);
    const Real magnitude = number.exponent < 0 ? mantissa / power : mantissa * power;
    *value = number.negative ? -magnitude : magnitude;
    return true;
}

/* Python's round() for magnitudes that the fast way does not take: `product` is
 * magnitude × 10^decimals rounded, below 2^55. */
size_t write_rounded_large(double value, double magnitude, int decimals, double product, char *text)
{
    double rest = std::fma(magnitude, powers[decimals], -product); /* exact */
    double floor = std::floor(product);
    double fraction = product - floor;
    uint64_t rounded = static_cast<uint64_t>(floor);
    double whole_rest = std::floor(fraction + rest);
    /* Exact: the product has at most 93 bits, of which the lowest is not below 2^-44. */
    double above = (fraction - whole_rest) + rest;
    rounded =
        static_cast<uint64_t>(static_cast<int64_t>(rounded) + static_cast<int64_t>(whole_rest));
    if (above > 0.5 || (above == 0.5 && (rounded & 1) != 0))
        rounded++;
    if (rounded < (1ULL << 53)) {
        double result = static_cast<double>(rounded) / powers[decimals];
        return number_write_double(std::signbit(value) ? -result : result, text);
    }
    char digits[2 * NUMBER_TEXT_SIZE];
    char *at = digits;
    if (std::signbit(value))
        *at++ = '-';
    at = write_decimal(at, rounded / integer_powers[decimals], rounded % integer_powers[decimals],
                       static_cast<unsigned>(decimals));
    double result = value;
    (void)read_general(digits, static_cast<size_t>(at - digits), &result);
    return number_write_double(result, text);
}

} // namespace

extern "C" size_t number_write_double(double value, char *text)
{
    char *at = text;
    double magnitude = value;
    if (std::signbit(value)) {
        *at++ = '-';
        magnitude = -value;
    }
    if (magnitude < fixed_high) {
        /* Whole numbers up to 16 digits: no shorter text reads back to the same bits. */
        const uint64_t whole = static_cast<uint64_t>(magnitude);
        if (static_cast<double>(whole) == magnitude) {
            at = integer_write_unsigned(at, whole);
            std::memcpy(at, ".0", 2);
            return static_cast<size_t>(at + 2 - text);
        }
        /* At most 15 significant digits, six of them decimals: two such texts never read to the
         * same double, so this one is the shortest. The division is rounded correctly. */
        if (magnitude >= fixed_low && magnitude < 999999999.0) {
            /* NOLINTNEXTLINE(bugprone-incorrect-roundings): the comparison decides */
            const uint64_t scaled = static_cast<uint64_t>(magnitude * 1e6 + 0.5);
            if (static_cast<double>(scaled) / 1e6 == magnitude) {
                at = write_decimal(at, scaled / 1000000, scaled % 1000000, 6);
                return static_cast<size_t>(at - text);
            }
        }
    }
    return static_cast<size_t>(write_shortest(at, magnitude) - text);
}

extern "C" size_t number_write_float(float value, char *text)
{
    char *at = text;
    float magnitude = value;
    if (std::signbit(value)) {
        *at++ = '-';
        magnitude = -value;
    }
    if (magnitude < fixed_high_float) {
        const uint64_t whole = static_cast<uint64_t>(magnitude);
        if (static_cast<float>(whole) == magnitude) {
            at = integer_write_unsigned(at, whole);
            std::memcpy(at, ".0", 2);
            return static_cast<size_t>(at + 2 - text);
        }
        /* As above: six significant digits, three of them decimals, never read to the same float.
         */
        if (magnitude >= 1e-3F && magnitude < 999.0F) {
            /* NOLINTNEXTLINE(bugprone-incorrect-roundings): the comparison decides */
            const uint32_t scaled = static_cast<uint32_t>(magnitude * 1e3F + 0.5F);
            if (static_cast<float>(scaled) / 1e3F == magnitude) {
                at = write_decimal(at, scaled / 1000, scaled % 1000, 3);
                return static_cast<size_t>(at - text);
            }
        }
    }
    return static_cast<size_t>(write_shortest(at, magnitude) - text);
}

extern "C" size_t number_write_rounded(double value, int decimals, char *text)
{
    const double magnitude = std::fabs(value);
    if (decimals < 0 || decimals > decimals_limit)
        return number_write_double(value, text);
    const double product = magnitude * powers[decimals];
    /* From 2^55 on the nearest double of the rounded value is the value itself. */
    if (product >= 36028797018963968.0)
        return number_write_double(value, text);
    if (product >= 999999999999999.0)
        return write_rounded_large(value, magnitude, decimals, product, text);

    /* The exact product is product + rest with |rest| at most half a unit in the last place, and
     * 1/2 is a multiple of that unit: only an exact tie needs the rest. */
    uint64_t rounded = static_cast<uint64_t>(product);
    const double fraction = product - static_cast<double>(rounded);
    if (fraction > 0.5) {
        rounded++;
    } else if (fraction == 0.5) {
        const double rest = std::fma(magnitude, powers[decimals], -product);
        if (rest > 0.0 || (rest == 0.0 && (rounded & 1) != 0))
            rounded++;
    }
    if (decimals > 4 && rounded > 0 && rounded < integer_powers[decimals - 4]) {
        const double small = static_cast<double>(rounded) / powers[decimals];
        return number_write_double(std::signbit(value) ? -small : small, text);
    }
    char *at = text;
    if (std::signbit(value))
        *at++ = '-';
    const uint64_t power = integer_powers[decimals];
    const uint64_t whole = decimals == 5 ? rounded / 100000 : rounded / power;
    at = write_decimal(at, whole, rounded - whole * power, static_cast<unsigned>(decimals));
    return static_cast<size_t>(at - text);
}

extern "C" bool number_read_double(const struct json_number *number, double *value)
{
    return read_short(*number, 1ULL << DBL_MANT_DIG, exact_powers, value) ||
           read_general(number->text, number->length, value);
}

extern "C" bool number_read_float(const struct json_number *number, float *value)
{
    return read_short(*number, 1ULL << FLT_MANT_DIG, exact_float_powers, value) ||
           read_general(number->text, number->length, value);
}
