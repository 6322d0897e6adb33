/* The Kafka topics that records go to, each with a gate that is closed while the topic takes none:
 * it is missing, or this user may not write there.
 *
 * What is for a closed gate waits where it is, in memory or in the spool, and the other topics'
 * records go on. Now and then the oldest record that waits is tried alone. Once it has arrived the
 * sender opens the gate and begins again with what waits, so that the order holds.
 *
 * Threads: gate_close, gate_passed, gates_trouble: any; all else the sender's.
 */
#ifndef KAFKA_BRIDGE_BRIDGE_SEND_GATES_H
#define KAFKA_BRIDGE_BRIDGE_SEND_GATES_H

#include "base/hash.h"
#include "bridge/outbox/origins.h"
#include "kafka/producer/producer.h"

#include <pthread.h>

struct gate {
    UT_hash_handle hh;       /* by topic */
    _Atomic int state;       /* enum gate_state */
    _Atomic uint64_t oldest; /* no batch with a lower id holds what waits; UINT64_MAX: none does */
    int64_t since, try_at;   /* nanoseconds of the steady clock: it was found closed; it is tried */
    int64_t pause;           /* between the last two tries */
    bool said;               /* that it is closed */
    atomic_uint invalid;     /* records of the topic that were so, each alone, in a row */
    char topic[NAMES_KAFKA_TOPIC_SIZE];  /* whose records pass it */
    char closed[NAMES_KAFKA_TOPIC_SIZE]; /* the topic that took none: this one, or its letters' */
    char reason[256];
};

struct gates {
    struct gate *by_topic;
    bool shared;           /* letters about a topic's records pass its gate, not one of their own */
    atomic_bool any;       /* one of them may not be open */
    int64_t look_at;       /* when Kafka is asked for its topics again */
    bool known;            /* it answered the last time */
    pthread_mutex_t mutex; /* guards `closed`, `reason`, and what follows */
    unsigned said;         /* so many are closed and were said to be, */
    struct gate *named;    /* among them this one */
};

void gates_init(struct gates *gates, bool shared);
void gates_fini(struct gates *gates);

/* The gate of the origin's records, or of the letters about them; NULL: its name is no topic's, or
 * memory ran out. */
struct gate *gates_of(struct gates *gates, struct origin *origin, bool letter);

bool gate_is_open(const struct gate *gate);

/* `topic` takes none now, for `reason`; what waits is not in a batch below `id`. False: the record
 * was sent to try that. NULL: no gate. */
bool gate_close(struct gates *gates, struct gate *gate, uint64_t id, const char *topic,
                const char *reason);

/* A record has arrived: where it was tried alone, what waits may follow it. NULL: no gate. */
void gate_passed(struct gate *gate);

/* What was passed over waits in the batch `id`. */
void gate_keep(struct gate *gate, uint64_t id);

/* The next closed gate that is to be tried now, or NULL. Asks Kafka for its topics before, once for
 * all of them: librdkafka would ask after minutes. Says of those that are closed for longer than a
 * moment what waits and why. */
struct gate *gates_due(struct gates *gates, struct kafka_producer *producer, const char *where);

/* Its oldest record goes now; gate_passed or gate_close tells the outcome. */
void gate_try(struct gate *gate);

/* Opens those that were passed. True: one was, and nothing before the batch `*oldest` waits. */
bool gates_open(struct gates *gates, uint64_t *oldest);

/* What was tried says nothing of the gate: it is tried with the next. NULL: no gate. */
void gate_try_again(struct gate *gate);

/* It stays closed for now. NULL: no gate. */
void gate_shut(struct gate *gate);

/* What is under way is no more. */
void gates_begin_again(struct gates *gates);

/* Nothing of what waits for the gate is left. */
void gates_forget(struct gates *gates, struct gate *gate);

/* Which topics take none and why, as long as they were said to. False: all do. Any thread. */
bool gates_trouble(struct gates *gates, char *text, size_t size);

/* Whether some are closed, and all of them were said to be. */
bool gates_are_said(const struct gates *gates);

#endif
