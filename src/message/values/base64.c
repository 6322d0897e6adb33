#include "message/values/base64.h"

#include <openssl/evp.h>
#include <string.h>

char *base64_encode(const uint8_t *bytes, size_t length, char *text)
{
    if (length == 0)
        return text;
    /* EVP_EncodeBlock writes a NUL behind what it returns: there is room for it before the last
     * group only. */
    unsigned char last[5];
    size_t head = (length - 1) / 3 * 3;
    text += EVP_EncodeBlock((unsigned char *)text, bytes, (int)head);
    (void)EVP_EncodeBlock(last, bytes + head, (int)(length - head));
    memcpy(text, last, 4);
    return text + 4;
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
