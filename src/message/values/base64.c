#include "message/values/base64.h"

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

/* One more than the six bits that a character stands for; 0 where it stands for none. */
static const uint8_t digits[256] = {
    ['A'] = 1,  ['B'] = 2,  ['C'] = 3,  ['D'] = 4,  ['E'] = 5,  ['F'] = 6,  ['G'] = 7,  ['H'] = 8,
    ['I'] = 9,  ['J'] = 10, ['K'] = 11, ['L'] = 12, ['M'] = 13, ['N'] = 14, ['O'] = 15, ['P'] = 16,
    ['Q'] = 17, ['R'] = 18, ['S'] = 19, ['T'] = 20, ['U'] = 21, ['V'] = 22, ['W'] = 23, ['X'] = 24,
    ['Y'] = 25, ['Z'] = 26, ['a'] = 27, ['b'] = 28, ['c'] = 29, ['d'] = 30, ['e'] = 31, ['f'] = 32,
    ['g'] = 33, ['h'] = 34, ['i'] = 35, ['j'] = 36, ['k'] = 37, ['l'] = 38, ['m'] = 39, ['n'] = 40,
    ['o'] = 41, ['p'] = 42, ['q'] = 43, ['r'] = 44, ['s'] = 45, ['t'] = 46, ['u'] = 47, ['v'] = 48,
    ['w'] = 49, ['x'] = 50, ['y'] = 51, ['z'] = 52, ['0'] = 53, ['1'] = 54, ['2'] = 55, ['3'] = 56,
    ['4'] = 57, ['5'] = 58, ['6'] = 59, ['7'] = 60, ['8'] = 61, ['9'] = 62, ['+'] = 63, ['/'] = 64,
};

/* Decodes the four characters at `text` to three bytes; false where one is no digit. */
static inline bool decode_group(const unsigned char *text, char *out)
{
    uint32_t a = digits[text[0]], b = digits[text[1]], c = digits[text[2]], d = digits[text[3]];
    if (!a || !b || !c || !d)
        return false;
    uint32_t bits = (a - 1) << 18 | (b - 1) << 12 | (c - 1) << 6 | (d - 1);
    out[0] = (char)(unsigned char)(bits >> 16);
    out[1] = (char)(unsigned char)(bits >> 8);
    out[2] = (char)(unsigned char)bits;
    return true;
}

bool base64_decode(const char *text, size_t length, char *out, size_t *out_length)
{
    if (length > 0 && length % 4 == 0 && text[length - 1] == '=')
        length -= text[length - 2] == '=' ? 2 : 1;
    const unsigned char *from = (const unsigned char *)text;
    const unsigned char *whole = from + length / 4 * 4;
    char *to = out;
    for (; from < whole; from += 4, to += 3)
        if (!decode_group(from, to))
            return false;
    uint32_t bits = 0;
    for (size_t i = 0; i < length % 4; i++) {
        if (!digits[from[i]])
            return false;
        bits = bits << 6 | (digits[from[i]] - 1U);
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
