/* Whether librdkafka makes the clients that the nodes will need of the section `kafka`. Used by
 * config.c only. */
#ifndef KAFKA_BRIDGE_BRIDGE_CONFIG_CONFIG_CLIENTS_H
#define KAFKA_BRIDGE_BRIDGE_CONFIG_CONFIG_CLIENTS_H

#include "bridge/config/config.h"

/* Makes each as the start does, without a word to the network, and ends it. `config` is read whole;
 * its properties are right one by one. */
void config_check_clients(const struct config *config, struct problems *problems);

#endif
