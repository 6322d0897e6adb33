/* What a scanned string says, and pieces of text for error messages. */
#include "message/json/json_scan.h"

#include "message/values/utf8.h"

#include <stdio.h>
#include <string.h>

static uint32_t hex4(const char *text)
{
    uint32_t value = 0;
    for (size_t i = 0; i < 4; i++) {
        uint32_t c = (unsigned char)text[i];
        value = value * 16 + (c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
    }
    return value;
}

/* Resolves the escape at `text`, which json_scan_string has checked: writes up to four bytes and
 * their number, and returns the escape's length. */
static size_t take_escape(const char *text, char *out, size_t *out_length)
{
    *out_length = 1;
    switch (text[1]) {
    case 'b':
        *out = '\b';
        return 2;
    case 'f':
        *out = '\f';
        return 2;
    case 'n':
        *out = '\n';
        return 2;
    case 'r':
        *out = '\r';
        return 2;
    case 't':
        *out = '\t';
        return 2;
    case 'u':
        break;
    default:
        *out = text[1];
        return 2;
    }
    uint32_t unit = hex4(text + 2);
    if (unit < 0xd800 || unit > 0xdfff) {
        *out_length = utf8_write(unit, out);
        return 6;
    }
    *out_length = utf8_write(0x10000 + ((unit - 0xd800) << 10) + (hex4(text + 8) - 0xdc00), out);
    return 12;
}

size_t json_string_size(const struct json_string *string)
{
    size_t size = string->length;
    const char *from = string->text, *end = from + string->length;
    while (string->escaped && (from = memchr(from, '\\', (size_t)(end - from))) != NULL) {
        char unit[4];
        size_t written, taken = take_escape(from, unit, &written);
        size -= taken - written;
        from += taken;
    }
    return size;
}

size_t json_string_decode(const struct json_string *string, char *out)
{
    const char *from = string->text, *end = from + string->length;
    char *to = out;
    while (from < end) {
        const char *escape = string->escaped ? memchr(from, '\\', (size_t)(end - from)) : NULL;
        size_t plain = (size_t)((escape ? escape : end) - from);
        memcpy(to, from, plain);
        to += plain;
        from += plain;
        if (escape) {
            size_t written;
            from += take_escape(from, to, &written);
            to += written;
        }
    }
    return (size_t)(to - out);
}

static int compare_bytes(const char *one, const char *other, size_t length)
{
    return length > 0 ? memcmp(one, other, length) : 0;
}

int json_string_compare(const struct json_string *string, const char *name)
{
    const char *from = string->text, *end = from + string->length;
    size_t left = strlen(name);
    while (from < end) {
        char unit[4];
        const char *piece = from;
        size_t length = 1;
        if (*from == '\\') {
            from += take_escape(from, unit, &length);
            piece = unit;
        } else {
            from++;
        }
        int order = compare_bytes(piece, name, length < left ? length : left);
        if (order != 0)
            return order;
        if (length > left)
            return 1;
        name += length;
        left -= length;
    }
    return left > 0 ? -1 : 0;
}

bool json_string_is(const struct json_string *string, const char *name)
{
    if (string->escaped)
        return json_string_compare(string, name) == 0;
    return strncmp(name, string->text, string->length) == 0 && name[string->length] == '\0';
}

/* Whether a token that does not begin with a quote ends at `c`. */
static bool ends_token(char c)
{
    return c == '\0' || strchr(" \t\r\n,:[]{}\"", c);
}

const char *json_excerpt(const char *text, size_t length, size_t position,
                         char excerpt[JSON_EXCERPT_SIZE])
{
    static const char CUT[] = "…";
    if (position >= length) {
        (void)snprintf(excerpt, JSON_EXCERPT_SIZE, "the end of the text");
        return excerpt;
    }
    bool quoted = text[position] == '"';
    size_t used = 0;
    for (size_t at = position; at < length; at++) {
        unsigned char c = (unsigned char)text[at];
        if (at > position && !quoted && ends_token(text[at]))
            break;
        if (used + sizeof "\\xff" + sizeof CUT > JSON_EXCERPT_SIZE) {
            memcpy(excerpt + used, CUT, sizeof CUT - 1);
            used += sizeof CUT - 1;
            break;
        }
        if (c >= 0x20 && c < 0x7f)
            excerpt[used++] = (char)c;
        else
            used += (size_t)snprintf(excerpt + used, sizeof "\\xff", "\\x%02x", c);
        bool closed = quoted && at > position && c == '"' && text[at - 1] != '\\';
        bool odd = at == position && (c < 0x20 || c >= 0x7f); /* the byte itself is the trouble */
        if (closed || odd)
            break;
    }
    excerpt[used] = '\0';
    return excerpt;
}
