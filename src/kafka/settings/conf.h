/* librdkafka's configuration object, made of this package's defaults and the user's properties. */
#ifndef KAFKA_BRIDGE_KAFKA_SETTINGS_CONF_H
#define KAFKA_BRIDGE_KAFKA_SETTINGS_CONF_H

#include "kafka/settings/properties.h"

#include <librdkafka/rdkafka.h>
#include <stddef.h>

enum kafka_role { KAFKA_ROLE_PRODUCER, KAFKA_ROLE_CONSUMER };

/* Checks every property and makes the configuration, which the caller then owns. Properties that
 * are only for the other role are left out. Errors: ERROR_MISSING (no bootstrap.servers),
 * ERROR_UNKNOWN, ERROR_RANGE. */
enum error_code kafka_conf_create(enum kafka_role role, const struct kafka_properties *properties,
                                  rd_kafka_conf_t **conf, struct error *error) MUST_CHECK;

/* Sets one property of ours; ERROR_RANGE with librdkafka's words. */
enum error_code kafka_conf_set(rd_kafka_conf_t *conf, const char *name, const char *value,
                               struct error *error) MUST_CHECK;

/* Bounds a producer's batches to `bytes` where that is less than what `conf` has; 0: leaves it. */
enum error_code kafka_conf_bound_batch(rd_kafka_conf_t *conf, size_t bytes,
                                       struct error *error) MUST_CHECK;

/* Bounds how long a topic may be missing, unless the user has. */
enum error_code kafka_conf_await_topics(rd_kafka_conf_t *conf,
                                        const struct kafka_properties *properties, int missing_ms,
                                        struct error *error) MUST_CHECK;

/* Gives a producer a transactional id and what has to go with it. ERROR_UNKNOWN where librdkafka
 * has no transactions, ERROR_RANGE where one of the user's properties forbids them. */
enum error_code kafka_conf_make_transactional(rd_kafka_conf_t *conf,
                                              const struct kafka_properties *properties,
                                              const char *id, struct error *error) MUST_CHECK;

/* The user's addresses: bootstrap.servers or its other name metadata.broker.list; NULL: none. */
const char *kafka_conf_bootstrap(const struct kafka_properties *properties);

#endif
