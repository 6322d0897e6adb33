/* A block: records that were accepted together, in the form in which they are kept and sent.
 *
 * Layout of `bytes`, each record behind the other, little-endian, no padding:
 *
 *   u32 origin, u32 kind, u64 sequence, i64 timestamp, u32 key size, u32 value size, key, value
 *
 * A block belongs to one thread at a time.
 */
#ifndef KAFKA_BRIDGE_SPOOL_BLOCK_H
#define KAFKA_BRIDGE_SPOOL_BLOCK_H

#include "base/buffer.h"

#include <stdbool.h>
#include <stdint.h>

/* A record of a block; the pointers are into the block, or the caller's when it is added. */
struct spool_record {
    uint32_t origin;   /* id of its struct spool_origin */
    uint32_t kind;     /* the bridge's: what it is and where it goes */
    uint64_t sequence; /* within the origin's Kafka topic */
    int64_t timestamp; /* milliseconds since the Unix epoch */
    const void *key;
    uint32_t key_size;
    const void *value;
    uint32_t value_size;
};

struct spool_block {
    uint64_t id; /* from spool_next_id: blocks are sent in the order of their ids */
    uint32_t count;
    struct buffer bytes;
};

void spool_block_init(struct spool_block *block, uint64_t id, size_t max_bytes);
void spool_block_fini(struct spool_block *block);

/* Bytes that a record with this key and value takes. */
size_t spool_record_bytes(size_t key_size, size_t value_size);

/* Where the value of the next record will stand if its key has `key_size` bytes: `size` bytes may
 * be written there, and a value that stands there is not copied when it is added. NULL: no memory,
 * or over the limit. */
char *spool_block_room(struct spool_block *block, size_t key_size, size_t size);

/* Copies the record in. ERROR_LIMIT, ERROR_MEMORY: the block is as it was. */
enum error_code spool_block_add(struct spool_block *block,
                                const struct spool_record *record) MUST_CHECK;

/* The record at `*position` (0 for the first), and moves on to the next. False at the end. */
bool spool_block_next(const struct spool_block *block, size_t *position,
                      struct spool_record *record);

/* Whether `bytes` are `count` whole records and nothing else. */
bool spool_block_is_sound(const struct spool_block *block);

#endif
