/* kafka_bridge/BridgeStatus of plain structs, for the bridge only: not installed. What the fields
 * mean is in msg/. Any thread; a message has one at a time. */
#ifndef KAFKA_BRIDGE_ROSC_BRIDGE_STATUS_H
#define KAFKA_BRIDGE_ROSC_BRIDGE_STATUS_H

#include <rosc/topic.h>

#ifdef __cplusplus
extern "C" {
#endif

struct rosc_bridge_status {
    uint32_t seq;
    int64_t stamp; /* nanoseconds of ROS time */
    const char *robot, *direction;
    bool connected;
    const char *trouble;
    uint64_t queue_bytes, in_flight_bytes, spool_records, spool_bytes, spool_max_bytes;
};

struct rosc_route_status {
    const char *route, *ros_topic, *kafka_topic;
    uint64_t received, restored, delivered, dead_lettered, dropped, spooled, pending;
    size_t drop_count; /* of drop_reasons, drop_counts; where it counts 0 a reason is left out */
    const char *const *drop_reasons;
    const uint64_t *drop_counts;
    double received_rate, delivered_rate;
    uint64_t missed, invalid_utf8, non_finite, restamped, unheard;
    uint32_t publishers, waiting_publishers;
    double waiting_seconds;
};

struct rosc_status_message;

/* Sets type, md5sum and definition, which live for ever. */
ROSC_EXPORT void rosc_status_message_describe(struct rosc_publisher_options *options);

/* Bytes of a text, here and in a route, that are not UTF-8 become '?'. ROSC_ERROR_MEMORY. */
ROSC_EXPORT enum rosc_status rosc_status_message_create(const struct rosc_bridge_status *status,
                                                        struct rosc_status_message **message,
                                                        struct rosc_error *error) ROSC_MUST_CHECK;
ROSC_EXPORT void rosc_status_message_destroy(struct rosc_status_message *message);

/* ROSC_ERROR_MEMORY. */
ROSC_EXPORT enum rosc_status rosc_status_message_add(struct rosc_status_message *message,
                                                     const struct rosc_route_status *route,
                                                     struct rosc_error *error) ROSC_MUST_CHECK;

/* The serialized message, which lives as long as `message`. ROSC_ERROR_MEMORY. */
ROSC_EXPORT enum rosc_status rosc_status_message_bytes(struct rosc_status_message *message,
                                                       const void **bytes, size_t *size,
                                                       struct rosc_error *error) ROSC_MUST_CHECK;

#ifdef __cplusplus
}
#endif

#endif
