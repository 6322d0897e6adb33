/* The look at a spool's files before they are used: is it ours, of a version that is known, whole,
 * and is all there that was committed. Nothing is changed by it. */
#ifndef KAFKA_BRIDGE_SPOOL_EXAMINATION_H
#define KAFKA_BRIDGE_SPOOL_EXAMINATION_H

#include "spool/spool_private.h"

enum spool_verdict {
    SPOOL_SOUND,
    SPOOL_DAMAGED, /* the examination says how */
    SPOOL_REFUSED, /* the error says why */
};

struct spool_examination {
    enum spool_watermark_found watermark;
    struct spool_mark mark;       /* of the watermark */
    struct spool_extent progress; /* of the file */
    bool is_new;                  /* the file is empty or was not there */
    bool lost_power;              /* since the last write */
    bool uncertain;               /* there may have been one commit more than the watermark says */
    char damage[ERROR_TEXT_SIZE];
};

/* Looks at the file and the watermark. SPOOL_SOUND: origins, sequences, notes and how much is kept
 * are loaded. */
enum spool_verdict spool_examine(struct spool *spool, struct spool_examination *found,
                                 struct error *error) MUST_CHECK;

/* The same for the file alone, on a connection that was opened with `result`. */
enum spool_verdict spool_examine_file(struct spool *spool, struct spool_store *store, int result,
                                      struct spool_examination *found,
                                      struct error *error) MUST_CHECK;

#endif
