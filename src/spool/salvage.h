/* What to do with a spool whose files are damaged: they are set aside, and what can be read of them
 * is carried over into a new file. */
#ifndef KAFKA_BRIDGE_SPOOL_SALVAGE_H
#define KAFKA_BRIDGE_SPOOL_SALVAGE_H

#include "spool/watermark.h"

#include "spool/spool.h"

/* Sets the files at `path` aside, salvages and leaves a sound file there. `*mark` says what the
 * watermark held (identity 0: nothing is known), and then what the new file holds. `findings` has
 * lost_records and set_aside filled, and more text behind `damage`. ERROR_FULL, ERROR_IO,
 * ERROR_MEMORY: nothing was set aside. */
enum error_code spool_salvage(const char *path, struct spool_mark *mark,
                              struct spool_findings *findings, struct error *error) MUST_CHECK;

/* Ends what a process that died in spool_salvage left half done. */
enum error_code spool_salvage_resume(const char *path, struct error *error) MUST_CHECK;

#endif
