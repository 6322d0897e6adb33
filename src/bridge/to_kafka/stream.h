/* A stream: one subscribed ROS topic of one route, with who publishes there and what each needs.
 *
 * The ROS thread calls stream_receive for each message; everything else is the owner's (to_kafka).
 */
#ifndef KAFKA_BRIDGE_BRIDGE_TO_KAFKA_STREAM_H
#define KAFKA_BRIDGE_BRIDGE_TO_KAFKA_STREAM_H

#include "base/hash.h"
#include "bridge/config/config.h"
#include "bridge/flow/counters.h"
#include "bridge/outbox/origins.h"
#include "bridge/to_kafka/encoder.h"
#include "bridge/to_kafka/queue.h"
#include "bridge/to_kafka/target.h"
#include "message/definitions/packages.h"
#include "message/plan/elements.h"

#include <rosc/log.h>
#include <rosc/topic.h>
#include <stdatomic.h>
#include <stdbool.h>

/* Connections that a stream remembers at most; the one longest unheard makes room. A forgotten
 * connection only costs a look at its header again, and its place in header.seq. */
#define STREAM_CONNECTIONS 4096

struct stream;

/* Latched publishers whose names a stream's records tell. */
#define STREAM_PUBLISHERS 1000

/* The messages of one stream that share a definition, and where they are latched the publisher:
 * immutable once made, save the origins and `target->sequence`, which are the writer's thread's.
 * Lives as long as its stream. */
struct source {
    struct source *next;
    struct stream *stream;
    char *type;
    char *md5sum;
    char *publisher; /* the caller id of who latched them; "" */
    bool latched;
    bool looped;               /* published by kafka_to_ros: not sent back */
    bool lacks_definition;     /* the publisher's will not do: another one's may */
    struct source *successor;  /* made when one came that does; the ROS thread's. NULL: none */
    struct plan *plan;         /* NULL with an encoder: the bytes are passed on as they are */
    struct elements *elements; /* what becomes records; NULL: the messages do */
    struct encoder *encoder;   /* NULL: these messages cannot be encoded, `error` says why */
    struct target *target;     /* NULL: they have no Kafka topic either */
    struct error error;
    struct origin *origin;         /* of messages; NULL until the writer needs it */
    struct origin *element_origin; /* of elements, likewise */
    bool is_swollen;               /* the writer's: large ones become larger than base64 */
};

struct stream_connection {
    UT_hash_handle hh;
    uint64_t id;
    uint64_t heard;
    struct source *source;
    struct spool_note
        *note;    /* where the writer notes the header.seq that it accepted last; or NULL */
    uint32_t seq; /* the last header.seq, also of an earlier connection or run */
    bool has_seq;
};

/* Whether anybody publishes the topic; the main thread's (unpublished.h). */
struct stream_publishing {
    int64_t since; /* nanoseconds of the steady clock: the first look; 0: there was none */
    bool seen;     /* somebody has published it */
    bool due;      /* that nobody does is to be said */
    bool listed;   /* the master knew a publisher then, whom this node does not */
    bool said;
};

struct stream {
    struct stream *next;
    UT_hash_handle hh; /* of the flow's streams, by `key` */
    char *key;         /* stream_key of topic and route */
    const struct config *config;
    const struct to_kafka_route *route;
    char *ros_topic; /* full name */
    struct queue *queue;
    struct targets *targets;
    struct spool *spool;
    struct packages *packages;
    struct rosc_subscription *subscription;
    struct counters counters;
    const struct target *_Atomic target; /* of the newest source; NULL before any. Any thread */
    struct source *sources;
    struct stream_connection *connections; /* by id */
    struct stream_connection *newest;      /* whose message was the last; NULL: none's */
    uint64_t heard;                        /* messages so far, as the clock of `connections` */
    int64_t next_allowed;                  /* nanoseconds of the steady clock, for max_rate */
    struct stream_publishing publishing;
    struct rosc_throttle full_log, crowd_log;
    struct rosc_throttle undecodable_log; /* the writer's thread's */
};

/* What all streams of a flow share; outlives them. */
struct stream_surroundings {
    const struct config *config;
    struct queue *queue;
    struct targets *targets;
    struct spool *spool;
    struct packages *packages; /* the ROS thread's */
    struct rosc_queue *callbacks;
};

/* Of ROS topic and route, what the stream is found by. */
#define STREAM_KEY_SIZE (NAMES_ROS_SIZE + CONFIG_PATH_SIZE)
void stream_key(const struct to_kafka_route *route, const char *ros_topic,
                char key[STREAM_KEY_SIZE]);

/* Subscribes. ERROR_MEMORY, ERROR_IO (what roscpp said). */
enum error_code stream_create(const struct stream_surroundings *around,
                              const struct to_kafka_route *route, const char *ros_topic,
                              struct stream **stream, struct error *error) MUST_CHECK;

/* Ends the subscription: no message is received any more. */
void stream_stop(struct stream *stream);

/* After stream_stop, and after the queue and the producer hold nothing of it. */
void stream_destroy(struct stream *stream);

#endif
