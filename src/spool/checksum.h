/* XXH64, a hash of 64 bits that is as fast as memory, by its specification:
 * https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md
 *
 * It is written here because rosdep knows no key for its library. It guards against accidents, not
 * against malice.
 */
#ifndef KAFKA_BRIDGE_SPOOL_CHECKSUM_H
#define KAFKA_BRIDGE_SPOOL_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

uint64_t spool_checksum(const void *bytes, size_t size, uint64_t seed);

/* The same over a text with its NUL, so that texts one behind the other do not run together. */
uint64_t spool_checksum_text(const char *text, uint64_t seed);

#endif
