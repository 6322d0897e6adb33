/* What keeps messages from going round: ROS → Kafka → ROS → Kafka …
 *
 * kafka_to_ros marks itself with a private parameter before it advertises anything; ros_to_kafka
 * asks for that parameter of each node that publishes to it, and leaves a marked node's messages
 * alone. It holds in every ROS graph separately, so a loop over several robots is cut in each of
 * them.
 */
#ifndef KAFKA_BRIDGE_BRIDGE_LOOP_GUARD_H
#define KAFKA_BRIDGE_BRIDGE_LOOP_GUARD_H

#include <stdbool.h>

/* Marks, or unmarks, this node. One round trip to the master. */
void loop_guard_mark(bool marked);

/* Whether the node `caller_id` is marked. One round trip to the master: ask once per connection. */
bool loop_guard_is_from_kafka(const char *caller_id);

#endif
