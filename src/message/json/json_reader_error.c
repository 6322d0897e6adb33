/* The reader's errors: where it is, what stands there, what would be right. */
#include "message/json/json_reader.h"

#include "message/json/from_json.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static bool is_plain_name(const char *name, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        char c = name[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        if (!letter && !(i > 0 && c >= '0' && c <= '9'))
            return false;
    }
    return length > 0;
}

/* Appends to a path of ERROR_PATH_SIZE bytes; what does not fit is cut. */
static void append(char *path, size_t *used, const char *text, size_t length)
{
    for (size_t i = 0; i < length && *used < ERROR_PATH_SIZE - 1; i++) {
        unsigned char c = (unsigned char)text[i];
        path[(*used)++] = c < 0x20 || c == 0x7f ? '?' : text[i];
    }
    path[*used] = '\0';
}

static void append_place(char *path, size_t *used, const struct json_place *place)
{
    if (!place)
        return;
    append_place(path, used, place->up);
    if (place->name && is_plain_name(place->name, place->name_length)) {
        append(path, used, ".", 1);
        append(path, used, place->name, place->name_length);
    } else if (place->name) {
        append(path, used, "[\"", 2);
        append(path, used, place->name, place->name_length);
        append(path, used, "\"]", 2);
    } else if (place->index != JSON_PLACE_NONE) {
        char index[32];
        int length = snprintf(index, sizeof index, "[%zu]", place->index);
        append(path, used, index, (size_t)length);
    }
}

static enum error_code fail(const struct json_reader *reader, enum error_code code, size_t position,
                            const char *text)
{
    char path[ERROR_PATH_SIZE];
    size_t used = 0;
    append(path, &used, reader->root, strlen(reader->root));
    append_place(path, &used, reader->place);
    return error_set(reader->error, code, path, position, "%s", text);
}

size_t json_reader_depth_left(const struct json_reader *reader)
{
    return reader->depth < FROM_JSON_DEPTH_LIMIT ? FROM_JSON_DEPTH_LIMIT - reader->depth : 0;
}

enum error_code json_reader_fail(const struct json_reader *reader, enum error_code code,
                                 size_t position, const char *format, ...)
{
    if (!reader->error)
        return code;
    char text[ERROR_TEXT_SIZE];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return fail(reader, code, position, text);
}

enum error_code json_reader_fail_found(const struct json_reader *reader, enum error_code code,
                                       size_t position, const char *format, ...)
{
    if (!reader->error)
        return code;
    char excerpt[JSON_EXCERPT_SIZE], text[ERROR_TEXT_SIZE];
    int used = snprintf(text, sizeof text, "found %s, ",
                        json_excerpt(reader->scan.text, reader->scan.length, position, excerpt));
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text + used, sizeof text - (size_t)used, format, arguments);
    va_end(arguments);
    return fail(reader, code, position, text);
}

enum error_code json_reader_fail_scan(const struct json_reader *reader, enum error_code code)
{
    if (code == ERROR_LIMIT)
        return json_reader_fail_found(reader, code, reader->scan.position,
                                      "%s than %d levels of objects and arrays",
                                      reader->scan.expect, FROM_JSON_DEPTH_LIMIT);
    return json_reader_fail_found(reader, code, reader->scan.position, "%s", reader->scan.expect);
}

enum error_code json_reader_fail_out(const struct json_reader *reader, enum error_code code)
{
    if (code == ERROR_LIMIT)
        return json_reader_fail(reader, code, reader->scan.position,
                                "the serialized message may have %zu bytes and this value passes "
                                "that",
                                reader->out->limit);
    return json_reader_fail(reader, code, reader->scan.position,
                            "no memory for a serialized message of more than %zu bytes",
                            reader->out->length);
}

enum error_code json_reader_fail_kind(const struct json_reader *reader, enum json_kind kind,
                                      const char *name, const char *takes)
{
    enum error_code code = kind == JSON_NONE || kind == JSON_END ? ERROR_SYNTAX : ERROR_TYPE;
    if (kind == JSON_OBJECT || kind == JSON_ARRAY)
        return json_reader_fail(reader, code, reader->scan.position, "found %s, %s takes %s",
                                json_kind_name(kind), name, takes);
    return json_reader_fail_found(reader, code, reader->scan.position, "%s takes %s", name, takes);
}

const char *json_array_name(const struct field *field, char *name, size_t size)
{
    if (field->array == ARRAY_VARIABLE)
        (void)snprintf(name, size, "%s[]", field->type_text);
    else
        (void)snprintf(name, size, "%s[%lld]", field->type_text, (long long)field->array);
    return name;
}
