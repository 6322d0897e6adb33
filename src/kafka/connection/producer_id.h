/* Whether an idempotent producer will ever have the id that it needs to send.
 *
 * librdkafka before 1.4 asks for it once: where Kafka cannot give one just then, as a broker that
 * has just started, or goes down meanwhile, it never asks again and nothing of that producer goes
 * out for good. It says so in its log for debugging only. */
#ifndef KAFKA_BRIDGE_KAFKA_CONNECTION_PRODUCER_ID_H
#define KAFKA_BRIDGE_KAFKA_CONNECTION_PRODUCER_ID_H

#include "base/error.h"

#include <librdkafka/rdkafka.h>
#include <stdbool.h>

/* Makes the client of `conf` say it, where it is one that asks once. ERROR_RANGE. */
enum error_code kafka_producer_id_listen(rd_kafka_conf_t *conf, struct error *error) MUST_CHECK;

/* Whether this line of librdkafka's log says so. Any thread. */
bool kafka_producer_id_is_lost(const char *facility, const char *text);

#endif
