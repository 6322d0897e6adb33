#include "spool/checksum.h"

#include <endian.h>
#include <string.h>
#include <zlib.h>

uint64_t spool_checksum(const void *bytes, size_t size, uint64_t seed)
{
    uint64_t first = htole64(seed);
    uLong crc = crc32_z(0, (const Bytef *)&first, sizeof first);
    return size > 0 ? crc32_z(crc, bytes, size) : crc;
}

uint64_t spool_checksum_text(const char *text, uint64_t seed)
{
    return spool_checksum(text, strlen(text) + 1, seed);
}
