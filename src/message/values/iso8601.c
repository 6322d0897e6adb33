#include "message/values/iso8601.h"

struct cursor {
    const char *at;
    const char *end;
};

/* Takes exactly `count` digits as a number. */
static bool take_number(struct cursor *cursor, int count, int *value)
{
    *value = 0;
    for (int i = 0; i < count; i++) {
        if (cursor->at == cursor->end || *cursor->at < '0' || *cursor->at > '9')
            return false;
        *value = *value * 10 + (*cursor->at++ - '0');
    }
    return true;
}

/* Takes one of the characters of `set`; '\0' where another stands there. */
static char take_one(struct cursor *cursor, const char *set)
{
    for (; cursor->at < cursor->end && *set != '\0'; set++)
        if (*cursor->at == *set)
            return *cursor->at++;
    return '\0';
}

/* Days from 1970-01-01 in the Gregorian calendar: years begin in March, so that the leap day is the
 * last of its year. */
static int64_t days_since_epoch(int year, int month, int day)
{
    int64_t y = month > 2 ? year : year - 1;
    int64_t m = month > 2 ? month - 3 : month + 9;
    int64_t century = y >= 0 ? y / 100 : -1;
    return 365 * y + (y >= 0 ? y / 4 : -1) - century + (century >= 0 ? century / 4 : -1) +
           (153 * m + 2) / 5 + day - 1 - 719468;
}

static bool take_date(struct cursor *cursor, int64_t *days)
{
    static const int LENGTHS[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int year, month, day;
    if (!take_number(cursor, 4, &year) || !take_one(cursor, "-") ||
        !take_number(cursor, 2, &month) || !take_one(cursor, "-") || !take_number(cursor, 2, &day))
        return false;
    if (month < 1 || month > 12 || day < 1 || day > LENGTHS[month - 1])
        return false;
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    if (month == 2 && day == 29 && !leap)
        return false;
    *days = days_since_epoch(year, month, day);
    return true;
}

/* Takes HH:MM:SS and a fraction; `*nsecs` may come out as 1000000000 where the fraction rounds up.
 */
static bool take_time(struct cursor *cursor, int64_t *secs, uint32_t *nsecs)
{
    int hour, minute, second;
    if (!take_number(cursor, 2, &hour) || !take_one(cursor, ":") ||
        !take_number(cursor, 2, &minute) || !take_one(cursor, ":") ||
        !take_number(cursor, 2, &second) || hour > 23 || minute > 59 || second > 60)
        return false;
    *secs = ((int64_t)hour * 60 + minute) * 60 + second;
    *nsecs = 0;
    if (!take_one(cursor, ".,"))
        return true;
    int digits = 0, digit;
    for (; take_number(cursor, 1, &digit); digits++) {
        if (digits < 9)
            *nsecs = *nsecs * 10 + (uint32_t)digit;
        else if (digits == 9 && digit >= 5)
            ++*nsecs;
    }
    for (int i = digits; i < 9; i++)
        *nsecs *= 10;
    return digits > 0;
}

/* Takes 'Z' or an offset: the seconds that local time is ahead of UTC. */
static bool take_offset(struct cursor *cursor, int64_t *offset)
{
    int hours, minutes = 0;
    *offset = 0;
    if (take_one(cursor, "Zz"))
        return true;
    char sign = take_one(cursor, "+-");
    if (!sign || !take_number(cursor, 2, &hours))
        return false;
    bool colon = take_one(cursor, ":") != '\0';
    if ((colon || cursor->at < cursor->end) && !take_number(cursor, 2, &minutes))
        return false;
    *offset = ((int64_t)hours * 60 + minutes) * 60;
    if (sign == '-')
        *offset = -*offset;
    return hours < 24 && minutes < 60;
}

bool iso8601_read(const char *text, size_t length, int64_t *secs, uint32_t *nsecs,
                  const char **expect)
{
    struct cursor cursor = {text, text + length};
    int64_t days, clock, offset;
    *expect = "a date and time as 2024-02-29T23:59:59.999Z";
    if (!take_date(&cursor, &days) || !take_one(&cursor, "Tt ") ||
        !take_time(&cursor, &clock, nsecs))
        return false;
    *expect = "Z or an offset as +02:00 behind the time";
    if (!take_offset(&cursor, &offset) || cursor.at != cursor.end)
        return false;
    *secs = days * 86400 + clock - offset;
    if (*nsecs == 1000000000) {
        ++*secs;
        *nsecs = 0;
    }
    return true;
}
