/* A strict scanner of JSON text (RFC 8259) over a span that need not be terminated: one token at a
 * time, no tree, no allocation, byte positions for errors.
 *
 * Strict means: UTF-8 throughout (no overlong forms, no surrogates), no raw control characters in
 * strings, no lone surrogates in escapes, no leading zeros, no trailing commas, no comments.
 * A scan belongs to its caller; the text must outlive it and every span taken from it.
 */
#ifndef KAFKA_BRIDGE_MESSAGE_JSON_JSON_SCAN_H
#define KAFKA_BRIDGE_MESSAGE_JSON_JSON_SCAN_H

#include "base/error.h"
#include "message/values/json_number.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JSON_SCAN_DEPTH_MAX 1024 /* the deepest nesting that json_scan_skip can be asked for */

struct json_scan {
    const char *text;
    size_t length;
    size_t position;    /* of the next byte to look at; after a failure, of the offending one */
    const char *expect; /* after a failure: what would be right there */
};

/* What a value is by its first byte. */
enum json_kind {
    JSON_OBJECT,
    JSON_ARRAY,
    JSON_STRING,
    JSON_NUMBER,
    JSON_TRUE,
    JSON_FALSE,
    JSON_NULL,
    JSON_NONE, /* no value starts here */
    JSON_END,  /* the text ends here */
};

/* A string's text between its quotes, checked, escapes not yet resolved. */
struct json_string {
    const char *text;
    size_t length;
    bool escaped; /* holds at least one backslash */
};

/* Where an object or array stands between its members; starts as {0}. */
struct json_series {
    bool begun;
};

static inline struct json_scan json_scan_over(const char *text, size_t length)
{
    return (struct json_scan){.text = text, .length = length};
}

/* What a value that begins with `c` is; JSON_NONE where none does. */
static inline enum json_kind json_kind_of(char c)
{
    switch (c) {
    case '{':
        return JSON_OBJECT;
    case '[':
        return JSON_ARRAY;
    case '"':
        return JSON_STRING;
    case 't':
        return JSON_TRUE;
    case 'f':
        return JSON_FALSE;
    case 'n':
        return JSON_NULL;
    default:
        return c == '-' || (c >= '0' && c <= '9') ? JSON_NUMBER : JSON_NONE;
    }
}

/* Skips white space and says what comes; takes nothing else. */
static inline enum json_kind json_scan_peek(struct json_scan *scan)
{
    const char *text = scan->text;
    size_t at = scan->position;
    while (at < scan->length &&
           (text[at] == ' ' || text[at] == '\n' || text[at] == '\r' || text[at] == '\t'))
        at++;
    scan->position = at;
    return at == scan->length ? JSON_END : json_kind_of(text[at]);
}

/* A kind as a person says it: "an object", "a string", "the end of the text". */
const char *json_kind_name(enum json_kind kind);

/* Each of these takes one thing at the position and returns ERROR_NONE, or ERROR_SYNTAX (for skip
 * also ERROR_LIMIT) with `position` and `expect` set. The position must be at the value's first
 * byte, where json_scan_peek leaves it. */
enum error_code json_scan_string(struct json_scan *scan, struct json_string *string) MUST_CHECK;
enum error_code json_scan_number(struct json_scan *scan, struct json_number *number) MUST_CHECK;
enum error_code json_scan_literal(struct json_scan *scan) MUST_CHECK; /* true, false, null */

/* Takes the next member of the object at whose '{' the series began: its name and the ':', so that
 * the position is at the value. `*more` is false, and the '}' taken, where there is none left. */
enum error_code json_scan_member(struct json_scan *scan, struct json_series *series,
                                 struct json_string *name, bool *more) MUST_CHECK;

/* The same for an array's elements. */
enum error_code json_scan_element(struct json_scan *scan, struct json_series *series,
                                  bool *more) MUST_CHECK;

/* Takes a whole value of any kind, checking all of it; `depth` is how many levels of nesting it may
 * have (at most JSON_SCAN_DEPTH_MAX). */
enum error_code json_scan_skip(struct json_scan *scan, size_t depth) MUST_CHECK;

/* ERROR_NONE where only white space is left, else ERROR_TRAILING. */
enum error_code json_scan_finish(struct json_scan *scan) MUST_CHECK;

/* The length of what the string says as UTF-8, never more than `string->length`. */
size_t json_string_size(const struct json_string *string);

/* Writes what the string says as UTF-8 to `out`, which holds json_string_size() bytes, and returns
 * their number. U+0000 is a byte like any other. */
size_t json_string_decode(const struct json_string *string, char *out);

/* Whether the string, its escapes resolved, is exactly the NUL-terminated `name`. */
bool json_string_is(const struct json_string *string, const char *name);

/* Orders what the string says against `name` byte by byte, as strcmp does. */
int json_string_compare(const struct json_string *string, const char *name);

#define JSON_EXCERPT_SIZE 48

/* A short piece of the text from `position` on for an error message: one token at most, quoted and
 * escaped so that it is plain ASCII, "…" behind it where it was cut. Returns `excerpt`. */
const char *json_excerpt(const char *text, size_t length, size_t position,
                         char excerpt[JSON_EXCERPT_SIZE]);

#endif
