/* Any bytes as a block of any count: what is walked stays within them, and a block that is sound is
 * the same after it was taken apart and put together. */
#include "spool/block.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    struct spool_block block;
    spool_block_init(&block, 1, size);
    block.count = data[0];
    if (buffer_append(&block.bytes, data + 1, size - 1) != ERROR_NONE)
        abort();
    struct spool_block again;
    spool_block_init(&again, 1, size);
    struct spool_record record;
    size_t position = 0;
    size_t before = 0;
    while (spool_block_next(&block, &position, &record)) {
        if (position - before != spool_record_bytes(record.key_size, record.value_size) ||
            position > block.bytes.length)
            abort();
        before = position;
        if (spool_block_add(&again, &record) != ERROR_NONE)
            abort();
    }
    if (spool_block_is_sound(&block) &&
        (again.count != block.count || again.bytes.length != block.bytes.length ||
         (again.bytes.length > 0 &&
          memcmp(again.bytes.data, block.bytes.data, again.bytes.length) != 0)))
        abort();
    spool_block_fini(&again);
    spool_block_fini(&block);
    return 0;
}
