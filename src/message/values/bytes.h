/* Little-endian values read from serialized bytes, at any alignment. The caller has checked that
 * they are there. */
#ifndef KAFKA_BRIDGE_MESSAGE_VALUES_BYTES_H
#define KAFKA_BRIDGE_MESSAGE_VALUES_BYTES_H

#include <stdint.h>
#include <string.h>

/* `bytes`; where an empty message comes as NULL, another place without bytes, since pointer
 * arithmetic needs one. */
static inline const uint8_t *bytes_begin(const uint8_t *bytes)
{
    static const uint8_t nothing;
    return bytes ? bytes : &nothing;
}

static inline uint16_t bytes_u16(const uint8_t *bytes)
{
    return (uint16_t)(bytes[0] | (bytes[1] << 8));
}

static inline uint32_t bytes_u32(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] | ((uint32_t)bytes[1] << 8) | ((uint32_t)bytes[2] << 16) |
           ((uint32_t)bytes[3] << 24);
}

static inline uint64_t bytes_u64(const uint8_t *bytes)
{
    return (uint64_t)bytes_u32(bytes) | ((uint64_t)bytes_u32(bytes + 4) << 32);
}

static inline float bytes_float(const uint8_t *bytes)
{
    uint32_t bits = bytes_u32(bytes);
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static inline double bytes_double(const uint8_t *bytes)
{
    uint64_t bits = bytes_u64(bytes);
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

#endif
