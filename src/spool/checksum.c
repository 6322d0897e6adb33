#include "spool/checksum.h"

#include <endian.h>
#include <string.h>

#define PRIME_1 UINT64_C(0x9E3779B185EBCA87)
#define PRIME_2 UINT64_C(0xC2B2AE3D27D4EB4F)
#define PRIME_3 UINT64_C(0x165667B19E3779F9)
#define PRIME_4 UINT64_C(0x85EBCA77C2B2AE63)
#define PRIME_5 UINT64_C(0x27D4EB2F165667C5)

#define LANES  4
#define STRIPE (LANES * sizeof(uint64_t))

static uint64_t rotate(uint64_t value, unsigned bits)
{
    return value << bits | value >> (64 - bits);
}

static uint64_t get64(const unsigned char *from)
{
    uint64_t value;
    memcpy(&value, from, sizeof value);
    return le64toh(value);
}

static uint32_t get32(const unsigned char *from)
{
    uint32_t value;
    memcpy(&value, from, sizeof value);
    return le32toh(value);
}

static uint64_t mix(uint64_t lane, uint64_t input)
{
    return rotate(lane + input * PRIME_2, 31) * PRIME_1;
}

/* The whole stripes, four lanes side by side. */
static uint64_t hash_stripes(const unsigned char **at, const unsigned char *end, uint64_t seed)
{
    static const unsigned turns[LANES] = {1, 7, 12, 18};
    uint64_t lanes[LANES] = {seed + PRIME_1 + PRIME_2, seed + PRIME_2, seed, seed - PRIME_1};
    for (; (size_t)(end - *at) >= STRIPE; *at += STRIPE) {
        for (size_t i = 0; i < LANES; i++)
            lanes[i] = mix(lanes[i], get64(*at + i * sizeof(uint64_t)));
    }
    uint64_t hash = 0;
    for (size_t i = 0; i < LANES; i++)
        hash += rotate(lanes[i], turns[i]);
    for (size_t i = 0; i < LANES; i++)
        hash = (hash ^ mix(0, lanes[i])) * PRIME_1 + PRIME_4;
    return hash;
}

/* What is left, less than a stripe. */
static uint64_t hash_rest(const unsigned char *at, const unsigned char *end, uint64_t hash)
{
    for (; end - at >= 8; at += 8)
        hash = rotate(hash ^ mix(0, get64(at)), 27) * PRIME_1 + PRIME_4;
    for (; end - at >= 4; at += 4)
        hash = rotate(hash ^ get32(at) * PRIME_1, 23) * PRIME_2 + PRIME_3;
    for (; at < end; at++)
        hash = rotate(hash ^ *at * PRIME_5, 11) * PRIME_1;
    return hash;
}

uint64_t spool_checksum(const void *bytes, size_t size, uint64_t seed)
{
    const unsigned char *at = size > 0 ? bytes : (const unsigned char *)"";
    const unsigned char *end = at + size;
    uint64_t hash = size >= STRIPE ? hash_stripes(&at, end, seed) : seed + PRIME_5;
    hash = hash_rest(at, end, hash + size);
    hash = (hash ^ hash >> 33) * PRIME_2;
    hash = (hash ^ hash >> 29) * PRIME_3;
    return hash ^ hash >> 32;
}

uint64_t spool_checksum_text(const char *text, uint64_t seed)
{
    return spool_checksum(text, strlen(text) + 1, seed);
}
