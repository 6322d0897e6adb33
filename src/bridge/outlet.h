/* The way out of kafka_to_ros: publishes a record's message, and has its offset stored once it has
 * left the process.
 *
 * What ROS would lose is waited for with the record in hand: a master that is away, a subscriber, a
 * slow subscriber's turn. Meanwhile the consumer stays in its group. One thread.
 */
#ifndef KAFKA_BRIDGE_BRIDGE_OUTLET_H
#define KAFKA_BRIDGE_BRIDGE_OUTLET_H

#include "base/buffer.h"
#include "bridge/binding.h"
#include "bridge/in_flight.h"
#include "bridge/latches.h"
#include "bridge/publication.h"
#include "kafka/consumer.h"

struct outlet {
    struct kafka_consumer *consumer; /* borrowed; set before the first record */
    struct publications publications;
    struct in_flight in_flight;
    struct latches latches;
    bool restoring;   /* the flow's: what is published now was published by an earlier run, and is
                         latched again: no offset is stored for it */
    int64_t unpolled; /* nanoseconds that the group surely allows between two polls */
    int64_t settled;  /* of the steady clock: when offsets were last stored */
    bool vain;        /* subscribers that the master knows did not connect, the last time */
};

/* `in_flight_max_bytes`: of messages that wait for subscribers. `properties` say how often the
 * group wants to be polled. */
void outlet_init(struct outlet *outlet, size_t in_flight_max_bytes,
                 const struct kafka_properties *properties);
void outlet_fini(struct outlet *outlet);

/* Whether the record in hand is still to be dealt with: neither did shutdown come, nor did the
 * group give its partition to another. */
bool outlet_is_wanted(const struct outlet *outlet);

/* Waits `moment_ms` with the record in hand, of a wait that began at `since` (steady clock). */
void outlet_wait(struct outlet *outlet, int64_t since, int moment_ms);

/* Publishes `message`, the bytes of `record`, however long ROS needs. `*again`: not published,
 * since outlet_is_wanted() is false by now; the record is read again, here or elsewhere.
 * ERROR_RANGE, ERROR_TYPE (publications_get). */
enum error_code outlet_publish(struct outlet *outlet, struct binding *binding,
                               const struct kafka_record *record, const struct buffer *message,
                               bool *again, struct error *error) MUST_CHECK;

/* Says that `record` was dealt with in another way. */
void outlet_pass(struct outlet *outlet, const struct kafka_record *record);

/* Stores the offsets of what has left the process; at most every ten milliseconds. */
void outlet_settle(struct outlet *outlet);

/* The same for partitions that are taken away, which get a moment to leave. A
 * kafka_release_callback; `user` is the outlet. */
void outlet_release(const struct kafka_partition *partitions, size_t count, bool lost, void *user);

/* What is in flight of these partitions is another's to publish again. A kafka_forget_callback;
 * `user` is the outlet. */
void outlet_forget(const struct kafka_partition *partitions, size_t count, void *user);

/* Gives what was published two seconds to leave the process. */
void outlet_drain(struct outlet *outlet);

#endif
