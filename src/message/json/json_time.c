/* Times and durations: objects of two numbers, and the forms that a mapping may choose. No value
 * passes through a double. */
#include "message/json/json_reader.h"

#include "message/json/decimal.h"
#include "message/values/iso8601.h"

#include <string.h>

#define NSECS_PER_SEC 1000000000

/* The two parts as they go on the wire; of a duration in two's complement. */
struct time_parts {
    uint64_t secs;
    uint64_t nsecs;
};

static enum error_code write_parts(struct json_reader *reader, const struct time_parts *parts)
{
    return json_write_bytes(reader, (parts->secs & UINT32_MAX) | (parts->nsecs & UINT32_MAX) << 32,
                            8);
}

static enum error_code fail_range(const struct json_reader *reader, const struct field *field,
                                  size_t position)
{
    return json_reader_fail_found(
        reader, ERROR_RANGE, position, "%s takes %s seconds", field->type_text,
        field->kind == KIND_TIME ? "0…4294967295" : "-2147483648…2147483647");
}

/* --- {"secs":1,"nsecs":2} --------------------------------------------------------------------- */

/* The part that a member is: 0 for seconds, 1 for nanoseconds, 2 where it is none. */
static size_t part_of(const struct json_string *name)
{
    if (json_string_is(name, "secs") || json_string_is(name, "sec"))
        return 0;
    if (json_string_is(name, "nsecs") || json_string_is(name, "nsec") ||
        json_string_is(name, "nanosec"))
        return 1;
    return 2;
}

static enum error_code read_members(struct json_reader *reader, const struct field *field,
                                    struct json_place *place)
{
    struct json_series series = {false};
    uint64_t values[2] = {0};
    bool seen[2] = {false};
    enum field_kind kind = field->kind == KIND_TIME ? KIND_UINT32 : KIND_INT32;
    for (;;) {
        struct json_string name;
        bool more;
        enum error_code code = json_reader_next_member(reader, &series, place, &name, &more);
        if (code != ERROR_NONE)
            return code;
        if (!more)
            break;
        size_t part = part_of(&name), position = json_reader_name_position(reader, &name);
        if (part == 2)
            return json_reader_fail_found(reader, ERROR_UNKNOWN, position,
                                          "%s has the members secs and nsecs", field->type_text);
        if (seen[part])
            return json_reader_fail_found(reader, ERROR_DUPLICATE, position,
                                          "the %s may be there once",
                                          part == 0 ? "seconds" : "nanoseconds");
        seen[part] = true;
        code = json_read_integer(reader, kind, field->kind == KIND_TIME ? "uint32" : "int32",
                                 &values[part]);
        if (code != ERROR_NONE)
            return code;
    }
    for (size_t part = 0; part < 2; part++) {
        if (seen[part] || !reader->strict)
            continue;
        place->name = part == 0 ? "secs" : "nsecs";
        place->name_length = strlen(place->name);
        return json_reader_fail(reader, ERROR_MISSING, reader->scan.position,
                                "the member is not there and strict asks for every one");
    }
    return write_parts(reader, &(struct time_parts){values[0], values[1]});
}

static enum error_code read_object(struct json_reader *reader, const struct field *field)
{
    struct json_place place;
    json_reader_enter(reader, &place);
    enum error_code code = read_members(reader, field, &place);
    json_reader_leave(reader);
    return code;
}

/* --- a number of seconds, milliseconds, nanoseconds ------------------------------------------- */

/* Splits ±magnitude nanoseconds as ROS does: nanoseconds are 0…999999999, seconds carry the sign.
 * False where the kind cannot hold it. */
static bool split(enum field_kind kind, bool negative, uint64_t magnitude, struct time_parts *parts)
{
    uint64_t secs = magnitude / NSECS_PER_SEC, nsecs = magnitude % NSECS_PER_SEC;
    if (negative && nsecs > 0) {
        secs++;
        nsecs = NSECS_PER_SEC - nsecs;
    }
    negative = negative && magnitude > 0;
    *parts = (struct time_parts){negative ? 0 - secs : secs, nsecs};
    if (kind == KIND_TIME)
        return !negative && secs <= UINT32_MAX;
    return secs <= (uint64_t)INT32_MAX + negative;
}

static enum error_code read_count(struct json_reader *reader, const struct field *field, int scale,
                                  const char *takes)
{
    enum json_kind kind = json_scan_peek(&reader->scan);
    size_t begin = reader->scan.position;
    struct json_number number;
    if (kind != JSON_NUMBER && kind != JSON_STRING)
        return json_reader_fail_kind(reader, kind, field->type_text, takes);
    enum error_code code = json_read_number(reader, field->type_text, &number);
    if (code != ERROR_NONE)
        return code;
    uint64_t magnitude;
    struct time_parts parts;
    if (decimal_scale(&number, scale, &magnitude) == DECIMAL_TOO_LARGE ||
        !split(field->kind, number.negative, magnitude, &parts))
        return fail_range(reader, field, begin);
    return write_parts(reader, &parts);
}

/* --- ISO 8601 --------------------------------------------------------------------------------- */

#define ISO8601_TEXT_MAX 128 /* more digits than anybody's clock has */

static enum error_code read_iso8601(struct json_reader *reader, const struct field *field)
{
    enum json_kind kind = json_scan_peek(&reader->scan);
    size_t begin = reader->scan.position;
    if (kind != JSON_STRING)
        return json_reader_fail_kind(reader, kind, field->type_text,
                                     "ISO 8601 text or an object of secs and nsecs");
    struct json_string string;
    enum error_code code = json_scan_string(&reader->scan, &string);
    if (code != ERROR_NONE)
        return json_reader_fail_scan(reader, code);
    char text[ISO8601_TEXT_MAX];
    int64_t secs;
    uint32_t nsecs;
    const char *expect = "ISO 8601 text of at most 128 characters";
    size_t size = json_string_size(&string);
    if (size > sizeof text ||
        !iso8601_read(text, json_string_decode(&string, text), &secs, &nsecs, &expect))
        return json_reader_fail_found(reader, ERROR_TYPE, begin, "%s takes %s", field->type_text,
                                      expect);
    if (secs < 0 || secs > UINT32_MAX)
        return json_reader_fail_found(reader, ERROR_RANGE, begin,
                                      "%s takes 1970-01-01T00:00:00Z…2106-02-07T06:28:15Z",
                                      field->type_text);
    return write_parts(reader, &(struct time_parts){(uint64_t)secs, nsecs});
}

enum error_code json_read_time(struct json_reader *reader, const struct field *field)
{
    enum json_kind kind = json_scan_peek(&reader->scan);
    if (kind == JSON_OBJECT)
        return read_object(reader, field);
    switch (reader->time_form) {
    case TIME_SECONDS:
        return read_count(reader, field, 9, "seconds or an object of secs and nsecs");
    case TIME_MILLISECONDS:
        return read_count(reader, field, 6, "milliseconds or an object of secs and nsecs");
    case TIME_NANOSECONDS:
        return read_count(reader, field, 0, "nanoseconds or an object of secs and nsecs");
    case TIME_ISO8601:
        if (field->kind == KIND_TIME)
            return read_iso8601(reader, field);
        break;
    case TIME_OBJECT:
        break;
    }
    return json_reader_fail_kind(reader, kind, field->type_text, "an object of secs and nsecs");
}
