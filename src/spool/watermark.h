/* The watermark: a file of one page beside the database that says how far it had come.
 *
 * It is written behind each commit, in place and by turns in two slots with a checksum each, so
 * that it survives the end of the process at any instant, needs no room on a full disk, and one
 * slot is whole whatever a power loss does to the other. What must outlast a power loss (the
 * limits) is put on the disk before it is used.
 */
#ifndef KAFKA_BRIDGE_SPOOL_WATERMARK_H
#define KAFKA_BRIDGE_SPOOL_WATERMARK_H

#include "base/error.h"
#include "spool/extent.h"

#include <stdbool.h>

enum spool_watermark_found {
    SPOOL_WATERMARK_MISSING,
    SPOOL_WATERMARK_DAMAGED,
    SPOOL_WATERMARK_HALF, /* a slot is damaged: there may have been one commit more */
    SPOOL_WATERMARK_SOUND,
};

/* What a slot holds. */
struct spool_mark {
    struct spool_extent progress;
    uint64_t numbers_limit; /* no number was used above it; for after a power loss */
    uint64_t boot;          /* of the machine, when it was written */
};

struct spool_watermark {
    int descriptor; /* -1: not open */
    uint64_t turn;
};

/* Reads what is there without changing it. */
enum spool_watermark_found spool_watermark_look(const char *path, struct spool_mark *mark,
                                                uint64_t *turn);

/* Opens it for writing, and makes it where it is missing or damaged. */
enum error_code spool_watermark_open(struct spool_watermark *watermark, const char *path,
                                     struct error *error) MUST_CHECK;
void spool_watermark_close(struct spool_watermark *watermark);

/* `durable`: it is on the disk when this returns. A failure is nothing more than that a later
 * damage may go unnoticed. */
void spool_watermark_write(struct spool_watermark *watermark, const struct spool_mark *mark,
                           bool durable);

#endif
