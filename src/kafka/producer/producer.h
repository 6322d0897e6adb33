/* The producer: hands records to librdkafka and says of each what became of it.
 *
 * Idempotent with acks=all and no expiry by default. One thread of its own serves delivery reports,
 * connection events and librdkafka's log; librdkafka has its own threads behind.
 *
 * Bad surroundings are told once, not flooded: a broker that cannot be reached is logged at the
 * first failure with the address that was tried (and, where the broker advertised another, that one
 * and what to change), then at most every minute, and once more when it is back.
 */
#ifndef KAFKA_BRIDGE_KAFKA_PRODUCER_PRODUCER_H
#define KAFKA_BRIDGE_KAFKA_PRODUCER_PRODUCER_H

#include "base/error.h"
#include "kafka/record/record.h"
#include "kafka/record/report.h"
#include "kafka/settings/properties.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct kafka_producer;

/* Called exactly once for each record that kafka_producer_send took, on the producer's thread, or
 * within what ends a transaction on the calling one; never two at a time. May call
 * kafka_producer_send, must not wait. */
typedef void (*kafka_report_callback)(const struct kafka_report *report, void *user);

struct kafka_producer_options {
    const struct kafka_properties *properties; /* copied */
    kafka_report_callback report;
    void *user;
    /* Asked of each record that failed, on librdkafka's threads and before any record behind it
     * goes out. True, of one that a broker refused: none is to go any more; the producer is then of
     * no more use, as after a fatal error, and what it holds is reported KAFKA_NOT_DELIVERED. Must
     * not wait, nor call the producer; not for transactions. NULL: it goes on. */
    bool (*halts)(const struct kafka_report *report, void *user);
    /* Values are not copied: each stays the caller's, unchanged, until its record's report, or
     * until kafka_producer_destroy has returned. */
    bool borrow_values;
    /* The greatest batch of records that one request carries to a partition, before compression; a
     * record that is larger goes alone. 0: librdkafka's default. A smaller batch.size of the user's
     * holds. librdkafka without batch.size (before 1.5) sends records one at a time instead. */
    size_t batch_max_bytes;
    /* How long a topic may be missing before its records are reported KAFKA_UNAVAILABLE, where the
     * user's topic.metadata.propagation.max.ms does not say; for who sends them again. 0: what
     * librdkafka has, 30 s. */
    int missing_ms;
    /* For transactions.h, and then nothing can be sent outside of one. NULL: none. Two producers
     * must not have the same at once: the later one fences the earlier. */
    const char *transactional_id;
};

/* Whether kafka_producer_create would make a producer of these options: the same errors, without a
 * word to the network. */
enum error_code kafka_producer_options_check(const struct kafka_producer_options *options,
                                             struct error *error) MUST_CHECK;

/* Makes the client; does not wait for a broker. Errors: ERROR_MISSING (no bootstrap.servers),
 * ERROR_UNKNOWN, ERROR_RANGE (a property, path is its name), ERROR_IO, ERROR_MEMORY. */
enum error_code kafka_producer_create(const struct kafka_producer_options *options,
                                      struct kafka_producer **producer,
                                      struct error *error) MUST_CHECK;

/* Purges what is left (each is reported KAFKA_NOT_DELIVERED), stops the thread and the client. */
void kafka_producer_destroy(struct kafka_producer *producer);

/* Copies key, headers and, unless they are borrowed, the value, and queues them. Any thread.
 * Returns ERROR_NONE (taken: a report will come), ERROR_FULL (librdkafka's queue has no room: wait
 * with kafka_producer_wait_for_room and try again; or Kafka may be making the topic: try again
 * later, unless missing_ms is given), ERROR_LIMIT (larger than message.max.bytes),
 * ERROR_UNKNOWN (a topic that can never be), ERROR_MISSING (one that librdkafka already knows not
 * to exist, or not to be permitted), ERROR_IO (fatal: make another producer; or, unless
 * kafka_producer_is_fatal, the transaction is not open or has failed), ERROR_MEMORY. Not taken: no
 * report comes. */
enum error_code kafka_producer_send(struct kafka_producer *producer,
                                    const struct kafka_record *record, uint64_t tag, void *owner,
                                    struct error *error) MUST_CHECK;

/* Waits until a report made room, at most `timeout_ms`. Any thread but the producer's. */
void kafka_producer_wait_for_room(struct kafka_producer *producer, int timeout_ms);

/* Waits until all that was taken is reported, at most `timeout_ms`; returns how many are not. */
uint64_t kafka_producer_flush(struct kafka_producer *producer, int timeout_ms);

/* Takes back what is not acknowledged, sent or not: nothing of it goes out any more when this
 * returns, and each record is reported KAFKA_NOT_DELIVERED soon. What was sent may arrive all the
 * same. Any thread, also within a report; not for transactions. */
void kafka_producer_take_back(struct kafka_producer *producer);

/* Records taken and not yet reported. Any thread. */
uint64_t kafka_producer_pending(const struct kafka_producer *producer);

/* Whether librdkafka raised a fatal error, and which; or the producer was halted, and by which
 * answer. Any thread. */
bool kafka_producer_is_halted(const struct kafka_producer *producer);
bool kafka_producer_is_fatal(const struct kafka_producer *producer, struct error *error);

/* Waits at most `timeout_ms` for the cluster's metadata. ERROR_IO says which address was tried,
 * what was wrong there (refused, unresolved, TLS, login), and which addresses the cluster
 * advertised. */
enum error_code kafka_producer_check(struct kafka_producer *producer, int timeout_ms,
                                     struct error *error) MUST_CHECK;

/* The id of the cluster that answers, as the cluster has it; "" where it does not say one (brokers
 * before 0.10). At once where it is known, else waits at most `timeout_ms`. It changes where
 * another cluster takes the place of one. ERROR_IO: none has answered yet. */
enum error_code kafka_producer_cluster(struct kafka_producer *producer, int timeout_ms, char *id,
                                       size_t size) MUST_CHECK;

/* Whether Kafka has acknowledged anything to this producer. Any thread. */
bool kafka_producer_has_delivered(const struct kafka_producer *producer);

/* Asks for all topics that were sent to, so that one which has appeared is known; waits at most
 * `timeout_ms`. ERROR_IO: no answer. */
enum error_code kafka_producer_look(struct kafka_producer *producer, int timeout_ms,
                                    struct error *error) MUST_CHECK;

/* Puts into `found` (`size` bytes) a topic of the cluster's that `matches`; false: there is none,
 * or no answer within `timeout_ms`. */
bool kafka_producer_find_topic(struct kafka_producer *producer,
                               bool (*matches)(const char *topic, const void *user),
                               const void *user, char *found, size_t size, int timeout_ms);

/* Creates `topic` if it is not there, with cleanup.policy=compact where `compacted`; partitions and
 * replication -1 take the broker's defaults. A compacted one has
 * message.timestamp.type=LogAppendTime: its reports tell the broker's time. Waits at most
 * `timeout_ms`. ERROR_NONE also where it was there already; ERROR_UNKNOWN: Kafka refuses; ERROR_IO:
 * it does not answer. */
enum error_code kafka_producer_create_topic(struct kafka_producer *producer, const char *topic,
                                            int partitions, bool compacted, int timeout_ms,
                                            struct error *error) MUST_CHECK;

#endif
