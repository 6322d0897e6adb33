/* Values of `kafka:` that stand elsewhere ({file: PATH}, {env: NAME}), and those that nobody may
 * see: passwords and keys.
 *
 * Used while a configuration is read, on one thread. What is said about a value never holds it.
 */
#ifndef KAFKA_BRIDGE_BRIDGE_CONFIG_CONFIG_SECRET_H
#define KAFKA_BRIDGE_BRIDGE_CONFIG_CONFIG_SECRET_H

#include "bridge/config/problems.h"

#include <cjson/cJSON.h>
#include <stdbool.h>

#define CONFIG_SECRET_FILE_LIMIT 65536 /* bytes of a value that stands in a file */

/* Reads the value that `item` of `kafka:`, a mapping, points to: a file's content without the line
 * end that it may end with (`~/` is the home directory), or an environment variable. The text is
 * the caller's, for config_secret_free. NULL with a problem at `kafka.<name>` where there is none:
 * no such file, not readable, empty, too long; variable not set or empty; other keys. Warns of a
 * secret's file that others than its owner may read. */
char *config_secret_read(const cJSON *item, struct problems *problems);

/* Wipes and frees; `text` may be NULL. */
void config_secret_free(char *text);

/* Called before the values of `kafka` (may be NULL) are read: where a secret is among them, no core
 * dump of this process is written from now on, which is said. */
void config_secret_guard(const cJSON *kafka);

/* Called once they were read: wipes the secrets that `kafka` (may be NULL) holds plainly, and the
 * environment variables that held one, so that /proc/PID/environ no longer shows them. */
void config_secret_wipe(cJSON *kafka);

/* Warns of each secret that `kafka` (may be NULL), a parameter of the node `node`, holds plainly:
 * everybody in the ROS network can read it. */
void config_secret_warn_public(const cJSON *kafka, const char *node);

#endif
