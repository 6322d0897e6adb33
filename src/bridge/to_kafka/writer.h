/* The writing half of the flow to Kafka: messages from the queue become records of a batch.
 *
 * All functions are the writer's thread's.
 */
#ifndef KAFKA_BRIDGE_BRIDGE_TO_KAFKA_WRITER_H
#define KAFKA_BRIDGE_BRIDGE_TO_KAFKA_WRITER_H

#include "bridge/config/config.h"
#include "bridge/outbox/batch.h"
#include "bridge/to_kafka/queue.h"

#include <stdatomic.h>

struct writer;

/* Everything given outlives it. ERROR_MEMORY. */
enum error_code writer_create(const struct config *config, struct spool *spool,
                              struct origins *origins, struct writer **writer) MUST_CHECK;
void writer_destroy(struct writer *writer);

/* Fills the batch with what the queue holds: waits for the first message up to `timeout_ms`, and
 * takes what has come besides: one that comes alone is not kept waiting for others. A message whose
 * elements become records is taken apart, and gone on with in the next batches where it has more
 * than one takes. What cannot be encoded becomes a dead letter in its place, or is dropped and
 * counted. False where no message came. */
bool writer_fill(struct writer *writer, struct queue *queue, struct batch *batch, int timeout_ms,
                 const _Atomic int64_t *deadline);

#endif
