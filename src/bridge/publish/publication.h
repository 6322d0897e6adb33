/* The ROS topics that kafka_to_ros publishes, whoever of the routes feeds them, and the publishers
 * that each has: one for what is not latched, and for latched messages one for each publisher that
 * they had at their source, as ROS keeps the last message of every latched publisher. One thread.
 */
#ifndef KAFKA_BRIDGE_BRIDGE_PUBLISH_PUBLICATION_H
#define KAFKA_BRIDGE_BRIDGE_PUBLISH_PUBLICATION_H

#include "base/hash.h"
#include "message/plan/plan.h"

#include <rosc/log.h>
#include <rosc/topic.h>
#include <stdbool.h>
#include <stddef.h>

/* Publishers of one topic. Beyond, the one that has been silent longest makes room. */
#define PUBLICATIONS_OF_TOPIC 1000

/* One publisher of a topic. Lives as long as the topic: what is in flight refers to it. */
struct publication {
    struct publication *next, *prev; /* of its topic: the one that published last is first */
    struct publication_topic *topic;
    UT_hash_handle hh; /* of its topic's `by_source` */
    char *source; /* the caller id of the latched publisher that it stands for; "" where unknown */
    bool latched;
    uint64_t gone;                    /* messages of publishers that it had before */
    struct rosc_publisher *publisher; /* NULL: not advertised now */
};

struct publication_topic {
    UT_hash_handle hh; /* by ros_topic */
    char *ros_topic;   /* full name */
    const struct plan *plan;
    struct publication *first;
    struct publication *by_source[2]; /* those that are latched: [true] */
    size_t count;
    uint32_t expected;  /* subscribers that the master knew when it was advertised */
    bool heard;         /* they have connected, at least one */
    bool told;          /* it was said that they have not */
    int64_t advertised; /* nanoseconds of the steady clock */
    int64_t renewal;    /* likewise: since when it is to be advertised anew; 0: it is not */
    struct rosc_throttle anew_log;
    struct rosc_throttle unheard_log;
    struct rosc_throttle crowd_log;
};

struct publications {
    struct publication_topic *by_name; /* in the order in which they came */
};

struct publication_request {
    const char *ros_topic; /* resolved by publications_get */
    const struct plan *plan;
    const char *source; /* as in struct publication; "" where it is not latched */
    bool latched;
    bool original; /* its messages are not from Kafka, so that ros_to_kafka takes them */
    uint32_t queue_size;
};

void publications_fini(struct publications *publications);

/* The publication that is asked for. A topic that is advertised with another type is advertised
 * anew, with a log line: ROS has one type a topic. ERROR_RANGE (no ROS name), ERROR_TYPE (roscpp
 * refuses it), ERROR_IO (the master does not answer, or what was published before still waits for
 * its subscribers, up to ten seconds: try again), ERROR_MEMORY. */
enum error_code publications_get(struct publications *publications,
                                 const struct publication_request *request,
                                 struct publication **publication, struct error *error) MUST_CHECK;

/* Keeps no message any more for those who subscribe later, until it publishes again. */
void publication_unlatch(struct publication *publication);

/* Whether its publisher has published: what it keeps is newer than anything of an earlier run. */
bool publication_has_published(const struct publication *publication);

/* Subscribers of its topic that are connected. */
uint32_t publication_subscribers(const struct publication *publication);

/* Messages published so far, whatever the publisher: the number of the last one. */
uint64_t publication_number(const struct publication *publication);

/* Whether the message `number` and all before have left the process (rosc_progress). */
bool publication_is_written(const struct publication *publication, uint64_t number);

#endif
