/* Finds the ROS topics that pattern routes ask for, as they come up. The main thread's. */
#ifndef KAFKA_BRIDGE_BRIDGE_TO_KAFKA_DISCOVERY_H
#define KAFKA_BRIDGE_BRIDGE_TO_KAFKA_DISCOVERY_H

#include "bridge/config/config.h"

struct discovery;

/* Compiles the patterns. A pattern has to match a topic's whole name. ERROR_SYNTAX, ERROR_MEMORY.
 */
enum error_code discovery_create(const struct config *config, struct discovery **discovery,
                                 struct error *error) MUST_CHECK;
void discovery_destroy(struct discovery *discovery);

/* Called for each topic that a pattern route matches, when it comes up, and where its type is
 * another than in the run before: the callee knows which it has. What is not ERROR_NONE ends the
 * run, with that code. */
typedef enum error_code (*discovery_callback)(const struct to_kafka_route *route,
                                              const char *ros_topic, const char *type, void *user,
                                              struct error *error);

/* Asks the master once and calls back. Log topics and this node's own are left out. ERROR_IO: the
 * master did not answer; or what `callback` returned. */
enum error_code discovery_run(struct discovery *discovery, discovery_callback callback, void *user,
                              struct error *error) MUST_CHECK;

/* A route whose pattern has matched no topic in all runs, `patience` nanoseconds after the first,
 * and of which discovery_told was not called; NULL: none. */
const struct to_kafka_route *discovery_unmatched(const struct discovery *discovery,
                                                 int64_t patience);
void discovery_told(struct discovery *discovery, const struct to_kafka_route *route);

/* Whether there is any pattern to look for. */
bool discovery_is_needed(const struct discovery *discovery);

#endif
