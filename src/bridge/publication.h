/* The ROS topics that kafka_to_ros publishes: one publisher each, whoever of the routes feeds it.
 * One thread. */
#ifndef KAFKA_BRIDGE_BRIDGE_PUBLICATION_H
#define KAFKA_BRIDGE_BRIDGE_PUBLICATION_H

#include "message/plan.h"

#include <rosc/log.h>
#include <rosc/topic.h>
#include <stdbool.h>

struct publication {
    struct publication *next;
    char *ros_topic; /* full name */
    const struct plan *plan;
    bool latched;
    bool heard;         /* a subscriber has been there */
    int64_t advertised; /* nanoseconds of the steady clock */
    int64_t renewal;    /* likewise: since when it is to be advertised anew; 0: it is not */
    uint64_t gone;      /* messages of publishers that it had before */
    struct rosc_throttle anew_log;
    struct rosc_throttle unheard_log;
    struct rosc_publisher *publisher;
};

struct publications {
    struct publication *first;
};

void publications_fini(struct publications *publications);

/* The publication of `ros_topic` (resolved here) with that type. One that is advertised with
 * another type or without the latch is advertised anew, with a log line: ROS has one type a topic.
 * ERROR_RANGE (no ROS name), ERROR_TYPE (roscpp refuses it), ERROR_IO (the master does not answer,
 * or what was published as the other type still waits for its subscribers, up to ten seconds: try
 * again), ERROR_MEMORY. */
enum error_code publications_get(struct publications *publications, const char *ros_topic,
                                 const struct plan *plan, bool latched, uint32_t queue_size,
                                 struct publication **publication, struct error *error) MUST_CHECK;

/* Messages published so far, whatever the publisher: the number of the last one. */
uint64_t publication_number(const struct publication *publication);

/* Whether the message `number` and all before have left the process (rosc_progress). */
bool publication_is_written(const struct publication *publication, uint64_t number);

#endif
