/* Reads where the nodes show their figures to Prometheus: `metrics`. Used by config.c. */
#ifndef KAFKA_BRIDGE_BRIDGE_CONFIG_CONFIG_METRICS_H
#define KAFKA_BRIDGE_BRIDGE_CONFIG_CONFIG_METRICS_H

#include "bridge/config/config.h"
#include "bridge/config/config_reader.h"

void config_read_metrics(struct config *config, struct config_reader *top);

#endif
