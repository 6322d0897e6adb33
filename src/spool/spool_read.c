/* Reading: the next block, or what is wrong with it. */
#include "spool/inside.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <unistd.h>

/* The last id of the settled range that `id` is in; 0: it is not settled. */
static uint64_t settled_up_to(struct spool *spool, uint64_t id)
{
    uint64_t last = 0;
    (void)pthread_mutex_lock(&spool->lock);
    if (!spool_settled_has(&spool->settled, id, &last))
        (void)spool_settled_has(&spool->leaving, id, &last);
    (void)pthread_mutex_unlock(&spool->lock);
    return last;
}

static bool is_sound(const struct spool *spool, const struct spool_block_row *row,
                     const struct spool_block *block)
{
    uint64_t identity = spool->mark.progress.identity;
    return row->records == block->count &&
           row->checksum == spool_block_checksum(identity, row->id, row->bytes, row->size) &&
           row->head ==
               spool_block_head(identity, row->id, row->records, row->size, row->checksum) &&
           spool_block_is_sound(block);
}

static enum error_code copy(const struct spool_block_row *row, struct spool_block *block)
{
    block->id = row->id;
    block->count = (uint32_t)row->records;
    buffer_clear(&block->bytes);
    if (block->bytes.limit < row->size)
        block->bytes.limit = row->size;
    return buffer_append(&block->bytes, row->bytes ? row->bytes : "", row->size);
}

/* Keeps the bytes of a block that is damaged, for who can make something of them. */
static void set_aside(struct spool *spool, const struct spool_block *block)
{
    char name[SPOOL_NAME_SIZE];
    spool_damaged_name(name, spool->path);
    int file = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (file < 0)
        return;
    ssize_t written = write(file, block->bytes.data, block->bytes.length);
    if (close(file) != 0 || written < 0)
        (void)unlink(name);
}

static enum error_code refuse(struct spool *spool, const struct spool_block *block,
                              struct error *error)
{
    if (!spool->read_only) {
        set_aside(spool, block);
        (void)pthread_mutex_lock(&spool->lock);
        spool_settled_add(&spool->settled, block->id, block->id);
        spool->lost_records += block->count;
        (void)pthread_mutex_unlock(&spool->lock);
    }
    return error_set(error, ERROR_SYNTAX, spool->path, 0,
                     "block %" PRIu64 " of %s is damaged, its checksum is wrong; %" PRIu32
                     " records are lost",
                     block->id, spool->path, block->count);
}

enum error_code spool_read(struct spool *spool, uint64_t after, struct spool_block *block,
                           struct error *error)
{
    struct spool_block_row row;
    enum error_code code = ERROR_NONE;
    bool sound = true;
    (void)pthread_mutex_lock(&spool->reading);
    int result = spool_store_read_block(&spool->reader, after, &row);
    while (result == SQLITE_ROW) {
        uint64_t last = settled_up_to(spool, row.id);
        if (last == 0)
            break;
        spool_store_read_done(&spool->reader);
        result = spool_store_read_block(&spool->reader, last, &row);
    }
    if (result == SQLITE_ROW) {
        code = copy(&row, block);
        sound = code != ERROR_NONE || is_sound(spool, &row, block);
    }
    spool_store_read_done(&spool->reader);
    if (result == SQLITE_DONE)
        code = error_set(error, ERROR_MISSING, spool->path, 0, "no more blocks");
    else if (result != SQLITE_ROW)
        code = spool_store_error(&spool->reader, result, "cannot be read", error);
    else if (code != ERROR_NONE)
        code = error_set(error, code, spool->path, 0,
                         "%s: no memory for a block of %" PRIu64 " bytes", spool->path, row.size);
    (void)pthread_mutex_unlock(&spool->reading);
    return sound ? code : refuse(spool, block, error);
}
