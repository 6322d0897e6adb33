/* What librdkafka says of its connections, turned into few and clear lines.
 *
 * A broker that cannot be reached is told at the first failure with the address that was tried,
 * then at most every minute, and once more when the cluster is back. librdkafka's own log lines
 * pass the same flood control. The owner's struct serves one client. Any thread, after init.
 */
#ifndef KAFKA_BRIDGE_KAFKA_CONNECTION_EVENTS_H
#define KAFKA_BRIDGE_KAFKA_CONNECTION_EVENTS_H

#include "base/error.h"
#include "kafka/connection/connect_errors.h"
#include "kafka/connection/contact.h"
#include "kafka/connection/flood.h"
#include "kafka/connection/introduction.h"
#include "kafka/settings/properties.h"

#include <librdkafka/rdkafka.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum kafka_trouble {
    KAFKA_TROUBLE_NONE,
    KAFKA_TROUBLE_DOWN,   /* no broker is connected */
    KAFKA_TROUBLE_MISLED, /* bootstrap connects, the addresses it advertises do not */
};

struct kafka_events {
    void *owner;        /* of the client: what kafka_events_owner gives to its callbacks */
    const char *client; /* "producer", "consumer": for the lines */
    /* Hears librdkafka's log, of `debug` the lost producer id alone, on its threads; or NULL. */
    void (*hear)(void *owner, const char *facility, const char *text);
    bool introduces; /* says the good line; the owner sets it after init */
    struct kafka_introduction introduction;
    char *bootstrap; /* bootstrap.servers */
    pthread_mutex_t mutex;
    struct kafka_flood flood;
    struct kafka_connect_errors refusal;
    char failure[ERROR_TEXT_SIZE]; /* the last failed connection: "ADDRESS: reason"; or "" */
    int64_t since;                 /* kafka_now_ms of the trouble's begin */
    int64_t probed;
    int patience_ms;         /* of a probe: more where the last answer came too late */
    _Atomic int trouble;     /* enum kafka_trouble */
    _Atomic int64_t back_at; /* kafka_now_ms when the last trouble was over; 0: there was none */
    int64_t settling_ms;     /* topic.metadata.propagation.max.ms */
    atomic_bool suspect;  /* a connection failed, and it is not known yet whether another holds */
    atomic_bool answered; /* Kafka has, since the start */
    atomic_bool ended;    /* kafka_events_end */
    uint64_t reported;    /* kafka_events_progress's last */
    _Atomic int64_t idle_since; /* kafka_now_ms: when something was last reported, or asked for */
    atomic_bool busy;           /* records wait for their report */
};

/* `client` lives for ever; the addresses are copied. ERROR_MEMORY. */
enum error_code kafka_events_init(struct kafka_events *events, const char *client,
                                  const struct kafka_properties *properties,
                                  void *owner) MUST_CHECK;
void kafka_events_fini(struct kafka_events *events);

/* The client is about to be closed: what it hears then of connections that failed is not said. */
void kafka_events_end(struct kafka_events *events);

/* Listens to the client that will be made of `conf`: its log lines and error events come here, and
 * `events` is the opaque of all its callbacks. */
void kafka_events_listen(struct kafka_events *events, rd_kafka_conf_t *conf);

/* The owner, in a callback of librdkafka's that was given `opaque`. */
static inline void *kafka_events_owner(void *opaque)
{
    return ((struct kafka_events *)opaque)->owner;
}

/* A record went through: whatever the trouble was, it is over. Cheap where there was none. */
static inline void kafka_events_delivered(struct kafka_events *events);

/* Where a connection failed: asks for a broker once a second until one answers, since no record may
 * be under way that would show it; waits 100 ms, or a second and a half where the way is that long.
 * Says the good line. Called regularly. */
void kafka_events_probe(struct kafka_events *events, rd_kafka_t *client);

/* Of a producer: how many records wait for their report, and how many had one. Called regularly, by
 * one thread: a broker that is connected and says nothing for 10 seconds does not answer. */
void kafka_events_progress(struct kafka_events *events, uint64_t pending, uint64_t reported);

/* Whether a connection has failed, and the cluster is back for less than
 * topic.metadata.propagation.max.ms, if at all. librdkafka counts that time from a topic's first
 * use: it takes one for missing at the first answer after an outage that lasted longer, when a
 * broker that makes topics by itself has not made it yet. */
bool kafka_events_is_settling(struct kafka_events *events);

/* A line of the client's own, of which there is one at first and then one a minute. */
void kafka_events_say(struct kafka_events *events, int level, const char *format, ...)
    PRINTF_LIKE(3, 4);

/* Whether something of this kind is to be told now: once, then every minute. */
bool kafka_events_admit(struct kafka_events *events, const char *kind);

/* Copies the last failed connection, "" where there was none. */
void kafka_events_failure(struct kafka_events *events, char *text, size_t size);

/* Whether Kafka answers `client` now. */
void kafka_events_contact(struct kafka_events *events, rd_kafka_t *client,
                          struct kafka_contact *contact);

void kafka_events_over(struct kafka_events *events);

static inline void kafka_events_delivered(struct kafka_events *events)
{
    if (!atomic_load_explicit(&events->answered, memory_order_relaxed))
        atomic_store(&events->answered, true);
    if (atomic_load_explicit(&events->trouble, memory_order_relaxed) != KAFKA_TROUBLE_NONE)
        kafka_events_over(events);
}

#endif
