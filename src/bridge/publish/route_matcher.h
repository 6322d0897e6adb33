/* Which route reads a Kafka topic, and which ROS topics its records may name. One thread. */
#ifndef KAFKA_BRIDGE_BRIDGE_PUBLISH_ROUTE_MATCHER_H
#define KAFKA_BRIDGE_BRIDGE_PUBLISH_ROUTE_MATCHER_H

#include "bridge/config/config.h"
#include "bridge/flow/lines.h"

#include <regex.h>
#include <rosc/log.h>

struct route_matcher {
    const struct to_ros_route *route;
    bool is_pattern;
    regex_t regex;
    bool has_allowed;
    regex_t allowed; /* full names of ROS topics */
    size_t count;    /* of its bindings */
    bool full;       /* it was said that there are no more */
    struct lines lines;
    struct rosc_throttle refused_log;
};

struct route_matchers {
    const struct config *config;
    struct route_matcher *all; /* in the order of the routes */
    size_t count;
};

/* Compiles the patterns of the routes of `config`, which is borrowed. ERROR_SYNTAX, ERROR_MEMORY:
 * nothing is left to be finished. */
enum error_code route_matchers_init(struct route_matchers *matchers, const struct config *config,
                                    struct error *error) MUST_CHECK;
void route_matchers_fini(struct route_matchers *matchers);

/* That of the route that reads `kafka_topic`: a plainly named route goes before a pattern that
 * matches too, and no pattern matches an internal topic. NULL: there is none. */
struct route_matcher *route_matchers_find(const struct route_matchers *matchers,
                                          const char *kafka_topic);

/* Whether the route lets its records name that ROS topic. */
bool route_matcher_allows(const struct route_matcher *matcher, const char *ros_topic);

#endif
