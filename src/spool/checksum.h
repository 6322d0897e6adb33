/* The checksum of what the spool keeps: CRC-32 (ISO 3309, as zlib has it) over the seed, eight
 * bytes in little-endian order, and the bytes. It guards against accidents, not against malice. */
#ifndef KAFKA_BRIDGE_SPOOL_CHECKSUM_H
#define KAFKA_BRIDGE_SPOOL_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

/* Below 2^32. The seed may be the checksum of what stands before. */
uint64_t spool_checksum(const void *bytes, size_t size, uint64_t seed);

/* The same over a text with its NUL, so that texts one behind the other do not run together. */
uint64_t spool_checksum_text(const char *text, uint64_t seed);

#endif
