/* Exactly once: batches are sent in Kafka transactions, and each commits how far it has come.
 *
 * In the transaction of its records, the offset of the bridge's own consumer group on a topic is
 * set to the sequence that comes next. After a crash that offset says what is in Kafka already,
 * whatever the spool still holds (KIP-98, KIP-447). All functions are the sender's thread's.
 */
#ifndef KAFKA_BRIDGE_BRIDGE_SEND_COMMITTER_H
#define KAFKA_BRIDGE_BRIDGE_SEND_COMMITTER_H

#include "bridge/send/item_sender.h"

struct committer;

/* ERROR_MEMORY. All that is given outlives it. */
enum error_code committer_create(const struct config *config, struct spool *spool,
                                 struct outbox *outbox, struct item_sender *item_sender,
                                 struct committer **committer) MUST_CHECK;
void committer_destroy(struct committer *committer);

/* The producer's transactional.id: one for each robot, so that a second node is fenced off. */
const char *committer_id(const struct committer *committer);

/* Goes on with the transaction that is open, or takes batches, waiting up to `timeout_ms` for some,
 * and sends them in one. ERROR_IO: the producer is of no more use, or it is in doubt what became of
 * a transaction: make another one and call committer_forget. */
enum error_code committer_work(struct committer *committer, struct kafka_producer *producer,
                               int timeout_ms) MUST_CHECK;

/* It has batches in hand. */
bool committer_is_busy(const struct committer *committer);

/* Gives back what it has taken: another producer begins again. */
void committer_forget(struct committer *committer);

#endif
