/* A spool holds what a robot saw: nobody but the user who runs the bridge reads it. */
#ifndef KAFKA_BRIDGE_SPOOL_PRIVACY_H
#define KAFKA_BRIDGE_SPOOL_PRIVACY_H

#include "base/error.h"

#define SPOOL_FILE_MODE      0600
#define SPOOL_DIRECTORY_MODE 0700

/* Makes the file for its owner alone where it is not there. */
void spool_make_private(const char *path);

/* Takes other users' rights from the file of a spool and those beside it that have its name in
 * front; and from the directory, where it holds nothing but spools. What others can still reach is
 * written into `exposed`, "" where nothing is. */
void spool_tighten(const char *path, char exposed[static ERROR_TEXT_SIZE]);

#endif
