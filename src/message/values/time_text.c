#include "message/values/time_text.h"

#include "message/values/integer.h"

#define BILLION       1000000000
#define MILLION       1000000
#define DAY_SECONDS   86400
#define ERA_DAYS      146097 /* 400 years */
#define EPOCH_ERA_DAY 719468 /* of 1970-01-01, counted from 0000-03-01 */

/* Division that rounds towards minus infinity; `*rest` is 0…divisor-1. */
static int64_t divide(int64_t value, int64_t divisor, int64_t *rest)
{
    int64_t quotient = value / divisor;
    *rest = value % divisor;
    if (*rest < 0) {
        *rest += divisor;
        quotient--;
    }
    return quotient;
}

static char *put(char *at, const char *text)
{
    size_t length = strlen(text);
    memcpy(at, text, length);
    return at + length;
}

static char *write_object(char *at, int64_t nanoseconds)
{
    int64_t rest = 0;
    int64_t seconds = divide(nanoseconds, BILLION, &rest);
    at = integer_write_signed(put(at, "{\"secs\":"), seconds);
    at = integer_write_signed(put(at, ",\"nsecs\":"), rest);
    return put(at, "}");
}

static char *write_seconds(char *at, int64_t nanoseconds)
{
    uint64_t magnitude = (uint64_t)nanoseconds;
    if (nanoseconds < 0) {
        *at++ = '-';
        magnitude = 0 - magnitude;
    }
    at = integer_write_unsigned(at, magnitude / BILLION);
    *at++ = '.';
    at = integer_write_padded(at, magnitude % BILLION, 9);
    while (at[-1] == '0' && at[-2] != '.')
        at--;
    return at;
}

/* The civil date of a day since 1970-01-01, years beginning in March so that the leap day is last
 * (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days). */
static char *write_date(char *at, int64_t day)
{
    int64_t day_of_era = 0;
    int64_t era = divide(day + EPOCH_ERA_DAY, ERA_DAYS, &day_of_era);
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month = (5 * day_of_year + 2) / 153; /* 0: March */
    int64_t day_of_month = day_of_year - (153 * month + 2) / 5 + 1;
    int64_t year = year_of_era + era * 400 + (month >= 10 ? 1 : 0);
    at = integer_write_padded(at, (uint64_t)year, 4);
    *at++ = '-';
    at = integer_write_padded(at, (uint64_t)(month < 10 ? month + 3 : month - 9), 2);
    *at++ = '-';
    return integer_write_padded(at, (uint64_t)day_of_month, 2);
}

static char *write_iso8601(char *at, int64_t nanoseconds)
{
    int64_t fraction = 0;
    int64_t second = 0;
    int64_t seconds = divide(nanoseconds, BILLION, &fraction);
    int64_t day = divide(seconds, DAY_SECONDS, &second);
    *at++ = '"';
    at = write_date(at, day);
    *at++ = 'T';
    at = integer_write_padded(at, (uint64_t)(second / 3600), 2);
    *at++ = ':';
    at = integer_write_padded(at, (uint64_t)(second / 60 % 60), 2);
    *at++ = ':';
    at = integer_write_padded(at, (uint64_t)(second % 60), 2);
    *at++ = '.';
    at = integer_write_padded(at, (uint64_t)fraction, 9);
    return put(at, "Z\"");
}

char *time_text_write(char *at, int64_t nanoseconds, enum time_form form)
{
    int64_t rest = 0;
    switch (form) {
    case TIME_OBJECT:
        return write_object(at, nanoseconds);
    case TIME_SECONDS:
        return write_seconds(at, nanoseconds);
    case TIME_MILLISECONDS:
        return integer_write_signed(at, divide(nanoseconds, MILLION, &rest));
    case TIME_NANOSECONDS:
        return integer_write_signed(at, nanoseconds);
    case TIME_ISO8601:
        return write_iso8601(at, nanoseconds);
    }
    return at;
}
