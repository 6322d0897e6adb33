/* The route that a schema is wanted of: from the bridge's configuration, with its names resolved.
 */
#ifndef KAFKA_BRIDGE_TOOLS_SCHEMA_SCHEMA_ROUTE_H
#define KAFKA_BRIDGE_TOOLS_SCHEMA_SCHEMA_ROUTE_H

#include "bridge/config/config.h"
#include "bridge/flow/names.h"
#include "message/plan/elements.h"
#include "tools/schema/schema_options.h"

struct schema_route {
    struct packages *packages;
    struct config *config;
    const struct to_kafka_route *route;
    struct plan *message_plan; /* of the ROS topic's messages */
    struct elements *elements; /* with `each`; else NULL */
    const struct plan *plan;   /* of what a record is made of: a message or an element */
    char ros_topic[NAMES_ROS_SIZE];
    char kafka_topic[NAMES_KAFKA_TOPIC_SIZE];
};

/* Reads the configuration, without what connects to Kafka, and finds the route, its type's
 * definition, and its topics' names (as in the root namespace). Every problem of the configuration
 * is added to `problems`, else the error is the first. `schema_route_fini` may be called after
 * either. */
enum error_code schema_route_init(struct schema_route *found, const struct schema_options *options,
                                  struct problems *problems, struct error *error) MUST_CHECK;
void schema_route_fini(struct schema_route *found);

#endif
