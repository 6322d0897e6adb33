/* Base64 with the standard alphabet (RFC 4648, section 4), of at most 1 GiB. Any thread. */
#ifndef KAFKA_BRIDGE_MESSAGE_VALUES_BASE64_H
#define KAFKA_BRIDGE_MESSAGE_VALUES_BASE64_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Length of the text of `length` bytes. */
static inline size_t base64_encoded_length(size_t length)
{
    return (length + 2) / 3 * 4;
}

/* Writes the text of `bytes`, base64_encoded_length(length) characters with padding, and returns
 * its end. */
char *base64_encode(const uint8_t *bytes, size_t length, char *text);

/* Decodes all of `text`, with its padding or without. `out` holds at least 3 bytes for every 4 of
 * text and may be `text` itself. False where a character is none of the alphabet's (white space
 * included), the padding is wrong, or bits are left over that are not zero. */
bool base64_decode(const char *text, size_t length, char *out, size_t *out_length);

#endif
