/* Transactions of a producer: a batch of records and the positions that belong to it become visible
 * to read_committed readers together, or not at all, also across crashes.
 *
 *     kafka_producer_create with a transactional_id
 *     kafka_transactions_init            until it succeeds
 *     kafka_committed_offsets                    what the records in Kafka go up to
 *     again and again:
 *         kafka_transaction_begin
 *         kafka_producer_send ...
 *         kafka_transaction_commit       again while it is KAFKA_IN_PROGRESS
 *
 * Made for one thread that does all of this; reports come on the producer's thread, or within
 * commit and abort on the calling one, never two at a time. A producer may only send between begin
 * and commit. A record that Kafka does not take fails its transaction: it is reported
 * KAFKA_TOO_LARGE, KAFKA_INVALID, KAFKA_REFUSED or KAFKA_UNAVAILABLE and all others of the
 * transaction that were not acknowledged yet KAFKA_NOT_DELIVERED; kafka_producer_send answers
 * ERROR_IO from then on, without kafka_producer_is_fatal, until the transaction was ended. Reports
 * of KAFKA_DELIVERED mean nothing before the commit.
 *
 * Needs librdkafka 1.4 and Kafka 0.11; with an older librdkafka all of these answer ERROR_UNKNOWN.
 */
#ifndef KAFKA_BRIDGE_KAFKA_PRODUCER_TRANSACTIONS_H
#define KAFKA_BRIDGE_KAFKA_PRODUCER_TRANSACTIONS_H

#include "base/error.h"
#include "kafka/producer/committed_offsets.h"
#include "kafka/producer/producer.h"

enum kafka_commit {
    KAFKA_COMMITTED,   /* records and positions are in Kafka for good */
    KAFKA_ABORTED,     /* nothing of it is visible, nor ever will be: begin and send it again */
    KAFKA_IN_PROGRESS, /* the time is over: call it again, it goes on where it is */
    KAFKA_UNKNOWN,     /* fatal or in doubt: make another producer, init, and ask
                          kafka_committed_offsets */
};

/* Fences other producers of the same transactional id for good, and ends the transaction that one
 * of them has left open. Waits at most about `timeout_ms`. ERROR_IO: not done; unless
 * kafka_producer_is_fatal it may be called again, and goes on where it was. */
enum error_code kafka_transactions_init(struct kafka_producer *producer, int timeout_ms,
                                        struct error *error) MUST_CHECK;

/* Opens a transaction. Asks no broker. ERROR_ARGUMENT: one is open; ERROR_IO: fatal. */
enum error_code kafka_transaction_begin(struct kafka_producer *producer,
                                        struct error *error) MUST_CHECK;

/* Whether a record of the transaction was not taken, which fails it. Any thread. */
bool kafka_transaction_has_failed(struct kafka_producer *producer);

/* Waits until every record of the transaction was acknowledged, commits `positions` for `group` in
 * it and commits it; aborts it where a record or something else in it failed. `group` and
 * `positions` are the same ones at each call for one transaction, their topics exist, and each
 * offset is also written as text into its metadata, where Kafka's tools show it.
 *
 * Waits at most about `timeout_ms` (5,000 and more are sensible); where a broker stops answering in
 * the middle of it, up to socket.timeout.ms (10 s here) more. KAFKA_IN_PROGRESS leaves the
 * transaction as it is: nothing is lost while a broker is away, and the caller may look after other
 * things in between. When the broker is back after more than transaction.timeout.ms it has aborted
 * the transaction itself, which ends as KAFKA_UNKNOWN. All but KAFKA_COMMITTED set `error`. */
enum kafka_commit kafka_transaction_commit(struct kafka_producer *producer, const char *group,
                                           const struct kafka_committed_offset *positions,
                                           size_t count, int timeout_ms,
                                           struct error *error) MUST_CHECK;

/* Ends the transaction with nothing of it visible; records still under way are reported
 * KAFKA_NOT_DELIVERED. ERROR_NONE also where none is open. ERROR_FULL: the time is over, call it
 * again. ERROR_IO: as KAFKA_UNKNOWN. ERROR_ARGUMENT: a commit that is KAFKA_IN_PROGRESS has come so
 * far that it may have gone through: call that again. */
enum error_code kafka_transaction_abort(struct kafka_producer *producer, int timeout_ms,
                                        struct error *error) MUST_CHECK;

#endif
