/* The two route lists of a configuration. Used by config.c only. */
#ifndef KAFKA_BRIDGE_BRIDGE_CONFIG_CONFIG_ROUTES_H
#define KAFKA_BRIDGE_BRIDGE_CONFIG_CONFIG_ROUTES_H

#include "bridge/config/config.h"
#include "bridge/config/config_reader.h"

/* The most entries that a route list or a `fields` mapping may have. */
#define CONFIG_ENTRIES_LIMIT 10000

/* Each reads the list (NULL: none) into `config` and adds what is wrong to `problems`. */
void config_read_to_kafka(struct config *config, const cJSON *list, struct packages *packages,
                          struct problems *problems);
void config_read_to_ros(struct config *config, const cJSON *list, struct packages *packages,
                        struct problems *problems);

/* Reads `fields:` (a mapping of name to entry, or a list of such mappings of one pair each: the
 * order is that of the file). The arrays are the caller's, to free. */
void config_read_to_record_fields(struct config *config, struct config_reader *route,
                                  struct to_record_field **fields, size_t *count);
void config_read_from_record_fields(struct config *config, struct config_reader *route,
                                    struct from_record_field **fields, size_t *count);

/* Reports what is wrong with the field `name` of the route. */
void config_field_problem(struct config_reader *route, const char *name, const struct error *error);

#endif
