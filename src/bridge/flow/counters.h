/* What became of the messages. On the way to Kafka, at every moment:
 *
 *   received + restored = delivered + dead-lettered + dropped by reason + spooled + pending
 *
 * where `restored` were found in the spool at the start, `spooled` are on the disk and `pending`
 * only in memory; on the way back the same with `published` for delivered and without a spool.
 *
 * Every message that is counted as received is counted once more when its fate is known. One whose
 * elements become records is one received until it is taken apart, and then as many as it has
 * elements: the rest is added before the fate of any of them. Any thread may add and read.
 */
#ifndef KAFKA_BRIDGE_BRIDGE_FLOW_COUNTERS_H
#define KAFKA_BRIDGE_BRIDGE_FLOW_COUNTERS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum drop_reason {
    DROP_QUEUE_FULL,  /* the bridge's own queue had no room */
    DROP_MAX_RATE,    /* the route's max_rate leaves it out */
    DROP_NO_TOPIC,    /* its Kafka topic's name is another's, or not possible */
    DROP_LOOP,        /* it came from Kafka through kafka_to_ros */
    DROP_UNDECODABLE, /* its bytes are not what its definition says, and no dead letter was possible
                       */
    DROP_TOO_LARGE,   /* larger than Kafka takes, and no dead letter was possible */
    DROP_REFUSED,     /* Kafka refused it for good, and no dead letter was possible */
    DROP_NOT_DELIVERED, /* not acknowledged before shutdown, and nowhere on a disk */
    DROP_SPOOL_FULL,    /* the spool was full, by its when_full */
    DROP_DAMAGED,       /* it was in a block of the spool that can no longer be read */
    DROP_EMPTY,         /* it has none of the elements that its route makes records of */
    DROP_MAX_AGE,       /* the record is older than its route's max_age */
    DROP_NOT_ALLOWED,   /* the record names a ROS topic that its route's pattern leaves out */
    DROP_COUNT
};

struct counters {
    atomic_uint_fast64_t received;
    atomic_uint_fast64_t restored;   /* found in the spool at the start */
    atomic_uint_fast64_t given_back; /* received, and another member of the group has it now */
    atomic_uint_fast64_t delivered;
    atomic_uint_fast64_t dead_lettered;
    atomic_uint_fast64_t dropped[DROP_COUNT];
    atomic_uint_fast64_t accepted;     /* committed to the spool, or found there */
    atomic_uint_fast64_t released;     /* of those, whose fate is known */
    atomic_uint_fast64_t missed;       /* gaps in header.seq: lost before the bridge */
    atomic_uint_fast64_t invalid_utf8; /* bytes replaced in texts */
    atomic_uint_fast64_t non_finite;   /* NaN and infinities written as null */
    atomic_uint_fast64_t restamped;    /* delivered with another time than their own */
    atomic_uint_fast64_t unheard;      /* of those published in ROS: nobody subscribed */
};

static inline void counter_add(atomic_uint_fast64_t *counter, uint64_t amount)
{
    atomic_fetch_add_explicit(counter, amount, memory_order_release);
}

/* The sum of several counters at one moment, for reporting. Records that the spool lost are
 * released and dropped in the account of earlier runs, as it is not known whose they were; so the
 * sum is right also where the account of a ROS topic still counts them as spooled. */
struct totals {
    uint64_t received; /* without those that were given back */
    uint64_t given_back;
    uint64_t restored;
    uint64_t delivered;
    uint64_t accepted; /* by the spool, */
    uint64_t released; /* and those of them whose fate is known */
    uint64_t spooled;  /* on the disk, fate not yet known */
    uint64_t dead_lettered;
    uint64_t dropped[DROP_COUNT];
    uint64_t missed;
    uint64_t invalid_utf8;
    uint64_t non_finite;
    uint64_t restamped;
    uint64_t unheard;
};

void totals_add(struct totals *totals, const struct counters *counters);
uint64_t totals_dropped(const struct totals *totals);
uint64_t totals_pending(const struct totals *totals);

/* The account of one ROS topic of one route. The texts live as long as the flow. */
struct account {
    const char *route;       /* "ros_to_kafka[0]"; "spool" for what was restored */
    const char *ros_topic;   /* "" where unknown */
    const char *kafka_topic; /* "" where unknown */
    struct totals totals;
    uint64_t publishers;         /* of the ROS topic, that are connected; to Kafka only */
    uint64_t waiting_publishers; /* that the master lists and that have no connection */
    double waiting_seconds;      /* for which the first of those waits */
};

typedef void (*account_visitor)(const struct account *account, void *user);

/* "queue_full", "max_rate", … */
const char *drop_reason_name(enum drop_reason reason);

/* One line: "received 10 = delivered 8 + dead-lettered 1 + dropped 1 (max_rate 1) + spooled 0 +
 * pending 0; …", with "received 10 + restored 2 = …" where something was.
 * `to_kafka` or back: there delivering is called "published". Always NUL-terminated. */
void totals_format(const struct totals *totals, bool to_kafka, char *text, size_t size);

#endif
