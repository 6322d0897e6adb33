/* What to do with a spool whose files are damaged: what can be read of them is carried over into a
 * new file, and they are set aside. */
#ifndef KAFKA_BRIDGE_SPOOL_SALVAGE_H
#define KAFKA_BRIDGE_SPOOL_SALVAGE_H

#include "spool/spool.h"
#include "spool/watermark.h"

struct spool_salvage {
    const char *path; /* of the database */
    bool mark_known;  /* `mark` is what was known before; else all is found out from the files */
    bool only_blocks; /* origins, sequences and notes are known, and are not looked for */
    struct spool_mark mark;          /* then: that of the new file */
    uint64_t lost_records;           /* at most so many, of those that `mark` tells of */
    bool is_counted;                 /* `lost_records` is known */
    char set_aside[SPOOL_PATH_SIZE]; /* where the damaged file is now */
};

/* Leaves a sound file at the path. ERROR_FULL, ERROR_IO, ERROR_MEMORY: all is as it was. */
enum error_code spool_salvage(struct spool_salvage *salvage, struct error *error) MUST_CHECK;

/* Ends what a process that died in spool_salvage left half done. */
enum error_code spool_salvage_resume(const char *path, struct error *error) MUST_CHECK;

#endif
