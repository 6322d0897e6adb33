/* What the tool knows of the bridge: where Kafka is and where spools are, from the bridge's own
 * file and from the command line, which wins. */
#ifndef KAFKA_BRIDGE_TOOLS_COMMAND_SETTINGS_H
#define KAFKA_BRIDGE_TOOLS_COMMAND_SETTINGS_H

#include "bridge/config/config.h"
#include "spool/spool.h"
#include "tools/command/options.h"

/* Reads and checks it, without the file's routes; complains of every problem. NULL where there is
 * any. `connects`: whether Kafka is needed, too. The caller destroys it with config_destroy. */
struct config *settings_read(const struct options *options, bool connects);

/* Asks Kafka whether it is there, and which cluster it is (`there` may be NULL). Errors as
 * kafka_producer_create's and kafka_producer_check's. */
enum error_code settings_check_kafka(const struct config *config, struct spool_cluster *there,
                                     struct error *error) MUST_CHECK;

#endif
