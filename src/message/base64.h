/* Base64 (RFC 4648, section 4) → bytes. */
#ifndef KAFKA_BRIDGE_MESSAGE_BASE64_H
#define KAFKA_BRIDGE_MESSAGE_BASE64_H

#include <stdbool.h>
#include <stddef.h>

/* Decodes all of `text`, with its padding or without. `out` holds at least 3 bytes for every 4 of
 * text and may be `text` itself. False where a character is none of the alphabet's (white space
 * included), the padding is wrong, or bits are left over that are not zero. */
bool base64_decode(const char *text, size_t length, char *out, size_t *out_length);

#endif
