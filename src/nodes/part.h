/* A direction at work in this node, with what shows it: the service ~totals, the topic ~status, the
 * metrics. In a node with both directions these are ~ros_to_kafka/totals and so on, so that each
 * has its own. From main, which serves roscpp's global queue between part_begin and part_end. */
#ifndef KAFKA_BRIDGE_NODES_PART_H
#define KAFKA_BRIDGE_NODES_PART_H

#include "nodes/direction.h"

#include <pthread.h>

struct part {
    const struct direction *direction;
    const struct setup *setup;
    const char *place; /* of its service and topic: "~", or "~" and the direction and "/" */
    void *flow;
    struct status *status;
    struct metrics_endpoint *metrics;
    struct rosc_service *service;
    pthread_t thread; /* of a direction that has work for one, until all of it has ended */
    bool threaded;
    bool gave_up; /* written by the thread */
};

/* The direction's prepare. False: it failed, which was said. */
bool part_prepare(struct part *part);

/* Starts it, once the node is registered. False: it failed, which was said, and nothing is left. */
bool part_begin(struct part *part);

/* Once rosc_ok() is false: stops it and says its totals. Those of several directions end at the
 * same time where a thread is theirs, so those without come first. False: it had given up. */
bool part_end(struct part *part);

/* Undoes part_prepare. */
void part_discard(struct part *part);

#endif
