/* Where a node's configuration comes from, before it is checked. From main. */
#ifndef KAFKA_BRIDGE_NODES_CONFIG_SOURCE_H
#define KAFKA_BRIDGE_NODES_CONFIG_SOURCE_H

#include "base/error.h"

#include <cjson/cJSON.h>
#include <stdbool.h>

/* What was asked for beside the configuration itself. */
struct config_source {
    char file[4096]; /* of `config`; "" where there is none */
    bool check;      /* `check`: only look whether it is right */
};

/* The configuration that the node's private parameters say: what the file of `config` holds, with
 * the other parameters over it. `*tree` becomes the caller's. ERROR_SYNTAX …, as yaml_read_file;
 * ERROR_TYPE; ERROR_IO: the master did not answer. */
enum error_code config_source_read(struct config_source *source, cJSON **tree,
                                   struct error *error) MUST_CHECK;

/* The same from the command line alone; only where it has `_check:=true` and `_config:=FILE`.
 * False where it has not. */
bool config_source_from_arguments(int argc, char **argv, struct config_source *source,
                                  const char **bootstrap_servers);

/* Sets kafka: {bootstrap.servers: …} in `tree`. ERROR_MEMORY. */
enum error_code config_source_set_servers(cJSON *tree, const char *servers) MUST_CHECK;

#endif
