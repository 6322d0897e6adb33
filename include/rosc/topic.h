/* rosc: topics of any type, as serialized bytes. */
#ifndef ROSC_TOPIC_H
#define ROSC_TOPIC_H

#include <rosc/error.h>
#include <rosc/queue.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What the publisher's connection header said. The struct and its texts live while the callback
 * runs; `id` (above 0) names one connection for the life of the process, so that a callback can
 * keep what it made for a connection under it; it is the same in all subscriptions, and a publisher
 * that comes back is a new connection. Texts that the publisher did not send are "". */
struct rosc_connection {
    uint64_t id;
    const char *type;       /* "nav_msgs/Odometry" */
    const char *md5sum;     /* 32 hexadecimal digits */
    const char *definition; /* the concatenated text */
    const char *caller_id;  /* the publishing node's name */
    bool latched;
};

struct rosc_message {
    const uint8_t *data; /* serialized, never NULL; lives while the callback runs */
    size_t size;         /* bytes */
    int64_t receipt;     /* nanoseconds, wall time, when the callback was entered */
    const char *topic;   /* resolved name; lives as long as the subscription */
    const struct rosc_connection *connection;
};

typedef void (*rosc_message_callback)(const struct rosc_message *message, void *user);

struct rosc_subscription;

struct rosc_subscription_options {
    uint32_t queue_size; /* messages that roscpp holds; 0: without bound */
    /* Publishers are not asked for TCP_NODELAY: a message may wait for up to 40 ms at a publisher
     * until it is sent together with others. A topic's connections are asked for it when they are
     * made, unless all its subscriptions until then are without. */
    bool without_nodelay;
};

/* Subscribes to `topic` (resolved and remapped) whatever its type; `options` NULL: all 0. The
 * callback runs on a thread that serves `queue`, one message of the topic at a time, in order.
 * Several subscriptions of one topic (64 at most) are served from one connection: each gets every
 * message, and one that comes later the latched ones. Publishers of different types on one topic
 * are all heard: `connection` says whose a message is. Any thread. Returns ROSC_OK,
 * ROSC_ERROR_NAME, ROSC_ERROR_MASTER, ROSC_ERROR_ARGUMENT, ROSC_ERROR_STATE, ROSC_ERROR_MEMORY,
 * ROSC_ERROR_ROS (one too many). */
ROSC_EXPORT enum rosc_status rosc_subscription_create(
    struct rosc_queue *queue, const char *topic, const struct rosc_subscription_options *options,
    rosc_message_callback callback, void *user, struct rosc_subscription **subscription,
    struct rosc_error *error) ROSC_MUST_CHECK;

/* When it returns the callback does not run any more; messages that waited are gone. Not from a
 * message callback. */
ROSC_EXPORT void rosc_subscription_destroy(struct rosc_subscription *subscription);

/* The resolved name; lives as long as the subscription. */
ROSC_EXPORT const char *rosc_subscription_topic(const struct rosc_subscription *subscription);

/* The publishers that the master lists for a topic that this node subscribes to. */
struct rosc_publishers {
    uint32_t connected;
    uint32_t waiting;       /* there is no connection: what they publish does not arrive */
    double waiting_seconds; /* for which the first of those waits */
};

/* Those of `topic`, a resolved name; publishers in this process are not among them. Any thread. */
ROSC_EXPORT struct rosc_publishers rosc_topic_publishers(const char *topic);

/* Between these two no new connection to a publisher begins, so that all subscriptions of a topic
 * have its first message: some publishers publish as soon as one is there. They nest. Any thread.
 */
ROSC_EXPORT void rosc_connections_hold(void);
ROSC_EXPORT void rosc_connections_release(void);

/* Publishers that are connected now, and those that are just being connected. */
ROSC_EXPORT uint32_t
rosc_subscription_publisher_count(const struct rosc_subscription *subscription);

struct rosc_publisher;

struct rosc_publisher_options {
    const char *type;       /* "package/Type" */
    const char *md5sum;     /* 32 hexadecimal digits */
    const char *definition; /* the concatenated text */
    uint32_t queue_size;    /* messages per subscriber that wait for the socket; 0: without bound */
    bool latched;
    /* One line that every subscriber finds at the end of `definition`, as a comment, which changes
     * no md5sum; NULL: none. */
    const char *note;
    /* Subscriptions of this process get nothing of it, and are not counted: it is as if they were
     * in a process that the publisher does not find. Of all publishers of a topic, or of none. */
    bool others_only;
};

/* Advertises. The texts are copied. Several publishers of one topic share its type, `note` and its
 * subscribers' connections, which send each message at once (TCP_NODELAY); each that is latched
 * keeps a last message of its own for those who come later. Any thread. Returns ROSC_OK,
 * ROSC_ERROR_NAME, ROSC_ERROR_TYPE (this node already advertises the topic with another type, or
 * without the note), ROSC_ERROR_ARGUMENT, ROSC_ERROR_MASTER, ROSC_ERROR_STATE, ROSC_ERROR_ROS. */
ROSC_EXPORT enum rosc_status rosc_publisher_create(const char *topic,
                                                   const struct rosc_publisher_options *options,
                                                   struct rosc_publisher **publisher,
                                                   struct rosc_error *error) ROSC_MUST_CHECK;
/* What still waits for a subscriber's socket is discarded. Not while another thread publishes. */
ROSC_EXPORT void rosc_publisher_destroy(struct rosc_publisher *publisher);

/* Publishes `size` serialized bytes (at most 1,000,000,000) as they are; they are copied. With no
 * subscriber and no latch they go nowhere: see rosc_publisher_subscriber_count. Any thread. Returns
 * ROSC_OK, ROSC_ERROR_ARGUMENT, ROSC_ERROR_STATE, ROSC_ERROR_MEMORY, ROSC_ERROR_ROS. */
ROSC_EXPORT enum rosc_status rosc_publisher_publish(struct rosc_publisher *publisher,
                                                    const void *data, size_t size,
                                                    struct rosc_error *error) ROSC_MUST_CHECK;

/* How far a publisher's messages have come. */
struct rosc_progress {
    uint64_t published; /* messages so far: the number of the last one, from 1 on */
    /* Of those the first so many no longer wait in this process: for each subscriber that was
     * connected the kernel has taken all bytes, which it delivers even where the process dies; or
     * its connection ended, or queue_size discarded them, or there was nobody to send them to.
     * Whether a subscriber has read them is not known: ROS acknowledges nothing. A latched message
     * that this process subscribes to itself waits until the next one. */
    uint64_t written;
    uint64_t unwritten_bytes; /* of the messages behind `written` */
};

/* Any thread. */
ROSC_EXPORT struct rosc_progress rosc_publisher_progress(struct rosc_publisher *publisher);

ROSC_EXPORT uint32_t rosc_publisher_subscriber_count(const struct rosc_publisher *publisher);
/* Nodes that subscribed to the topic as this process advertised it, by the master's word: those
 * that live connect in a moment. 0 where it was not the topic's first publisher here. */
ROSC_EXPORT uint32_t rosc_publisher_expected_subscribers(const struct rosc_publisher *publisher);
ROSC_EXPORT const char *rosc_publisher_topic(const struct rosc_publisher *publisher);

#ifdef __cplusplus
}
#endif

#endif
