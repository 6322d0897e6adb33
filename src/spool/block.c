#include "spool/block.h"

#include <endian.h>

/* What stands before a record's key and value. */
struct head {
    uint32_t origin;
    uint32_t kind;
    uint64_t sequence;
    uint64_t timestamp;
    uint32_t key_size;
    uint32_t value_size;
};

_Static_assert(sizeof(struct head) == 32, "the head has no padding");

void spool_block_init(struct spool_block *block, uint64_t id, size_t max_bytes)
{
    *block = (struct spool_block){.id = id};
    buffer_init(&block->bytes, max_bytes);
}

void spool_block_fini(struct spool_block *block)
{
    buffer_fini(&block->bytes);
    block->count = 0;
}

size_t spool_record_bytes(size_t key_size, size_t value_size)
{
    return sizeof(struct head) + key_size + value_size;
}

static void put(char *to, const void *from, size_t size)
{
    if (size > 0 && to != from)
        memcpy(to, from, size);
}

char *spool_block_room(struct spool_block *block, size_t key_size, size_t size)
{
    if (buffer_reserve(&block->bytes, spool_record_bytes(key_size, size)) != ERROR_NONE)
        return NULL;
    return block->bytes.data + block->bytes.length + sizeof(struct head) + key_size;
}

enum error_code spool_block_add(struct spool_block *block, const struct spool_record *record)
{
    size_t size = spool_record_bytes(record->key_size, record->value_size);
    enum error_code code =
        block->count < UINT32_MAX ? buffer_reserve(&block->bytes, size) : ERROR_LIMIT;
    if (code != ERROR_NONE)
        return code;
    const struct head head = {
        .origin = htole32(record->origin),
        .kind = htole32(record->kind),
        .sequence = htole64(record->sequence),
        .timestamp = htole64((uint64_t)record->timestamp),
        .key_size = htole32(record->key_size),
        .value_size = htole32(record->value_size),
    };
    char *to = block->bytes.data + block->bytes.length;
    memcpy(to, &head, sizeof head);
    put(to + sizeof head, record->key, record->key_size);
    put(to + sizeof head + record->key_size, record->value, record->value_size);
    block->bytes.length += size;
    block->count++;
    return ERROR_NONE;
}

bool spool_block_next(const struct spool_block *block, size_t *position,
                      struct spool_record *record)
{
    if (*position > block->bytes.length || block->bytes.length - *position < sizeof(struct head))
        return false;
    const char *from = block->bytes.data + *position;
    size_t left = block->bytes.length - *position - sizeof(struct head);
    struct head head;
    memcpy(&head, from, sizeof head);
    uint32_t key_size = le32toh(head.key_size);
    uint32_t value_size = le32toh(head.value_size);
    if (key_size > left || value_size > left - key_size)
        return false;
    *record = (struct spool_record){
        .origin = le32toh(head.origin),
        .kind = le32toh(head.kind),
        .sequence = le64toh(head.sequence),
        .timestamp = (int64_t)le64toh(head.timestamp),
        .key = from + sizeof head,
        .key_size = key_size,
        .value = from + sizeof head + key_size,
        .value_size = value_size,
    };
    *position += spool_record_bytes(key_size, value_size);
    return true;
}

bool spool_block_is_sound(const struct spool_block *block)
{
    struct spool_record record;
    size_t position = 0;
    uint32_t count = 0;
    while (spool_block_next(block, &position, &record)) {
        if (++count > block->count)
            return false;
    }
    return count == block->count && position == block->bytes.length;
}
