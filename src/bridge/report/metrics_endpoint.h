/* What a node shows to Prometheus, by the configuration's section `metrics`: an HTTP server with
 * the flow's and the process's figures (bridge/report/exposition.h, metrics/process.h).
 *
 * A port that another program has costs no message: it is said, and tried again every
 * METRICS_RETRY_SECONDS by a timer on roscpp's global queue until it is free.
 */
#ifndef KAFKA_BRIDGE_BRIDGE_REPORT_METRICS_ENDPOINT_H
#define KAFKA_BRIDGE_BRIDGE_REPORT_METRICS_ENDPOINT_H

#include "bridge/config/config.h"
#include "bridge/flow/flow_state.h"

#define METRICS_RETRY_SECONDS 5

struct metrics_endpoint;

/* Starts the server, or its retries; NULL in `*metrics` where the configuration has no port for
 * `direction` ("ros_to_kafka" or "kafka_to_ros", which lives for ever). `config` outlives it.
 * ERROR_MEMORY, ERROR_IO (no timer). */
enum error_code metrics_endpoint_create(const struct config *config, const char *direction,
                                        const struct flow_view *source,
                                        struct metrics_endpoint **metrics,
                                        struct error *error) MUST_CHECK;

/* May be NULL. Before the flow is destroyed. */
void metrics_endpoint_destroy(struct metrics_endpoint *metrics);

#endif
