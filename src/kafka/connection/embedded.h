/* librdkafka's mock cluster on loopback, as a broker for trying things out and for tests. It is
 * one broker in this process's memory: topics appear when they are named (4 partitions unless made
 * with kafka_embedded_create_topic), each partition keeps only the newest 5 MiB or 100,000 message
 * sets, there is no TLS, no login, no topic administration, and all is gone at the end.
 *
 * Built only with librdkafka 1.6 and newer (KAFKA_BRIDGE_HAS_RDKAFKA_MOCK). */
#ifndef KAFKA_BRIDGE_KAFKA_CONNECTION_EMBEDDED_H
#define KAFKA_BRIDGE_KAFKA_CONNECTION_EMBEDDED_H

#include "base/error.h"

struct kafka_embedded;

/* Starts the broker on a free port; `*bootstrap_servers` ("127.0.0.1:PORT") lives as long as it.
 * ERROR_IO, ERROR_MEMORY. */
enum error_code kafka_embedded_create(struct kafka_embedded **embedded,
                                      const char **bootstrap_servers,
                                      struct error *error) MUST_CHECK;
void kafka_embedded_destroy(struct kafka_embedded *embedded);

/* Makes `topic` with `partitions` before anybody names it. ERROR_IO. */
enum error_code kafka_embedded_create_topic(struct kafka_embedded *embedded, const char *topic,
                                            int partitions, struct error *error) MUST_CHECK;

/* librdkafka's handle, for the faults of <librdkafka/rdkafka_mock.h>. Owned by `embedded`. */
struct rd_kafka_mock_cluster_s;
struct rd_kafka_mock_cluster_s *kafka_embedded_cluster(struct kafka_embedded *embedded);

#endif
