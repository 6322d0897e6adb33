/* What becomes of each message on its way to Kafka: the delivery reports, the dead letters, and the
 * counters that they settle. Each message is settled exactly once.
 */
#ifndef KAFKA_BRIDGE_BRIDGE_SETTLEMENT_H
#define KAFKA_BRIDGE_BRIDGE_SETTLEMENT_H

#include "bridge/announcer.h"
#include "bridge/stream.h"
#include "kafka/producer.h"

#include <pthread.h>
#include <rosc/log.h>
#include <stdatomic.h>

/* Dead letters that wait at most for room in librdkafka's queue; one more is a drop. */
#define SETTLEMENT_LETTERS 64

/* What a record is, as the tag that its report brings back. */
enum record_tag {
    TAG_RECORD,
    TAG_LETTER_TOO_LARGE, /* dead letters, by why they are one */
    TAG_LETTER_REFUSED,
    TAG_LETTER_BYTES,
};

/* A dead letter that waits. */
struct letter {
    struct letter *next;
    struct source *source;
    enum record_tag tag;
    struct buffer text;
};

struct settlement {
    struct kafka_producer *producer; /* whose reports these are */
    struct announcer *announcer;
    atomic_bool reachable; /* Kafka has acknowledged something since it last was in trouble */
    struct rosc_throttle refused_log;
    pthread_mutex_t mutex; /* guards the letters */
    struct letter *first, **last;
    size_t waiting;
};

void settlement_init(struct settlement *settlement, struct announcer *announcer);
void settlement_fini(struct settlement *settlement);

/* The producer's report callback; `user` is the settlement. On the producer's thread. */
void settlement_report(const struct kafka_report *report, void *user);

/* Counts a message of `source` as dropped, for the reason that its record's tag says where that is
 * a dead letter, else as not delivered. */
void settlement_drop(struct source *source, enum record_tag tag);

/* Sends a letter's record on the calling thread; returns as kafka_producer_send. */
typedef enum error_code (*settlement_send)(const struct kafka_record *record, struct source *source,
                                           enum record_tag tag, void *user);

/* Sends a dead letter in place of a message that could not go on because of `error`. `bytes` are
 * what `content` says: "message" as ROS had it, or "record" as Kafka was to have it; they are left
 * out where Kafka does not take a letter with them. Where no letter can be sent the message is
 * dropped and counted. `text` is scratch. False: there was no room, and the record of the letter is
 * in `text`, for the caller to send later. */
bool settlement_bury(struct source *source, enum record_tag tag, const struct error *error,
                     const char *content, const void *bytes, size_t size, struct buffer *text,
                     settlement_send send, void *user);

/* The oldest letter that waits for room, which becomes the caller's (settlement_letter_destroy), or
 * NULL. The encoder's thread. */
struct letter *settlement_take_letter(struct settlement *settlement);
void settlement_letter_record(const struct letter *letter, struct kafka_record *record);
void settlement_letter_destroy(struct letter *letter);

/* Says, at most every ten seconds, that Kafka does not take a record. */
void settlement_log_refusal(struct settlement *settlement, const struct source *source, size_t size,
                            const char *reason);

#endif
