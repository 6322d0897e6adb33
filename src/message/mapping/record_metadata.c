#include "message/mapping/record_metadata.h"

#include "message/definitions/field_size.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define LONG_SIZE 8 /* bytes of Kafka's LongSerializer */

static bool is_text(enum origin_part part, enum record_form form)
{
    return part == ORIGIN_KEY || part == ORIGIN_TOPIC ||
           (part == ORIGIN_VALUE && form != RECORD_LONG);
}

static bool holds_text(const struct field *field, bool single)
{
    return field->kind == (single ? KIND_STRING : KIND_UINT8);
}

static bool holds_number(const struct field *field, bool single, bool time)
{
    if (!single)
        return false;
    switch (field->kind) {
    case KIND_BOOL:
    case KIND_STRING:
    case KIND_MESSAGE:
        return false;
    case KIND_TIME:
        return time;
    case KIND_DURATION:
        return false;
    default:
        return true;
    }
}

enum error_code record_metadata_find(const char *source, enum record_form form,
                                     const struct record_target *target, enum origin_part *part,
                                     struct error *error)
{
    static const char *const NAMES[] = {
        [ORIGIN_KEY] = "@key",
        [ORIGIN_VALUE] = "@value",
        [ORIGIN_TIMESTAMP] = "@timestamp",
        [ORIGIN_TOPIC] = "@topic",
        [ORIGIN_PARTITION] = "@partition",
        [ORIGIN_OFFSET] = "@offset",
    };
    size_t found = 0, count = sizeof NAMES / sizeof *NAMES;
    while (found < count && strcmp(NAMES[found], source) != 0)
        found++;
    if (found == count)
        return error_set(error, ERROR_UNKNOWN, target->text, 0,
                         "found the source \"%.64s\", there are @key, @value, @timestamp, @topic, "
                         "@partition and @offset",
                         source);
    *part = (enum origin_part)found;
    const struct field *field = field_path_field(&target->path);
    bool single = !field_path_is_array(&target->path);
    bool text = is_text(*part, form), time = *part == ORIGIN_TIMESTAMP;
    if (text ? holds_text(field, single) : holds_number(field, single, time))
        return ERROR_NONE;
    char name[ERROR_PATH_SIZE];
    return error_set(error, ERROR_TYPE, target->text, 0,
                     "%s is %s and goes into %s, the field is %s", source,
                     text ? "text" : "a number",
                     text   ? "a string or uint8[]"
                     : time ? "an integer, a float or a time"
                            : "an integer or a float",
                     single ? field->type_text : json_array_name(field, name, sizeof name));
}

static enum error_code write_text(struct json_reader *reader, const struct field *field,
                                  bool single, const char *text, size_t length)
{
    bool fixed = field->array >= 0 && !single;
    char name[ERROR_PATH_SIZE];
    if (fixed && length != (size_t)field->array)
        return json_reader_fail(reader, ERROR_LENGTH, 0, "found %zu bytes, %s takes %lld", length,
                                json_array_name(field, name, sizeof name), (long long)field->array);
    if (length > UINT32_MAX)
        return json_reader_fail(reader, ERROR_LIMIT, 0, "found %zu bytes, %s takes 4294967295",
                                length, field->type_text);
    if (!fixed) {
        enum error_code code = json_write_bytes(reader, length, 4);
        if (code != ERROR_NONE)
            return code;
    }
    enum error_code code = buffer_append(reader->out, text, length);
    return code == ERROR_NONE ? ERROR_NONE : json_reader_fail_out(reader, code);
}

/* As JSON text through the reader, so that ranges and errors are the same as everywhere. */
static enum error_code write_number(struct json_reader *reader, const struct field *field,
                                    int64_t value)
{
    char text[32];
    int length = snprintf(text, sizeof text, "%" PRId64, value);
    reader->scan = json_scan_over(text, (size_t)length);
    reader->time_form = TIME_MILLISECONDS;
    return json_read_single(reader, field);
}

static enum error_code write_long(struct json_reader *reader, const struct field *field,
                                  const char *value, size_t length)
{
    uint64_t number = 0;
    if (length != LONG_SIZE)
        return json_reader_fail(reader, ERROR_LENGTH, 0,
                                "found %zu bytes, a record of format long has %d", length,
                                LONG_SIZE);
    for (size_t i = 0; i < LONG_SIZE; i++)
        number = number << 8 | (unsigned char)value[i];
    return write_number(reader, field, (int64_t)number);
}

static enum error_code write_missing(struct json_reader *reader, const struct field *field,
                                     bool single)
{
    if (reader->strict)
        return json_reader_fail(reader, ERROR_MISSING, 0,
                                "the record has none and strict asks for every source");
    return json_write_zeros(reader, single ? field_value_minimum(field) : field_minimum(field));
}

enum error_code record_metadata_write(struct json_reader *reader, const struct field *field,
                                      bool single, enum origin_part part, enum record_form form,
                                      const char *value, size_t length,
                                      const struct record_origin *origin)
{
    switch (part) {
    case ORIGIN_KEY:
        if (!origin->key)
            return write_missing(reader, field, single);
        return write_text(reader, field, single, origin->key, origin->key_length);
    case ORIGIN_VALUE:
        if (form == RECORD_LONG)
            return write_long(reader, field, value, length);
        return write_text(reader, field, single, value, length);
    case ORIGIN_TIMESTAMP:
        if (origin->timestamp == -1)
            return write_missing(reader, field, single);
        return write_number(reader, field, origin->timestamp);
    case ORIGIN_TOPIC:
        return write_text(reader, field, single, origin->topic, strlen(origin->topic));
    case ORIGIN_PARTITION:
        return write_number(reader, field, origin->partition);
    case ORIGIN_OFFSET:
        return write_number(reader, field, origin->offset);
    }
    return ERROR_ARGUMENT;
}
