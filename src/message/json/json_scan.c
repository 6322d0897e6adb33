#include "message/json/json_scan.h"

#include "message/values/utf8.h"

#include <string.h>

static enum error_code fail(struct json_scan *scan, size_t position, const char *expect)
{
    scan->position = position;
    scan->expect = expect;
    return ERROR_SYNTAX;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

const char *json_kind_name(enum json_kind kind)
{
    switch (kind) {
    case JSON_OBJECT:
        return "an object";
    case JSON_ARRAY:
        return "an array";
    case JSON_STRING:
        return "a string";
    case JSON_NUMBER:
        return "a number";
    case JSON_TRUE:
        return "true";
    case JSON_FALSE:
        return "false";
    case JSON_NULL:
        return "null";
    case JSON_NONE:
        return "no value";
    case JSON_END:
        return "the end of the text";
    }
    return "nothing";
}

/* Where the first byte at or behind `at` is that a string does not simply hold: a quote, a
 * backslash, a control character, a byte above ASCII; eight bytes at a time. */
static size_t plain_end(const char *text, size_t length, size_t at)
{
    const uint64_t ones = 0x0101010101010101U;
    const uint64_t tops = 0x8080808080808080U;
    for (; length - at >= 8; at += 8) {
        uint64_t word;
        memcpy(&word, text + at, sizeof word);
        uint64_t quote = word ^ (ones * '"');
        uint64_t backslash = word ^ (ones * '\\');
        uint64_t special = ((quote - ones) & ~quote) | ((backslash - ones) & ~backslash) |
                           ((word - ones * 0x20) & ~word) | word;
        if (special & tops)
            break;
    }
    while (at < length && (unsigned char)text[at] >= 0x20 && (unsigned char)text[at] < 0x80 &&
           text[at] != '"' && text[at] != '\\')
        at++;
    return at;
}

/* The four hexadecimal digits at `text` as a number, or -1. */
static int32_t hex4(const char *text, size_t left)
{
    int32_t value = 0;
    if (left < 4)
        return -1;
    for (size_t i = 0; i < 4; i++) {
        char c = text[i];
        int32_t digit = is_digit(c)            ? c - '0'
                        : c >= 'a' && c <= 'f' ? c - 'a' + 10
                        : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                               : -1;
        if (digit < 0)
            return -1;
        value = value * 16 + digit;
    }
    return value;
}

/* The length of the escape at `at` (a backslash), 0 where it is none; `*expect` then says why. */
static size_t escape_length(const struct json_scan *scan, size_t at, const char **expect)
{
    const char *text = scan->text + at;
    size_t left = scan->length - at;
    *expect = "an escape is \\\" \\\\ \\/ \\b \\f \\n \\r \\t or \\u and four hexadecimal digits";
    if (left < 2)
        return 0;
    if (text[1] != 'u')
        return text[1] != '\0' && strchr("\"\\/bfnrt", text[1]) ? 2 : 0;
    int32_t unit = hex4(text + 2, left - 2);
    if (unit < 0)
        return 0;
    if (unit < 0xd800 || unit > 0xdfff)
        return 6;
    *expect = "a surrogate must be a high one and a low one behind it";
    if (unit > 0xdbff || left < 12 || text[6] != '\\' || text[7] != 'u')
        return 0;
    int32_t low = hex4(text + 8, left - 8);
    return low >= 0xdc00 && low <= 0xdfff ? 12 : 0;
}

enum error_code json_scan_string(struct json_scan *scan, struct json_string *string)
{
    size_t begin = scan->position + 1;
    bool escaped = false;
    for (size_t at = begin;;) {
        at = plain_end(scan->text, scan->length, at);
        if (at == scan->length)
            return fail(scan, at, "a string ends with '\"'");
        unsigned char c = (unsigned char)scan->text[at];
        if (c == '"') {
            *string = (struct json_string){scan->text + begin, at - begin, escaped};
            scan->position = at + 1;
            return ERROR_NONE;
        }
        size_t step;
        const char *expect;
        if (c == '\\') {
            escaped = true;
            step = escape_length(scan, at, &expect);
        } else if (c < 0x20) {
            step = 0;
            expect = "a control character is written as an escape, \\n or \\u0000";
        } else {
            step = utf8_length((const uint8_t *)scan->text + at, scan->length - at);
            expect = "text is UTF-8";
        }
        if (step == 0)
            return fail(scan, at, expect);
        at += step;
    }
}

#define DIGITS_MAX 19 /* of a mantissa that 64 bits hold whatever the digits are */

/* Takes digits from `at` on into the number's mantissa, which wraps where there are more than
 * DIGITS_MAX; returns where they end. */
static size_t take_digits(const struct json_scan *scan, size_t at, struct json_number *number)
{
    const char *digit = scan->text + at, *end = scan->text + scan->length;
    uint64_t mantissa = number->mantissa;
    for (; digit < end && is_digit(*digit); digit++)
        mantissa = mantissa * 10 + (uint64_t)(*digit - '0');
    number->mantissa = mantissa;
    return (size_t)(digit - scan->text);
}

#define EXPONENT_MAX 100000000 /* far beyond every type; keeps the sums in an int */

/* Takes the exponent at whose 'e' `*at` is, and moves `*at` behind it. */
static enum error_code take_exponent(struct json_scan *scan, size_t *at, struct json_number *number)
{
    const char *text = scan->text;
    size_t next = *at + 1;
    bool negative = false;
    int exponent = 0;
    if (next < scan->length && (text[next] == '+' || text[next] == '-'))
        negative = text[next++] == '-';
    if (next == scan->length || !is_digit(text[next]))
        return fail(scan, next, "a digit follows the exponent's 'e' and sign");
    for (; next < scan->length && is_digit(text[next]); next++) {
        if (exponent < EXPONENT_MAX)
            exponent = exponent * 10 + (text[next] - '0');
        else
            number->exact = false;
    }
    number->exponent += negative ? -exponent : exponent;
    *at = next;
    return ERROR_NONE;
}

enum error_code json_scan_number(struct json_scan *scan, struct json_number *number)
{
    size_t begin = scan->position, at = begin;
    *number = (struct json_number){.text = scan->text + begin};
    if (at < scan->length && scan->text[at] == '-') {
        number->negative = true;
        at++;
    }
    size_t whole = at;
    at = take_digits(scan, at, number);
    if (at == whole)
        return fail(scan, at, "a number has a digit here");
    if (at - whole > 1 && scan->text[whole] == '0')
        return fail(scan, whole, "a number has no leading zero");
    size_t digits = at - whole;
    if (at < scan->length && scan->text[at] == '.') {
        size_t fraction = at + 1;
        at = take_digits(scan, fraction, number);
        if (at == fraction)
            return fail(scan, at, "a digit follows '.'");
        digits += at - fraction;
        number->exponent = -(int)(at - fraction < EXPONENT_MAX ? at - fraction : EXPONENT_MAX);
    }
    number->exact = digits <= DIGITS_MAX;
    if (at < scan->length && (scan->text[at] == 'e' || scan->text[at] == 'E')) {
        enum error_code code = take_exponent(scan, &at, number);
        if (code != ERROR_NONE)
            return code;
    }
    number->length = at - begin;
    scan->position = at;
    return ERROR_NONE;
}

enum error_code json_scan_literal(struct json_scan *scan)
{
    static const char *const LITERALS[] = {"true", "false", "null"};
    for (size_t i = 0; i < sizeof LITERALS / sizeof *LITERALS; i++) {
        size_t length = strlen(LITERALS[i]);
        if (scan->length - scan->position >= length &&
            memcmp(scan->text + scan->position, LITERALS[i], length) == 0) {
            scan->position += length;
            return ERROR_NONE;
        }
    }
    return fail(scan, scan->position, "a word in JSON is true, false or null");
}

/* Takes what stands between the parts of an object or array: its opening, ',' or `close`. */
static enum error_code next_part(struct json_scan *scan, struct json_series *series, char close,
                                 const char *expect, bool *more)
{
    if (!series->begun)
        scan->position++;
    enum json_kind kind = json_scan_peek(scan);
    char c = kind == JSON_END ? '\0' : scan->text[scan->position];
    *more = c != close;
    if (!*more) {
        scan->position++;
    } else if (series->begun) {
        if (c != ',')
            return fail(scan, scan->position, expect);
        scan->position++;
        (void)json_scan_peek(scan);
    }
    series->begun = true;
    return ERROR_NONE;
}

enum error_code json_scan_member(struct json_scan *scan, struct json_series *series,
                                 struct json_string *name, bool *more)
{
    enum error_code code =
        next_part(scan, series, '}', "',' or '}' follows an object's member", more);
    if (code != ERROR_NONE || !*more)
        return code;
    if (scan->position == scan->length || scan->text[scan->position] != '"')
        return fail(scan, scan->position, "an object's member begins with its name in quotes");
    code = json_scan_string(scan, name);
    if (code != ERROR_NONE)
        return code;
    (void)json_scan_peek(scan);
    if (scan->position == scan->length || scan->text[scan->position] != ':')
        return fail(scan, scan->position, "':' follows a member's name");
    scan->position++;
    (void)json_scan_peek(scan);
    return ERROR_NONE;
}

enum error_code json_scan_element(struct json_scan *scan, struct json_series *series, bool *more)
{
    return next_part(scan, series, ']', "',' or ']' follows an array's element", more);
}

/* Takes a value that holds no others. */
static enum error_code skip_single(struct json_scan *scan, enum json_kind kind)
{
    struct json_string string;
    struct json_number number;
    switch (kind) {
    case JSON_STRING:
        return json_scan_string(scan, &string);
    case JSON_NUMBER:
        return json_scan_number(scan, &number);
    case JSON_TRUE:
    case JSON_FALSE:
    case JSON_NULL:
        return json_scan_literal(scan);
    default:
        return fail(scan, scan->position, "a value stands here");
    }
}

/* Not recursive, so that a hostile text costs a bit a level and no stack. */
enum error_code json_scan_skip(struct json_scan *scan, size_t depth)
{
    uint64_t objects[JSON_SCAN_DEPTH_MAX / 64] = {0}; /* bit n: level n is an object, no array */
    struct json_series series = {false};
    size_t level = 0;
    if (depth > JSON_SCAN_DEPTH_MAX)
        depth = JSON_SCAN_DEPTH_MAX;
    for (;;) {
        enum error_code code = ERROR_NONE;
        enum json_kind kind = json_scan_peek(scan);
        if (kind == JSON_OBJECT || kind == JSON_ARRAY) {
            if (level == depth) {
                scan->expect = "values are nested no deeper";
                return ERROR_LIMIT;
            }
            uint64_t bit = UINT64_C(1) << (level % 64);
            objects[level / 64] = (objects[level / 64] & ~bit) | (kind == JSON_OBJECT ? bit : 0);
            level++;
            series.begun = false;
        } else {
            code = skip_single(scan, kind);
        }
        for (bool more = false; code == ERROR_NONE && !more;) {
            if (level == 0)
                return ERROR_NONE;
            struct json_string name;
            if (objects[(level - 1) / 64] >> ((level - 1) % 64) & 1)
                code = json_scan_member(scan, &series, &name, &more);
            else
                code = json_scan_element(scan, &series, &more);
            if (!more)
                level--;
        }
        if (code != ERROR_NONE)
            return code;
    }
}

enum error_code json_scan_finish(struct json_scan *scan)
{
    if (json_scan_peek(scan) == JSON_END)
        return ERROR_NONE;
    scan->expect = "nothing follows the value";
    return ERROR_TRAILING;
}
