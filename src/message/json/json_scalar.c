/* Single values: bool, integers, floats, strings, and base64 text. */
#include "message/json/json_reader.h"

#include "message/json/decimal.h"
#include "message/values/base64.h"
#include "message/values/number.h"

#include <endian.h>
#include <math.h>
#include <string.h>

enum error_code json_write_bytes(struct json_reader *reader, uint64_t value, size_t size)
{
    struct buffer *out = reader->out;
    value = htole64(value);
    if (out->capacity - out->length >= sizeof value) { /* all eight are one store */
        memcpy(out->data + out->length, &value, sizeof value);
        out->length += size;
        return ERROR_NONE;
    }
    enum error_code code = buffer_append(out, &value, size);
    return code == ERROR_NONE ? ERROR_NONE : json_reader_fail_out(reader, code);
}

/* --- integers --------------------------------------------------------------------------------- */

struct integer_kind {
    size_t size;
    bool is_signed;
    uint64_t most; /* the largest value; the smallest is -most - 1, or 0 */
    const char *range;
};

static const struct integer_kind *integer_kind(enum field_kind kind)
{
    static const struct integer_kind KINDS[] = {
        [KIND_BOOL] = {1, false, 1, "0…1"},
        [KIND_INT8] = {1, true, INT8_MAX, "-128…127"},
        [KIND_UINT8] = {1, false, UINT8_MAX, "0…255"},
        [KIND_INT16] = {2, true, INT16_MAX, "-32768…32767"},
        [KIND_UINT16] = {2, false, UINT16_MAX, "0…65535"},
        [KIND_INT32] = {4, true, INT32_MAX, "-2147483648…2147483647"},
        [KIND_UINT32] = {4, false, UINT32_MAX, "0…4294967295"},
        [KIND_INT64] = {8, true, INT64_MAX, "-9223372036854775808…9223372036854775807"},
        [KIND_UINT64] = {8, false, UINT64_MAX, "0…18446744073709551615"},
    };
    return &KINDS[kind];
}

/* Takes a string that is a number and nothing else. */
static enum error_code read_digits(struct json_reader *reader, const char *name,
                                   struct json_number *number)
{
    size_t begin = reader->scan.position;
    struct json_string string;
    enum error_code code = json_scan_string(&reader->scan, &string);
    if (code != ERROR_NONE)
        return json_reader_fail_scan(reader, code);
    struct json_scan inner = json_scan_over(string.text, string.length);
    if (json_scan_number(&inner, number) != ERROR_NONE || inner.position != inner.length)
        return json_reader_fail_found(reader, ERROR_TYPE, begin,
                                      "%s takes a number or a string of digits", name);
    return ERROR_NONE;
}

enum error_code json_read_number(struct json_reader *reader, const char *name,
                                 struct json_number *number)
{
    enum json_kind kind = json_scan_peek(&reader->scan);
    if (kind == JSON_STRING)
        return read_digits(reader, name, number);
    if (kind != JSON_NUMBER)
        return json_reader_fail_kind(reader, kind, name, "a number or a string of digits");
    enum error_code code = json_scan_number(&reader->scan, number);
    return code == ERROR_NONE ? ERROR_NONE : json_reader_fail_scan(reader, code);
}

enum error_code json_read_integer(struct json_reader *reader, enum field_kind kind,
                                  const char *name, uint64_t *value)
{
    (void)json_scan_peek(&reader->scan);
    size_t begin = reader->scan.position;
    struct json_number number = {.negative = false};
    enum error_code code = json_read_number(reader, name, &number);
    if (code != ERROR_NONE)
        return code;
    const struct integer_kind *limits = integer_kind(kind);
    uint64_t magnitude;
    enum decimal_fit fit = decimal_scale(&number, 0, &magnitude);
    if (fit == DECIMAL_ROUNDED)
        return json_reader_fail_found(reader, ERROR_RANGE, begin, "%s takes no fraction", name);
    uint64_t most = number.negative ? (limits->is_signed ? limits->most + 1 : 0) : limits->most;
    if (fit == DECIMAL_TOO_LARGE || magnitude > most)
        return json_reader_fail_found(reader, ERROR_RANGE, begin, "%s takes %s", name,
                                      limits->range);
    *value = number.negative ? 0 - magnitude : magnitude;
    return ERROR_NONE;
}

static enum error_code read_bool(struct json_reader *reader, const struct field *field)
{
    enum json_kind kind = json_scan_peek(&reader->scan);
    uint64_t value = kind == JSON_TRUE;
    if (kind == JSON_TRUE || kind == JSON_FALSE) {
        enum error_code code = json_scan_literal(&reader->scan);
        if (code != ERROR_NONE)
            return json_reader_fail_scan(reader, code);
    } else if (kind == JSON_NUMBER) {
        enum error_code code = json_read_integer(reader, KIND_BOOL, field->type_text, &value);
        if (code != ERROR_NONE)
            return code;
    } else {
        return json_reader_fail_kind(reader, kind, field->type_text, "true, false, 0 or 1");
    }
    return json_write_bytes(reader, value, 1);
}

/* --- floats ----------------------------------------------------------------------------------- */

static enum error_code write_float(struct json_reader *reader, float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return json_write_bytes(reader, bits, sizeof bits);
}

static enum error_code write_double(struct json_reader *reader, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return json_write_bytes(reader, bits, sizeof bits);
}

static enum error_code read_finite(struct json_reader *reader, const struct field *field)
{
    size_t begin = reader->scan.position;
    struct json_number number;
    enum error_code code = json_scan_number(&reader->scan, &number);
    if (code != ERROR_NONE)
        return json_reader_fail_scan(reader, code);
    if (field->kind == KIND_FLOAT64) {
        double value;
        if (number_read_double(&number, &value))
            return write_double(reader, value);
    } else {
        float value;
        if (number_read_float(&number, &value))
            return write_float(reader, value);
    }
    return json_reader_fail_found(
        reader, ERROR_RANGE, begin, "%s takes at most ±%s", field->type_text,
        field->kind == KIND_FLOAT64 ? "1.7976931348623157e+308" : "3.4028235e+38");
}

/* "NaN", "Infinity" and "-Infinity". */
static enum error_code read_non_finite(struct json_reader *reader, const struct field *field,
                                       float *value)
{
    size_t begin = reader->scan.position;
    struct json_string string;
    enum error_code code = json_scan_string(&reader->scan, &string);
    if (code != ERROR_NONE)
        return json_reader_fail_scan(reader, code);
    if (json_string_is(&string, "NaN"))
        *value = NAN;
    else if (json_string_is(&string, "Infinity"))
        *value = INFINITY;
    else if (json_string_is(&string, "-Infinity"))
        *value = -INFINITY;
    else
        return json_reader_fail_found(
            reader, ERROR_TYPE, begin,
            "%s takes a number, null, \"NaN\", \"Infinity\" or \"-Infinity\"", field->type_text);
    return ERROR_NONE;
}

static enum error_code read_float(struct json_reader *reader, const struct field *field)
{
    enum json_kind kind = json_scan_peek(&reader->scan);
    enum error_code code;
    float value = NAN;
    switch (kind) {
    case JSON_NUMBER:
        return read_finite(reader, field);
    case JSON_STRING:
        code = read_non_finite(reader, field, &value);
        if (code != ERROR_NONE)
            return code;
        break;
    case JSON_NULL:
        code = json_scan_literal(&reader->scan);
        if (code != ERROR_NONE)
            return json_reader_fail_scan(reader, code);
        break;
    default:
        return json_reader_fail_kind(reader, kind, field->type_text,
                                     "a number, null, \"NaN\", \"Infinity\" or \"-Infinity\"");
    }
    return field->kind == KIND_FLOAT64 ? write_double(reader, (double)value)
                                       : write_float(reader, value);
}

/* --- text ------------------------------------------------------------------------------------- */

static void put_count(char *at, size_t count)
{
    for (size_t i = 0; i < 4; i++)
        at[i] = (char)(unsigned char)(count >> (8 * i));
}

/* Takes the string at the position and makes room for a count and all that it says. */
static enum error_code read_text(struct json_reader *reader, struct json_string *string)
{
    enum error_code code = json_scan_string(&reader->scan, string);
    if (code != ERROR_NONE)
        return json_reader_fail_scan(reader, code);
    code = buffer_reserve(reader->out, 4 + json_string_size(string));
    return code == ERROR_NONE ? ERROR_NONE : json_reader_fail_out(reader, code);
}

static enum error_code read_string(struct json_reader *reader, const struct field *field)
{
    enum json_kind kind = json_scan_peek(&reader->scan);
    if (kind != JSON_STRING)
        return json_reader_fail_kind(reader, kind, field->type_text, "a string");
    struct json_string string;
    enum error_code code = read_text(reader, &string);
    if (code != ERROR_NONE)
        return code;
    char *to = reader->out->data + reader->out->length;
    size_t length = json_string_decode(&string, to + 4);
    put_count(to, length);
    reader->out->length += 4 + length;
    return ERROR_NONE;
}

enum error_code json_read_base64(struct json_reader *reader, const struct field *field)
{
    size_t begin = reader->scan.position, prefix = field->array == ARRAY_VARIABLE ? 4 : 0, length;
    struct json_string string;
    enum error_code code = read_text(reader, &string);
    if (code != ERROR_NONE)
        return code;
    char name[ERROR_PATH_SIZE];
    char *to = reader->out->data + reader->out->length;
    if (string.escaped) { /* "\/" is how some write the digit '/' */
        string.length = json_string_decode(&string, to + prefix);
        string.text = to + prefix;
    }
    if (!base64_decode(string.text, string.length, to + prefix, &length))
        return json_reader_fail_found(reader, ERROR_TYPE, begin,
                                      "%s takes base64 (RFC 4648) or an array of numbers",
                                      json_array_name(field, name, sizeof name));
    if (field->array != ARRAY_VARIABLE && length != (size_t)field->array)
        return json_reader_fail(reader, ERROR_LENGTH, begin,
                                "found %zu bytes in base64, %s takes %lld", length,
                                json_array_name(field, name, sizeof name), (long long)field->array);
    if (prefix > 0)
        put_count(to, length);
    reader->out->length += prefix + length;
    return ERROR_NONE;
}

enum error_code json_read_scalar(struct json_reader *reader, const struct field *field)
{
    uint64_t value = 0;
    enum error_code code;
    switch (field->kind) {
    case KIND_BOOL:
        return read_bool(reader, field);
    case KIND_FLOAT32:
    case KIND_FLOAT64:
        return read_float(reader, field);
    case KIND_STRING:
        return read_string(reader, field);
    default:
        code = json_read_integer(reader, field->kind, field->type_text, &value);
        if (code != ERROR_NONE)
            return code;
        return json_write_bytes(reader, value, integer_kind(field->kind)->size);
    }
}
