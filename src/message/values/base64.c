#include "message/values/base64.h"

#include <endian.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <string.h>

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

/* Two characters for 12 bits: half the look-ups of OpenSSL's encoder, which takes the threefold
 * time. */
static char pairs[1 << 12][2];
static pthread_once_t pairs_once = PTHREAD_ONCE_INIT;

static void make_pairs(void)
{
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        pairs[i][0] = LETTERS[i >> 6];
        pairs[i][1] = LETTERS[i & 63];
    }
}

static char *put_pair(char *text, uint64_t bits)
{
    memcpy(text, pairs[bits & 0xfff], 2);
    return text + 2;
}

static char *encode_last(const uint8_t *bytes, size_t length, char *text)
{
    uint32_t bits = (uint32_t)bytes[0] << 16 | (length > 1 ? (uint32_t)bytes[1] << 8 : 0U);
    text = put_pair(text, bits >> 12);
    text = put_pair(text, bits);
    text[-1] = '=';
    if (length == 1)
        text[-2] = '=';
    return text;
}

char *base64_encode(const uint8_t *bytes, size_t length, char *text)
{
    (void)pthread_once(&pairs_once, make_pairs);
    for (; length >= sizeof(uint64_t); bytes += 6, length -= 6) { /* reads two more than it takes */
        uint64_t word;
        memcpy(&word, bytes, sizeof word);
        word = be64toh(word);
        text = put_pair(text, word >> 52);
        text = put_pair(text, word >> 40);
        text = put_pair(text, word >> 28);
        text = put_pair(text, word >> 16);
    }
    for (; length >= 3; bytes += 3, length -= 3) {
        uint32_t bits = (uint32_t)bytes[0] << 16 | (uint32_t)bytes[1] << 8 | bytes[2];
        text = put_pair(text, bits >> 12);
        text = put_pair(text, bits);
    }
    return length > 0 ? encode_last(bytes, length, text) : text;
}

/* Whole groups without padding. OpenSSL takes '=' anywhere, and leaves out white space and what
 * follows a '-'. */
static bool decode_groups(const char *text, size_t length, char *out)
{
    return !memchr(text, '=', length) &&
           EVP_DecodeBlock((unsigned char *)out, (const unsigned char *)text, (int)length) ==
               (int)(length / 4 * 3);
}

bool base64_decode(const char *text, size_t length, char *out, size_t *out_length)
{
    if (length > 0 && length % 4 == 0 && text[length - 1] == '=')
        length -= text[length - 2] == '=' ? 2 : 1;
    size_t rest = length % 4, head = length - rest;
    char last[4] = "AAAA", bytes[3] = {0};
    memcpy(last, text + head, rest);
    if (rest == 1 || !decode_groups(last, sizeof last, bytes) || !decode_groups(text, head, out))
        return false;
    *out_length = (length * 3) / 4;
    size_t count = rest > 0 ? rest - 1 : 0;
    memcpy(out + head / 4 * 3, bytes, count);
    return count == 0 || (bytes[2] == 0 && (count == 2 || bytes[1] == 0));
}
