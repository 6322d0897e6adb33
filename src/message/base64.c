#include "message/base64.h"

#define NO_DIGIT 0xffU

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

char *base64_encode(const uint8_t *bytes, size_t length, char *text)
{
    size_t i = 0;
    for (; i + 3 <= length; i += 3) {
        uint32_t group = (uint32_t)bytes[i] << 16 | (uint32_t)bytes[i + 1] << 8 | bytes[i + 2];
        text[0] = alphabet[group >> 18];
        text[1] = alphabet[(group >> 12) & 63];
        text[2] = alphabet[(group >> 6) & 63];
        text[3] = alphabet[group & 63];
        text += 4;
    }
    if (i < length) {
        uint32_t group = (uint32_t)bytes[i] << 16;
        if (i + 1 < length)
            group |= (uint32_t)bytes[i + 1] << 8;
        text[0] = alphabet[group >> 18];
        text[1] = alphabet[(group >> 12) & 63];
        text[2] = '=';
        if (i + 1 < length)
            text[2] = alphabet[(group >> 6) & 63];
        text[3] = '=';
        text += 4;
    }
    return text;
}

/* The six bits that a character stands for, or NO_DIGIT. */
static uint32_t digit_of(char c)
{
    if (c >= 'A' && c <= 'Z')
        return (uint32_t)(c - 'A');
    if (c >= 'a' && c <= 'z')
        return (uint32_t)(c - 'a') + 26;
    if (c >= '0' && c <= '9')
        return (uint32_t)(c - '0') + 52;
    return c == '+' ? 62 : c == '/' ? 63 : NO_DIGIT;
}

bool base64_decode(const char *text, size_t length, char *out, size_t *out_length)
{
    if (length > 0 && length % 4 == 0 && text[length - 1] == '=')
        length -= text[length - 2] == '=' ? 2 : 1;
    char *to = out;
    uint32_t bits = 0;
    for (size_t i = 0; i < length; i++) {
        uint32_t digit = digit_of(text[i]);
        if (digit == NO_DIGIT)
            return false;
        bits = bits << 6 | digit;
        if (i % 4 == 3) {
            *to++ = (char)(unsigned char)(bits >> 16);
            *to++ = (char)(unsigned char)(bits >> 8);
            *to++ = (char)(unsigned char)bits;
        }
    }
    switch (length % 4) {
    case 0:
        break;
    case 2:
        if (bits & 0xf)
            return false;
        *to++ = (char)(unsigned char)(bits >> 4);
        break;
    case 3:
        if (bits & 0x3)
            return false;
        *to++ = (char)(unsigned char)(bits >> 10);
        *to++ = (char)(unsigned char)(bits >> 2);
        break;
    default:
        return false;
    }
    *out_length = (size_t)(to - out);
    return true;
}
