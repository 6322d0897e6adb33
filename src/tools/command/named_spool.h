/* The spool that FILE or ROBOT names, opened for looking at. One thread. */
#ifndef KAFKA_BRIDGE_TOOLS_COMMAND_NAMED_SPOOL_H
#define KAFKA_BRIDGE_TOOLS_COMMAND_NAMED_SPOOL_H

#include "bridge/config/config.h"
#include "spool/spool.h"
#include "tools/command/options.h"

/* Errors as spool_path_find's and spool_open_read_only's. */
enum error_code named_spool_open(const struct options *options, const struct config *config,
                                 struct spool **spool, struct error *error) MUST_CHECK;

/* The directory of spools: the command line's, else the configuration's. */
const char *named_spool_directory(const struct options *options, const struct config *config);

#endif
