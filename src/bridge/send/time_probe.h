/* Asks the brokers what time it is: the report of a record that is written to a topic with
 * message.timestamp.type=LogAppendTime tells it. That topic is the definitions topic, which this
 * package makes so, and the record a definition, of which that topic keeps one. */
#ifndef KAFKA_BRIDGE_BRIDGE_SEND_TIME_PROBE_H
#define KAFKA_BRIDGE_BRIDGE_SEND_TIME_PROBE_H

#include "bridge/config/config.h"
#include "spool/spool.h"

/* Waits for the answer, at most `timeout_ms`; `*now` is in milliseconds since the epoch. The origin
 * is one whose definition is written. ERROR_MISSING: the topic does not tell, or there is none, or
 * no definition; ERROR_IO: no answer. */
enum error_code time_probe(const struct config *config, const struct spool_origin *origin,
                           int timeout_ms, int64_t *now, struct error *error) MUST_CHECK;

#endif
