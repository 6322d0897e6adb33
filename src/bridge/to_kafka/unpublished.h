/* Says which ROS topics of the configuration nobody publishes, and what is published that may have
 * been meant. The main thread's. */
#ifndef KAFKA_BRIDGE_BRIDGE_TO_KAFKA_UNPUBLISHED_H
#define KAFKA_BRIDGE_BRIDGE_TO_KAFKA_UNPUBLISHED_H

#include "bridge/to_kafka/discovery.h"
#include "bridge/to_kafka/stream.h"

#include <rosc/master.h>

/* How long nobody may publish a topic, or no topic match a pattern, before that is said. */
#define UNPUBLISHED_SECONDS 5

/* To be called about once a second: each topic of an explicit route, and each pattern, is said
 * once, and once more when somebody publishes it. Asks the master where there is something to say.
 */
void unpublished_look(struct stream *streams, struct discovery *discovery);

/* Of the published topics of `list` the one that was most likely meant by `name`: the nearest, or
 * one with the same last word; NULL: none is like it. */
const struct rosc_topic_info *unpublished_nearest(const char *name,
                                                  const struct rosc_topic_list *list);

#endif
