/* UTF-8 as RFC 3629 has it: no surrogates, no overlong forms, nothing above U+10FFFF. Any thread.
 */
#ifndef KAFKA_BRIDGE_MESSAGE_VALUES_UTF8_H
#define KAFKA_BRIDGE_MESSAGE_VALUES_UTF8_H

#include <stddef.h>
#include <stdint.h>

/* Bytes of the character that begins at `bytes` (1…4; `left` are there, at least 1); 0 where none
 * does. */
static inline size_t utf8_length(const uint8_t *bytes, size_t left)
{
    uint8_t lead = bytes[0];
    if (lead < 0x80)
        return 1;
    size_t length = lead >= 0xC2 && lead < 0xE0 ? 2 : (lead & 0xF0) == 0xE0 ? 3 : 4;
    if (lead < 0xC2 || lead > 0xF4 || left < length || (bytes[1] & 0xC0) != 0x80)
        return 0;
    if ((lead == 0xE0 && bytes[1] < 0xA0) || (lead == 0xED && bytes[1] > 0x9F) ||
        (lead == 0xF0 && bytes[1] < 0x90) || (lead == 0xF4 && bytes[1] > 0x8F))
        return 0;
    if (length > 2 && (bytes[2] & 0xC0) != 0x80)
        return 0;
    if (length > 3 && (bytes[3] & 0xC0) != 0x80)
        return 0;
    return length;
}

/* Writes `code` (a Unicode scalar value) and returns its length, 1…4. */
static inline size_t utf8_write(uint32_t code, char *text)
{
    if (code < 0x80) {
        text[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        text[0] = (char)(0xC0 | (code >> 6));
        text[1] = (char)(0x80 | (code & 0x3F));
        return 2;
    }
    if (code < 0x10000) {
        text[0] = (char)(0xE0 | (code >> 12));
        text[1] = (char)(0x80 | ((code >> 6) & 0x3F));
        text[2] = (char)(0x80 | (code & 0x3F));
        return 3;
    }
    text[0] = (char)(0xF0 | (code >> 18));
    text[1] = (char)(0x80 | ((code >> 12) & 0x3F));
    text[2] = (char)(0x80 | ((code >> 6) & 0x3F));
    text[3] = (char)(0x80 | (code & 0x3F));
    return 4;
}

#endif
