/* A consumer that reads where it is told to, is no member of a group, and commits nothing. */
#ifndef KAFKA_BRIDGE_KAFKA_READING_READING_CLIENT_H
#define KAFKA_BRIDGE_KAFKA_READING_READING_CLIENT_H

#include "kafka/connection/client.h"
#include "kafka/connection/events.h"

/* Makes it, with `count` properties of the caller's in `ours` besides; `group` is the name that
 * librdkafka wants where `properties` have none. `events` hears of its troubles and outlives it.
 * Errors as kafka_client_create's, and kafka_conf_create's. */
enum error_code kafka_reading_client_create(const struct kafka_properties *properties,
                                            const char *group, const char *const (*ours)[2],
                                            size_t count, struct kafka_events *events,
                                            rd_kafka_t **client, struct error *error) MUST_CHECK;

#endif
