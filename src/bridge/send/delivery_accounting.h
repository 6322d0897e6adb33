/* What becomes of each record on its way to Kafka: the delivery reports, and the counters that they
 * settle. Each record is settled exactly once.
 *
 * The reports come on the producer's thread; the sender's thread takes what was refused, to send a
 * dead letter in its place.
 */
#ifndef KAFKA_BRIDGE_BRIDGE_SEND_DELIVERY_ACCOUNTING_H
#define KAFKA_BRIDGE_BRIDGE_SEND_DELIVERY_ACCOUNTING_H

#include "bridge/outbox/outbox.h"
#include "bridge/send/announcer.h"
#include "bridge/send/gates.h"
#include "bridge/send/record_times.h"
#include "kafka/producer/producer.h"

#include <pthread.h>
#include <stdatomic.h>

/* The tag of a record's report: the item's index, with this bit where it is a letter about it whose
 * value was allocated for it. */
#define TAG_LETTER (UINT64_C(1) << 32)

/* Different words that Kafka refuses records with; more are told as the last. */
#define ACCOUNTING_REASONS 16

/* A record that Kafka will never take. */
struct refusal {
    struct refusal *next;
    struct batch *batch;
    uint32_t index;
};

struct accounting {
    struct outbox *outbox;
    struct counters *restored;
    struct announcer *announcer;
    struct gates gates;
    struct record_times *times; /* NULL in tests without a sender */
    pthread_mutex_t sending;    /* held while a record is sent, and while the producer changes */
    struct kafka_producer *producer; /* whose reports come; NULL while one is replaced */
    bool in_transactions;            /* delivered is said by the commit, not by the reports */
    size_t batch_max_bytes;          /* of the producer whose reports come */
    atomic_bool purging; /* the producer is being destroyed: what comes back is not lost */
    atomic_bool replay;  /* something came back: all that is not settled is to be sent again */
    atomic_bool smaller_batches; /* `crowded_topic` refused one that may only have been too large */
    atomic_uint marks;           /* so many items were marked as refused, or their gates closed */
    atomic_bool reachable;       /* Kafka has acknowledged something since it last was in trouble */
    pthread_mutex_t mutex;       /* guards what follows */
    struct refusal *first, **last;
    char crowded_topic[NAMES_KAFKA_TOPIC_SIZE];
    char reasons[ACCOUNTING_REASONS][128];
    uint8_t reason_count;
};

enum fate {
    FATE_DELIVERED, /* in Kafka, or a letter about it */
    FATE_DROPPED,   /* not even a letter */
};

/* In transactions a topic's letters pass the gate of its records: what a commit says of the topic
 * is one number for both, so neither may overtake the other. */
void accounting_init(struct accounting *accounting, struct outbox *outbox,
                     struct counters *restored, bool in_transactions);
void accounting_fini(struct accounting *accounting);

/* The producer whose records are settled from now on, or NULL. The sender's thread. */
void accounting_set_producer(struct accounting *accounting, struct kafka_producer *producer);

/* Sends a record, as kafka_producer_send does. ERROR_FULL too where a replay is due: nothing may
 * overtake what came back. The sender's thread. */
enum error_code accounting_send_record(struct accounting *accounting,
                                       const struct kafka_record *record, uint64_t tag,
                                       struct batch *batch, struct error *error) MUST_CHECK;

/* The producer's report callback; `user` is the accounting. On the producer's thread. */
void accounting_report(const struct kafka_report *report, void *user);

/* Whether a record that failed is to be sent again, with nothing behind it before
 * (kafka_producer_options.halts); `user` is the accounting. Closes its gate where its topic takes
 * none. Any thread. */
bool accounting_halts(const struct kafka_report *report, void *user);

/* Counts the item's fate, by its kind and by whether it was refused, and gives the batch back to
 * the outbox with its last. */
void accounting_settle(struct accounting *accounting, struct batch *batch, uint32_t index,
                       enum fate fate);

/* Holds the batch, so that it stays while the caller works with it; release gives it back to the
 * outbox where all its records are settled by then. The sender's thread. */
void accounting_hold(struct batch *batch);
void accounting_release(struct accounting *accounting, struct batch *batch);

/* Marks the item as one that Kafka will never take, and says so. */
void accounting_mark(struct accounting *accounting, struct batch *batch, uint32_t index,
                     enum item_state why, const char *reason);

/* Says that not even a letter about the item can be. */
void accounting_say_dropped(const struct batch *batch, uint32_t index, const char *reason);

/* Marks it, to be taken with accounting_take_refusal; until then the batch is held. */
void accounting_refuse(struct accounting *accounting, struct batch *batch, uint32_t index,
                       enum item_state why, const char *reason);

/* The oldest refusal, whose batch is to be released; false: there is none. The sender's thread. */
bool accounting_take_refusal(struct accounting *accounting, struct refusal *refusal);

/* Forgets all refusals, whose items keep their mark, and what a replay was asked for. The sender's
 * thread, without a producer. */
void accounting_begin_again(struct accounting *accounting);

/* Whether a broker has refused a batch that was too large as a whole, and in which topic. */
bool accounting_wants_smaller_batches(struct accounting *accounting,
                                      char topic[NAMES_KAFKA_TOPIC_SIZE]);

/* The gate that the item has to pass now, and the Kafka topic behind; NULL: there is none. The
 * sender's thread, or any once the item was sent. */
struct gate *accounting_gate(struct accounting *accounting, const struct item *item,
                             const char **topic);

/* Whether so many of the item's topic were found invalid in a row, each alone, that its suspects
 * are taken for invalid too: one by one they would hold up all others. Threads as accounting_gate.
 */
bool accounting_takes_for_invalid(struct accounting *accounting, const struct item *item);

/* With what words the item was refused. */
void accounting_reason(struct accounting *accounting, const struct item *item, char *text,
                       size_t size);

#endif
