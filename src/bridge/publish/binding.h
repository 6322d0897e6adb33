/* What a kind of record becomes: for each (Kafka topic, type, md5sum, header ros_topic) its decoder
 * and the ROS topic it is published on. How many there are is bounded for each route (max_topics),
 * since whoever writes the records chooses their headers. One thread. */
#ifndef KAFKA_BRIDGE_BRIDGE_PUBLISH_BINDING_H
#define KAFKA_BRIDGE_BRIDGE_PUBLISH_BINDING_H

#include "base/hash.h"
#include "bridge/config/config.h"
#include "bridge/flow/counters.h"
#include "bridge/flow/names.h"
#include "bridge/publish/decoder.h"
#include "bridge/publish/publication.h"
#include "bridge/publish/types.h"
#include "kafka/record/record.h"

struct binding {
    UT_hash_handle hh; /* of its Kafka topic's, by labels */
    const struct to_ros_route *route;
    const char *kafka_topic;
    const char *type;   /* as the record's headers said; "" where they did not, or the route does */
    const char *md5sum; /* likewise */
    const char
        *header_topic; /* the header ros_topic; "" where the route's ros_topic has no {ros_topic} */
    bool latched;
    bool left_out; /* its records are not published, but counted as `drop` */
    enum drop_reason drop;
    const struct plan *plan;
    struct decoder *decoder; /* NULL: `error` says why records cannot be published */
    char ros_topic[NAMES_ROS_SIZE];
    struct error error;
    struct counters *counters; /* of its account; NULL before its first record. The flow's */
    int64_t retry;             /* nanoseconds of the steady clock: not bound again before */
    bool awaited;              /* its definition may still come */
    char labels[];             /* type, md5sum, header_topic, latched */
};

struct bindings;

/* Compiles the routes' patterns. Everything is borrowed. ERROR_SYNTAX, ERROR_MEMORY. */
enum error_code bindings_create(const struct config *config, struct types *types,
                                struct bindings **bindings, struct error *error) MUST_CHECK;
void bindings_destroy(struct bindings *bindings);

/* The route that reads `kafka_topic`, or NULL. */
const struct to_ros_route *bindings_route(const struct bindings *bindings, const char *kafka_topic);

/* The binding of `record`. One whose type was not found is tried again after a while; its
 * definition is `awaited` for `patience` nanoseconds (types_find). NULL, as `error` says: no route
 * reads its topic (ERROR_UNKNOWN: an internal topic that a pattern matched), its ROS topic's name
 * is none (ERROR_RANGE, ERROR_LIMIT), or memory ran out. */
struct binding *bindings_get(struct bindings *bindings, const struct kafka_record *record,
                             int64_t patience, struct error *error);

/* The ROS topic that the route's template gives for records of `kafka_topic` whose header ros_topic
 * is `header_topic` ("": none). `ros_topic` holds NAMES_ROS_SIZE bytes. ERROR_RANGE (no ROS name),
 * ERROR_LIMIT, ERROR_MEMORY. */
enum error_code binding_ros_topic(const struct config *config, const struct to_ros_route *route,
                                  const char *kafka_topic, const char *header_topic,
                                  char *ros_topic, struct error *error) MUST_CHECK;

#endif
