/* Reads what the configuration says about keeping messages until Kafka has them: `spool` and
 * `delivery`. Used by config.c. */
#ifndef KAFKA_BRIDGE_BRIDGE_CONFIG_CONFIG_SPOOL_H
#define KAFKA_BRIDGE_BRIDGE_CONFIG_CONFIG_SPOOL_H

#include "bridge/config/config.h"
#include "bridge/config/config_reader.h"

void config_read_spool(struct config *config, struct config_reader *reader);

#endif
