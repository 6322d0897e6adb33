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

/* Whether what `caller_id` publishes on `ros_topic` (its full name) came from Kafka: the node is
 * marked, and this is not its status. One round trip to the master: ask once per connection. */
bool loop_guard_is_from_kafka(const char *caller_id, const char *ros_topic);

/* Whether `ros_topic` is this node's status, which is never published from Kafka: it is the one
 * topic of a marked node that may go to Kafka. */
bool loop_guard_is_own_status(const char *ros_topic);

#endif
