/* The consumer: a member of a group that reads topics and keeps its place by what was published.
 *
 * An offset is stored only with kafka_consumer_store, after the record was dealt with, and
 * committed in the background (every auto.commit.interval.ms, unless enable.auto.commit is off),
 * when partitions are given back, and at destroy. A partition that stays with this member at a
 * rebalance goes on where it was, what was read and not stored yet included. All functions from one
 * thread. Topics that do not exist yet are waited for; it is said once.
 */
#ifndef KAFKA_BRIDGE_KAFKA_CONSUMER_CONSUMER_H
#define KAFKA_BRIDGE_KAFKA_CONSUMER_CONSUMER_H

#include "base/error.h"
#include "kafka/consumer/consumer_options.h"
#include "kafka/record/record.h"

#include <stdbool.h>
#include <stdint.h>

struct kafka_consumer;

/* Whether kafka_consumer_create would make a consumer of these options: the same errors, without a
 * word to the network. */
enum error_code kafka_consumer_options_check(const struct kafka_consumer_options *options,
                                             struct error *error) MUST_CHECK;

/* Makes the client and joins the group. Errors as kafka_producer_create's. */
enum error_code kafka_consumer_create(const struct kafka_consumer_options *options,
                                      struct kafka_consumer **consumer,
                                      struct error *error) MUST_CHECK;

/* Commits what was stored and leaves the group; waits for Kafka at most 5 seconds, and says so
 * where that was not enough. */
void kafka_consumer_destroy(struct kafka_consumer *consumer);

/* Waits at most `timeout_ms` for a record. ERROR_NONE: `record` is valid until the next call;
 * ERROR_MISSING: none came; ERROR_IO: something that does not mend by itself (the text says what),
 * call again or give up. What mends by itself is logged and waited out. */
enum error_code kafka_consumer_next(struct kafka_consumer *consumer, int timeout_ms,
                                    struct kafka_record *record, struct error *error) MUST_CHECK;

/* Whether librdkafka gave up, and why: the consumer does nothing any more. */
bool kafka_consumer_is_fatal(const struct kafka_consumer *consumer, struct error *error);

/* The next partition that this member has got and that was not told yet; valid until the next call.
 * ERROR_MISSING: there is none (not told in
 * `error`); ERROR_IO: Kafka does not say what it keeps, ask again. */
enum error_code kafka_consumer_begin(struct kafka_consumer *consumer, struct kafka_begin *begin,
                                     struct error *error) MUST_CHECK;

/* Whether the group has taken all partitions away and not yet said which of them stay: records that
 * the caller still has wait for that. */
bool kafka_consumer_is_undecided(const struct kafka_consumer *consumer);

/* Whether the partition is, or may still be, ours. Where not, whoever has it now gets its records
 * that were not stored again: they are better left alone. */
bool kafka_consumer_has(const struct kafka_consumer *consumer, const char *topic,
                        int32_t partition);

/* No record of the partition comes until it is unpaused; then reading goes on behind the last one
 * that came. What was fetched of it already is fetched again. It stays so over rebalances, as long
 * as this member has it. */
void kafka_consumer_pause(struct kafka_consumer *consumer, const char *topic, int32_t partition,
                          bool paused);

/* Says that all records of a partition up to `offset` were dealt with. Never fails for a partition
 * that was taken away meanwhile: its next owner gets them again. */
void kafka_consumer_store(struct kafka_consumer *consumer, const char *topic, int32_t partition,
                          int64_t offset);

/* Whether partitions are assigned: the group was joined. */
bool kafka_consumer_is_assigned(const struct kafka_consumer *consumer);

#endif
