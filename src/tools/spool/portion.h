/* Sends a portion of a spool: the records for one Kafka topic, or what a file that is only read
 * gives. A record that Kafka refuses stays where it is. One thread. */
#ifndef KAFKA_BRIDGE_TOOLS_SPOOL_PORTION_H
#define KAFKA_BRIDGE_TOOLS_SPOOL_PORTION_H

#include "bridge/config/config.h"
#include "spool/spool.h"
#include "tools/spool/send_account.h"

struct portion_options {
    const struct config *config;
    struct spool *spool;
    const char *topic; /* NULL: all */
    bool is_kept;      /* the spool is only read: what was sent stays in it */
};

/* Sends until all is sent or an interrupt comes, block by block, with a progress bar; complains of
 * what fails. ERROR_IO (also of the spool), ERROR_MEMORY; else as kafka_producer_create. */
enum error_code portion_run(const struct portion_options *options, struct send_account *account,
                            struct error *error) MUST_CHECK;

#endif
