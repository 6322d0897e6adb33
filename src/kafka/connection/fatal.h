/* An error after which librdkafka's client does nothing any more: an idempotent producer that lost
 * its sequence, a group member that another one of its name fenced. */
#ifndef KAFKA_BRIDGE_KAFKA_CONNECTION_FATAL_H
#define KAFKA_BRIDGE_KAFKA_CONNECTION_FATAL_H

#include "base/error.h"

#include <librdkafka/rdkafka.h>
#include <stdbool.h>

/* Whether `client` has had one; then `error` (may be NULL) is ERROR_IO with librdkafka's words. Any
 * thread. */
bool kafka_fatal_describe(rd_kafka_t *client, struct error *error);

/* Whether it is the owner who made it stop (kafka_producer_options.halts). Any thread. */
bool kafka_fatal_is_wanted(rd_kafka_t *client);

#endif
