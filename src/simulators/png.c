#include "simulators/png.h"

#define SIGNATURE_SIZE    8
#define CHUNK_OVERHEAD    12 /* length, name, check sum */
#define IHDR_SIZE         13
#define ZLIB_OVERHEAD     11 /* zlib's header, a stored block's, Adler-32 */
#define ADLER_MODULUS     65521
#define ADLER_WITHOUT_MOD 5552 /* additions before 32 bits could run over (zlib's NMAX) */

static size_t raw_size(uint32_t width, uint32_t height)
{
    return ((size_t)width + 1) * height;
}

size_t png_size(uint32_t width, uint32_t height)
{
    return SIGNATURE_SIZE + 3 * CHUNK_OVERHEAD + IHDR_SIZE + ZLIB_OVERHEAD +
           raw_size(width, height);
}

static uint8_t *put_big_endian(uint8_t *at, uint32_t value)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        *at++ = (uint8_t)(value >> shift);
    return at;
}

static uint32_t crc32_of(const uint8_t *bytes, size_t size)
{
    static const uint32_t table[16] = {0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac,
                                       0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
                                       0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
                                       0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c};
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < size; i++) {
        crc = table[(crc ^ bytes[i]) & 15] ^ (crc >> 4);
        crc = table[(crc ^ (bytes[i] >> 4)) & 15] ^ (crc >> 4);
    }
    return ~crc;
}

static uint32_t adler32_of(const uint8_t *bytes, size_t size)
{
    uint32_t low = 1, high = 0;
    while (size > 0) {
        size_t run = size < ADLER_WITHOUT_MOD ? size : ADLER_WITHOUT_MOD;
        for (size_t i = 0; i < run; i++) {
            low += bytes[i];
            high += low;
        }
        low %= ADLER_MODULUS;
        high %= ADLER_MODULUS;
        bytes += run;
        size -= run;
    }
    return high << 16 | low;
}

/* Closes the chunk that began at `start` (its length field) and ends before `at`. */
static uint8_t *finish_chunk(uint8_t *start, uint8_t *at)
{
    uint8_t *name = start + 4;
    (void)put_big_endian(start, (uint32_t)(at - name - 4));
    return put_big_endian(at, crc32_of(name, (size_t)(at - name)));
}

static uint8_t *begin_chunk(uint8_t *start, const char name[4])
{
    memcpy(start + 4, name, 4);
    return start + 8;
}

static uint8_t *put_ihdr(uint8_t *start, uint32_t width, uint32_t height)
{
    uint8_t *at = begin_chunk(start, "IHDR");
    at = put_big_endian(at, width);
    at = put_big_endian(at, height);
    *at++ = 8; /* bits */
    *at++ = 0; /* grey */
    *at++ = 0; /* deflate */
    *at++ = 0; /* the one filter method */
    *at++ = 0; /* not interlaced */
    return finish_chunk(start, at);
}

static uint8_t *put_idat(uint8_t *start, const uint8_t *pixels, uint32_t width, uint32_t height)
{
    size_t size = raw_size(width, height);
    uint8_t *at = begin_chunk(start, "IDAT");
    *at++ = 0x78; /* zlib: deflate, 32 KiB window */
    *at++ = 0x01;
    *at++ = 1; /* the last block, stored */
    *at++ = (uint8_t)size;
    *at++ = (uint8_t)(size >> 8);
    *at++ = (uint8_t)~size;
    *at++ = (uint8_t)(~size >> 8);
    uint8_t *raw = at;
    for (uint32_t row = 0; row < height; row++) {
        *at++ = 0; /* this row is not filtered */
        memcpy(at, pixels + (size_t)row * width, width);
        at += width;
    }
    at = put_big_endian(at, adler32_of(raw, size));
    return finish_chunk(start, at);
}

enum error_code png_append(const uint8_t *pixels, uint32_t width, uint32_t height,
                           struct buffer *out)
{
    if (width == 0 || height == 0 || width > PNG_PIXELS_LIMIT || height > PNG_PIXELS_LIMIT ||
        raw_size(width, height) > PNG_PIXELS_LIMIT)
        return ERROR_LIMIT;
    enum error_code code = buffer_reserve(out, png_size(width, height));
    if (code != ERROR_NONE)
        return code;
    uint8_t *at = (uint8_t *)out->data + out->length;
    memcpy(at, "\x89PNG\r\n\x1a\n", SIGNATURE_SIZE);
    at += SIGNATURE_SIZE;
    at = put_ihdr(at, width, height);
    at = put_idat(at, pixels, width, height);
    at = finish_chunk(at, begin_chunk(at, "IEND"));
    out->length = (size_t)(at - (uint8_t *)out->data);
    return ERROR_NONE;
}
