/* Which keys of a configuration are not the file's but set by parameters of the node: a parameter
 * that was set once stays at the master, and goes before the file for ever. From main. */
#ifndef KAFKA_BRIDGE_NODES_PARAM_PLACES_H
#define KAFKA_BRIDGE_NODES_PARAM_PLACES_H

#include "base/error.h"
#include "bridge/config/problems.h"

#include <cjson/cJSON.h>
#include <stdbool.h>

#define PARAM_NAME_SIZE 512

struct param_places {
    const cJSON *typed; /* what this command line sets, which is no old value; borrowed; NULL: {} */
    struct problem_place *list;
    size_t count;
};

void param_places_fini(struct param_places *places);

/* The full name of the private parameter `name` ("spool/max_bytes"). */
void param_full_name(const char *name, char *full, size_t size);

/* "it stays …: rosparam delete FULL", or "" where this command line sets `name`. */
void param_mend(const struct param_places *places, const char *name, char *mend, size_t size);

/* The key ("spool.max_bytes") is what the parameter `name` says; where `file` (its value there, or
 * NULL) says something else, that is told. */
enum error_code param_places_add(struct param_places *places, const char *key, const char *name,
                                 const cJSON *value, const cJSON *file) MUST_CHECK;

#endif
