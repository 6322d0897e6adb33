/* Messages and elements of them as records of a batch, each under the next number of its Kafka
 * topic.
 *
 * All functions are the writer's thread's.
 */
#ifndef KAFKA_BRIDGE_BRIDGE_TO_KAFKA_RECORDER_H
#define KAFKA_BRIDGE_BRIDGE_TO_KAFKA_RECORDER_H

#include "bridge/config/config.h"
#include "bridge/outbox/batch.h"
#include "bridge/to_kafka/stream.h"

#include <stdatomic.h>

/* What becomes one record: a message of `source`, or an element of one. Borrows its bytes. */
struct piece {
    struct source *source;
    bool is_element;
    struct encoder_input input; /* all but the sequence */
};

struct recorder;

/* Everything given outlives it. ERROR_MEMORY. */
enum error_code recorder_create(const struct config *config, struct spool *spool,
                                struct origins *origins, struct recorder **recorder) MUST_CHECK;
void recorder_destroy(struct recorder *recorder);

/* Adds the piece's record to the batch. One that cannot be encoded becomes a dead letter in its
 * place, or is dropped and counted. Waits while the spool does not give what a record needs, until
 * `deadline` (nanoseconds of the steady clock). */
void recorder_add(struct recorder *recorder, const struct piece *piece, struct batch *batch,
                  const _Atomic int64_t *deadline);

/* Adds a dead letter about a piece that cannot become a record: `error` says why. */
void recorder_refuse(struct recorder *recorder, const struct piece *piece,
                     const struct error *error, struct batch *batch,
                     const _Atomic int64_t *deadline);

#endif
