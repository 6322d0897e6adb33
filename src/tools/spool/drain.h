/* Empties a spool into Kafka by the bridge's own sender, so that all is as with its node: ids,
 * headers, definitions, dead letters, `delivery`. */
#ifndef KAFKA_BRIDGE_TOOLS_SPOOL_DRAIN_H
#define KAFKA_BRIDGE_TOOLS_SPOOL_DRAIN_H

#include "bridge/config/config.h"
#include "spool/spool.h"
#include "tools/spool/send_account.h"

/* Sends what `spool` holds until it is empty or an interrupt comes, with a progress bar. `found` is
 * what its opening said. Errors as kafka_producer_create's. */
enum error_code drain_run(const struct config *config, struct spool *spool,
                          const struct spool_findings *found, struct send_account *account,
                          struct error *error) MUST_CHECK;

#endif
