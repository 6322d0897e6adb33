#include "spool/watermark.h"

#include "spool/checksum.h"
#include "spool/privacy.h"
#include "spool/system.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define FILE_SIZE   4096
#define SLOT_STRIDE 2048 /* in disk sectors of their own */
#define MAGIC       UINT64_C(0x31304b52414d424b)

struct slot {
    uint64_t magic;
    uint64_t turn; /* the greater is the newer */
    struct spool_mark mark;
    uint64_t checksum;
};

_Static_assert(sizeof(struct slot) % sizeof(uint64_t) == 0 && sizeof(struct slot) <= SLOT_STRIDE,
               "a slot has no padding and fits");

static uint64_t checksum_of(const struct slot *slot)
{
    return spool_checksum(slot, offsetof(struct slot, checksum), MAGIC);
}

/* Whether nothing was written into it yet. */
static bool is_blank(int file)
{
    char page[FILE_SIZE];
    ssize_t size = pread(file, page, sizeof page, 0);
    for (ssize_t i = 0; i < size; i++)
        if (page[i] != 0)
            return false;
    return size >= 0;
}

static enum spool_watermark_found look(int file, struct spool_mark *mark, uint64_t *turn)
{
    int sound = 0;
    *turn = 0;
    for (off_t at = 0; at < FILE_SIZE; at += SLOT_STRIDE) {
        struct slot slot;
        if (pread(file, &slot, sizeof slot, at) != (ssize_t)sizeof slot || slot.magic != MAGIC ||
            slot.checksum != checksum_of(&slot))
            continue;
        sound++;
        if (slot.turn < *turn)
            continue;
        *mark = slot.mark;
        *turn = slot.turn;
    }
    if (sound == 0)
        return is_blank(file) ? SPOOL_WATERMARK_MISSING : SPOOL_WATERMARK_DAMAGED;
    return sound == 2 || *turn == 1 ? SPOOL_WATERMARK_SOUND : SPOOL_WATERMARK_HALF;
}

enum spool_watermark_found spool_watermark_look(const char *path, struct spool_mark *mark,
                                                uint64_t *turn)
{
    char name[SPOOL_NAME_SIZE];
    spool_name(name, path, "-watermark");
    int file = open(name, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return errno == ENOENT ? SPOOL_WATERMARK_MISSING : SPOOL_WATERMARK_DAMAGED;
    enum spool_watermark_found found = look(file, mark, turn);
    (void)close(file);
    return found;
}

enum error_code spool_watermark_open(struct spool_watermark *watermark, const char *path,
                                     struct error *error)
{
    char name[SPOOL_NAME_SIZE];
    spool_name(name, path, "-watermark");
    int file = open(name, O_RDWR | O_CREAT | O_CLOEXEC, SPOOL_FILE_MODE);
    if (file < 0)
        return spool_system_error(error, errno, name, "cannot be opened for writing");
    struct spool_mark mark;
    static const char page[FILE_SIZE];
    enum spool_watermark_found found = look(file, &mark, &watermark->turn);
    if ((found == SPOOL_WATERMARK_MISSING || found == SPOOL_WATERMARK_DAMAGED) &&
        (pwrite(file, page, sizeof page, 0) != (ssize_t)sizeof page || fsync(file) != 0)) {
        enum error_code code = spool_system_error(error, errno, name, "cannot be written");
        (void)close(file);
        return code;
    }
    watermark->descriptor = file;
    return ERROR_NONE;
}

void spool_watermark_close(struct spool_watermark *watermark)
{
    if (watermark->descriptor >= 0)
        (void)close(watermark->descriptor);
    watermark->descriptor = -1;
}

void spool_watermark_write(struct spool_watermark *watermark, const struct spool_mark *mark,
                           bool durable)
{
    struct slot slot = {.magic = MAGIC, .turn = ++watermark->turn, .mark = *mark};
    slot.checksum = checksum_of(&slot);
    off_t at = (off_t)(slot.turn % 2) * SLOT_STRIDE;
    if (pwrite(watermark->descriptor, &slot, sizeof slot, at) == (ssize_t)sizeof slot && durable)
        (void)fdatasync(watermark->descriptor);
}
