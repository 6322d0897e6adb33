/* Reading: the next block, or what is wrong with it. */
#include "spool/spool_private.h"

#include "spool/privacy.h"

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
    uint64_t identity = spool->identity;
    const struct spool_block_head *head = &row->head;
    return head->records == block->count &&
           head->checksum == spool_block_checksum(identity, head->id, row->bytes, head->size) &&
           row->head_checksum == spool_block_head_checksum(identity, head) &&
           spool_block_is_sound(block);
}

static enum error_code copy(const struct spool_block_row *row, struct spool_block *block)
{
    const struct spool_block_head *head = &row->head;
    block->id = head->id;
    block->count = head->records < UINT32_MAX ? (uint32_t)head->records : UINT32_MAX;
    buffer_clear(&block->bytes);
    if (block->bytes.limit < head->size)
        block->bytes.limit = head->size;
    return buffer_append(&block->bytes, row->bytes ? row->bytes : "", head->size);
}

/* Keeps the bytes of a block that is damaged, for who can make something of them. */
static void set_aside(struct spool *spool, const struct spool_block *block)
{
    char name[SPOOL_NAME_SIZE];
    spool_damaged_name(name, spool->path);
    int file = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, SPOOL_FILE_MODE);
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

/* The row above `after` that is not settled. As spool_store_read_block. */
static int find(struct spool *spool, uint64_t after, struct spool_block_row *row)
{
    for (;;) {
        int result = spool_store_read_block(&spool->reader, after, row);
        if (result != SQLITE_ROW)
            return result;
        after = settled_up_to(spool, row->head.id);
        if (after == 0)
            return result;
        spool_store_read_done(&spool->reader);
    }
}

/* One try. `*result` is SQLite's. */
static enum error_code read_next(struct spool *spool, uint64_t after, struct spool_block *block,
                                 int *result, struct error *error)
{
    struct spool_block_row row;
    *result = find(spool, after, &row);
    if (*result != SQLITE_ROW) {
        spool_store_read_done(&spool->reader);
        return *result == SQLITE_DONE
                   ? error_set(error, ERROR_MISSING, spool->path, 0, "no more blocks")
                   : spool_store_error(&spool->reader, *result, "cannot be read", error);
    }
    enum error_code code = copy(&row, block);
    if (code != ERROR_NONE)
        (void)error_set(error, code, spool->path, 0,
                        "%s: no memory for a block of %" PRIu64 " bytes", spool->path,
                        row.head.size);
    else if (!is_sound(spool, &row, block))
        code = refuse(spool, block, error);
    spool_store_read_done(&spool->reader);
    return code;
}

/* The writer's part of the work, with its lock. */
static enum error_code repair(struct spool *spool, uint64_t repairs, struct error *error)
{
    (void)pthread_mutex_lock(&spool->writing);
    enum error_code code = spool_repair(spool, repairs, error);
    (void)pthread_mutex_unlock(&spool->writing);
    return code;
}

enum error_code spool_read(struct spool *spool, uint64_t after, struct spool_block *block,
                           struct error *error)
{
    for (int turn = 0;; turn++) {
        int result = SQLITE_CORRUPT;
        enum error_code code = ERROR_IO;
        (void)pthread_mutex_lock(&spool->reading);
        uint64_t repairs = spool->repairs;
        if (spool->reader.handle)
            code = read_next(spool, after, block, &result, error);
        (void)pthread_mutex_unlock(&spool->reading);
        if (!spool_result_is_damage(result) || spool->read_only || turn == 2)
            return code;
        code = repair(spool, repairs, error);
        if (code != ERROR_NONE)
            return code;
    }
}
