#include "spool/checksum.h"

#include <endian.h>
#include <string.h>
#ifdef KAFKA_BRIDGE_LIBDEFLATE
#include <libdeflate.h>
#else
#include <zlib.h>
#endif

/* The processor's own multiplication where it has one: a quarter of zlib's time. */
static uint32_t add(uint32_t crc, const void *bytes, size_t size)
{
#ifdef KAFKA_BRIDGE_LIBDEFLATE
    return libdeflate_crc32(crc, bytes, size);
#else
    return (uint32_t)crc32_z(crc, bytes, size);
#endif
}

uint64_t spool_checksum(const void *bytes, size_t size, uint64_t seed)
{
    uint64_t first = htole64(seed);
    uint32_t crc = add(0, &first, sizeof first);
    return size > 0 ? add(crc, bytes, size) : crc;
}

uint64_t spool_checksum_text(const char *text, uint64_t seed)
{
    return spool_checksum(text, strlen(text) + 1, seed);
}
