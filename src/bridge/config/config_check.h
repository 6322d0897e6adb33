/* What config.c and the route lists check alike. Used by them only. */
#ifndef KAFKA_BRIDGE_BRIDGE_CONFIG_CONFIG_CHECK_H
#define KAFKA_BRIDGE_BRIDGE_CONFIG_CONFIG_CHECK_H

#include "bridge/config/config.h"
#include "bridge/config/config_reader.h"

/* Makes the plan of `type` from the installed packages, to check a route against; NULL with a
 * problem at `reader`'s `key` where that is not possible. The caller destroys it. */
struct plan *config_plan(struct config_reader *reader, const char *key, const char *type,
                         struct packages *packages);

/* Checks that `text` is a valid Kafka topic name (1…249 of a-z A-Z 0-9 . _ -). */
void config_check_kafka_topic(struct config_reader *reader, const char *key, const char *text);

/* Checks that `pattern` compiles as a POSIX extended regular expression and can match a name. */
void config_check_ros_pattern(struct config_reader *reader, const char *key, const char *pattern);
void config_check_kafka_pattern(struct config_reader *reader, const char *key, const char *pattern);

/* The value of the property `key`: where that names a file with a certificate or a key, `value`
 * with its `~/` expanded into `path`, after a check that it can be read; else `value` as it is. */
const char *config_check_tls_file(struct config_reader *reader, const char *key, const char *value,
                                  char *path, size_t size);

/* Keeps `text` (from malloc; may be NULL) until the configuration is destroyed and returns it. */
const char *config_own(struct config *config, char *text);

#endif
