#include "message/json/json_text.h"

#include "message/values/utf8.h"

#include <string.h>

#define WORD           8 /* bytes looked at together */
#define LONGEST        6 /* bytes of the longest escape: \u0000 */
#define ONES           0x0101010101010101ULL
#define HIGHS          0x8080808080808080ULL
#define HAS_ZERO(word) (((word)-ONES) & ~(word)&HIGHS)

/* Whether one of eight bytes needs more than a copy: a control, '"', '\' or above ASCII. A byte
 * above 0x80 may make the others' answers wrong, but then the answer is yes. */
static bool needs_care(uint64_t word)
{
    uint64_t controls = (word - ONES * 0x20) & ~word & HIGHS;
    return ((word & HIGHS) | controls | HAS_ZERO(word ^ (ONES * '"')) |
            HAS_ZERO(word ^ (ONES * '\\'))) != 0;
}

static char *write_escape(char *at, uint8_t byte)
{
    char letter = 0;
    switch (byte) {
    case '"':
    case '\\':
        letter = (char)byte;
        break;
    case '\b':
        letter = 'b';
        break;
    case '\f':
        letter = 'f';
        break;
    case '\n':
        letter = 'n';
        break;
    case '\r':
        letter = 'r';
        break;
    case '\t':
        letter = 't';
        break;
    default:
        break;
    }
    *at++ = '\\';
    if (letter) {
        *at++ = letter;
        return at;
    }
    memcpy(at, "u00", 3);
    at[3] = "0123456789abcdef"[byte >> 4];
    at[4] = "0123456789abcdef"[byte & 15];
    return at + 5;
}

/* Writes the character at `bytes` and says how many bytes it took. */
static char *write_character(char *at, const uint8_t *bytes, size_t left, size_t *taken,
                             uint64_t *invalid)
{
    uint8_t byte = bytes[0];
    *taken = 1;
    if (byte < 0x20 || byte == '"' || byte == '\\')
        return write_escape(at, byte);
    size_t length = utf8_length(bytes, left);
    if (length == 0) {
        ++*invalid;
        return at + utf8_write(0xFFFD, at);
    }
    *taken = length;
    memcpy(at, bytes, length);
    return at + length;
}

enum error_code json_text_append(struct buffer *out, const uint8_t *bytes, size_t length,
                                 uint64_t *invalid)
{
    /* Room for what is left as it is, the quote, and one more escape; a word is written whole. */
    enum error_code code = buffer_reserve(out, length + WORD + LONGEST + 2);
    if (code != ERROR_NONE)
        return code;
    size_t start = out->length;
    char *at = out->data + out->length;
    *at++ = '"';
    size_t i = 0;
    while (i < length) {
        size_t end = i + WORD;
        uint64_t word = ONES * 'a';
        if (end <= length) {
            memcpy(&word, bytes + i, WORD);
        } else {
            end = length;
            memcpy(&word, bytes + i, end - i);
        }
        if (!needs_care(word)) {
            memcpy(at, &word, WORD);
            at += end - i;
            i = end;
            continue;
        }
        while (i < end) {
            size_t taken = 0;
            at = write_character(at, bytes + i, length - i, &taken, invalid);
            i += taken;
            out->length = (size_t)(at - out->data);
            code = buffer_reserve(out, length - i + WORD + LONGEST + 2);
            if (code != ERROR_NONE) {
                out->length = start;
                return code;
            }
            at = out->data + out->length;
        }
    }
    *at++ = '"';
    out->length = (size_t)(at - out->data);
    return ERROR_NONE;
}
