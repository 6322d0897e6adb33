/* The place of a trial's spool: what is tried out with the embedded broker is for no Kafka, and the
 * robot's own spool is for another.
 *
 * It is a directory of its own below $TMPDIR or /tmp, which goes with the trial; those that a
 * kill -9 left are removed by the next one.
 */
#ifndef KAFKA_BRIDGE_BRIDGE_TO_KAFKA_TRIAL_H
#define KAFKA_BRIDGE_BRIDGE_TO_KAFKA_TRIAL_H

#include "base/error.h"

#define TRIAL_PATH_SIZE 1024

struct trial {
    int lock; /* of the directory, held while the trial lasts */
    char directory[TRIAL_PATH_SIZE];
};

/* ERROR_IO, ERROR_LIMIT: then there is nothing to end. */
enum error_code trial_begin(struct trial *trial, struct error *error) MUST_CHECK;

/* Removes the directory. Does nothing to a struct of zeros. */
void trial_end(struct trial *trial);

#endif
