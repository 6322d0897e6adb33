/* What the kernel says of this process, as every Prometheus client names it
 * (https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics). */
#ifndef KAFKA_BRIDGE_METRICS_PROCESS_H
#define KAFKA_BRIDGE_METRICS_PROCESS_H

#include "metrics/text.h"

/* Adds the families process_…; one that the kernel does not tell (no /proc) is left out. Any
 * thread. */
void metrics_process_write(struct metrics_text *text);

#endif
