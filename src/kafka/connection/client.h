/* rd_kafka_new, for every client of this package: what it refuses is told before anything runs. */
#ifndef KAFKA_BRIDGE_KAFKA_CONNECTION_CLIENT_H
#define KAFKA_BRIDGE_KAFKA_CONNECTION_CLIENT_H

#include "kafka/connection/halt.h"
#include "kafka/settings/conf.h"

/* Whether librdkafka makes a client of `conf`, which stays the caller's: makes one of a copy that
 * knows no broker, asks for no token and runs no command, and ends it. ERROR_RANGE where properties
 * contradict each other, with what to change; ERROR_IO. */
enum error_code kafka_client_check(enum kafka_role role, const rd_kafka_conf_t *conf,
                                   const struct kafka_properties *properties,
                                   struct error *error) MUST_CHECK;

/* Makes the client; takes `conf` in any case. `halt` may be NULL, else it outlives the client.
 * Errors as kafka_client_check's. */
enum error_code kafka_client_create(enum kafka_role role, rd_kafka_conf_t *conf,
                                    const struct kafka_properties *properties,
                                    struct kafka_halt *halt, rd_kafka_t **client,
                                    struct error *error) MUST_CHECK;

#endif
