/* Where a node's configuration comes from, before it is checked. From main. */
#ifndef KAFKA_BRIDGE_NODES_CONFIG_SOURCE_H
#define KAFKA_BRIDGE_NODES_CONFIG_SOURCE_H

#include "base/error.h"
#include "nodes/param_places.h"

#include <cjson/cJSON.h>
#include <stdbool.h>

/* What was asked for beside the configuration itself. */
struct config_source {
    const char *node; /* "ros_to_kafka", "kafka_to_ros": whose metrics `metrics_port` is */
    char file[4096];  /* of `config`; "" where there is none */
    bool check;       /* `check`: only look whether it is right */
    cJSON *typed;     /* {name: value} of this command line's `_name:=value` */
    struct param_places places; /* the keys that parameters set */
};

/* Takes what the command line sets, before rosc_init does. */
enum error_code config_source_init(struct config_source *source, const char *node, int argc,
                                   char **argv) MUST_CHECK;
void config_source_fini(struct config_source *source);

/* The configuration that the node's private parameters say: what the file of `config` holds, with
 * the other parameters over it (one by one in the sections, too), and over those
 * `bootstrap_servers`, `metrics_address` and `metrics_port`. Each that goes before another value of
 * the file is told. `*tree` becomes the caller's. ERROR_SYNTAX …, as yaml_read_file;
 * ERROR_TYPE; ERROR_IO: the master did not answer. */
enum error_code config_source_read(struct config_source *source, cJSON **tree,
                                   struct error *error) MUST_CHECK;

/* Whether the command line has `_check:=true` and `_config:=FILE`: then no ROS is needed. */
bool config_source_is_check(struct config_source *source);

/* The same as config_source_read from the file and the command line's `_name:=value` alone. */
enum error_code config_source_read_file(struct config_source *source, cJSON **tree,
                                        struct error *error) MUST_CHECK;

/* Where `problems` were found: "warty.yaml", "the parameters of /ros_to_kafka", or both. */
void config_source_name(const struct config_source *source, const struct problems *problems,
                        char *text, size_t size);

#endif
