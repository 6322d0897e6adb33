/* What becomes of each message on its way to Kafka: the delivery reports, the dead letters, and the
 * counters that they settle. Each message is settled exactly once.
 */
#ifndef KAFKA_BRIDGE_BRIDGE_SETTLEMENT_H
#define KAFKA_BRIDGE_BRIDGE_SETTLEMENT_H

#include "bridge/announcer.h"
#include "bridge/stream.h"
#include "kafka/producer.h"

#include <rosc/log.h>
#include <stdatomic.h>

/* What a record is, as the tag that its report brings back. */
enum record_tag {
    TAG_RECORD,
    TAG_LETTER_TOO_LARGE, /* dead letters, by why they are one */
    TAG_LETTER_REFUSED,
    TAG_LETTER_BYTES,
};

struct settlement {
    struct kafka_producer *producer; /* whose reports these are */
    struct announcer *announcer;
    atomic_bool reachable; /* Kafka has acknowledged something */
    struct rosc_throttle refused_log;
};

/* The producer's report callback; `user` is the settlement. On the producer's thread. */
void settlement_report(const struct kafka_report *report, void *user);

/* Counts a message of `source` as dropped, for the reason that its record's tag says where that is
 * a dead letter, else as not delivered. */
void settlement_drop(struct source *source, enum record_tag tag);

/* Writes into `text` the dead letter of `size` bytes that could not go on because of `error`, and
 * makes the record that carries it. False where there can be none: the message is dropped and
 * counted. */
bool settlement_letter(struct source *source, enum record_tag tag, const struct error *error,
                       const void *bytes, size_t size, struct buffer *text,
                       struct kafka_record *record);

/* Says, at most every ten seconds, that Kafka does not take a record. */
void settlement_log_refusal(struct settlement *settlement, const struct source *source, size_t size,
                            const char *reason);

#endif
