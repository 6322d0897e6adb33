/* The way out of kafka_to_ros: publishes a record's message, and has its offset stored once it has
 * left the process.
 *
 * What ROS would lose waits: for a master that is away, a subscriber, a slow subscriber's turn; the
 * record is tried again then (task.h). One thread.
 */
#ifndef KAFKA_BRIDGE_BRIDGE_PUBLISH_ROS_DELIVERY_H
#define KAFKA_BRIDGE_BRIDGE_PUBLISH_ROS_DELIVERY_H

#include "base/buffer.h"
#include "bridge/flow/lines.h"
#include "bridge/publish/binding.h"
#include "bridge/publish/in_flight.h"
#include "bridge/publish/latches.h"
#include "bridge/publish/publication.h"
#include "bridge/publish/task.h"
#include "kafka/consumer/consumer.h"

struct ros_delivery {
    struct kafka_consumer *consumer; /* borrowed; set before the first record */
    struct publications publications;
    struct in_flight in_flight;
    struct latches latches;
    int64_t settled; /* of the steady clock: when offsets were last stored */
    struct lines unheard_lines;
};

/* `in_flight_max_bytes`: of messages that wait for subscribers. */
void ros_delivery_init(struct ros_delivery *ros_delivery, size_t in_flight_max_bytes);
void ros_delivery_fini(struct ros_delivery *ros_delivery);

/* Makes sure that a message of `task->size` bytes can be published now: it is then the next that is
 * done with the ros_delivery. ERROR_FULL: not yet, the task is to be tried again; else ERROR_RANGE,
 * ERROR_TYPE (publications_get). */
enum error_code ros_delivery_prepare(struct ros_delivery *ros_delivery, struct task *task,
                                     struct binding *binding, struct publication **publication,
                                     struct error *error) MUST_CHECK;

/* Publishes `message`, the bytes of the task's record. ERROR_FULL: not yet, as above. */
enum error_code ros_delivery_publish(struct ros_delivery *ros_delivery, struct task *task,
                                     struct binding *binding, struct publication *publication,
                                     const struct buffer *message, struct error *error) MUST_CHECK;

/* Whether ros_delivery_pass can be called for the task's record now; else it is to be tried again.
 */
bool ros_delivery_may_pass(struct ros_delivery *ros_delivery, struct task *task);

/* Says that `record` was dealt with in another way. */
void ros_delivery_pass(struct ros_delivery *ros_delivery, const struct kafka_record *record);

/* Stores the offsets of what has left the process; at most every ten milliseconds. */
void ros_delivery_settle(struct ros_delivery *ros_delivery);

/* The same for partitions that are taken away, which get a moment to leave: all others wait
 * meanwhile, so it is short where subscribers take nothing. A kafka_release_callback; `user` is the
 * ros_delivery. */
void ros_delivery_release(const struct kafka_partition *partitions, size_t count, bool lost,
                          void *user);

/* What is in flight of these partitions is another's to publish again. A kafka_forget_callback;
 * `user` is the ros_delivery. */
void ros_delivery_forget(const struct kafka_partition *partitions, size_t count, void *user);

/* Gives what was published two seconds to leave the process. */
void ros_delivery_drain(struct ros_delivery *ros_delivery);

#endif
