/* The spool that FILE or ROBOT names, opened for looking at. One thread. */
#ifndef KAFKA_BRIDGE_TOOLS_SOURCE_H
#define KAFKA_BRIDGE_TOOLS_SOURCE_H

#include "bridge/config.h"
#include "spool/spool.h"
#include "tools/options.h"

/* Errors as place_find's and spool_open_read_only's. */
enum error_code source_open(const struct options *options, const struct config *config,
                            struct spool **spool, struct error *error) MUST_CHECK;

/* The same of a path. */
enum error_code source_open_file(const char *path, struct spool **spool,
                                 struct error *error) MUST_CHECK;

/* The directory of spools: the command line's, else the configuration's. */
const char *source_directory(const struct options *options, const struct config *config);

#endif
