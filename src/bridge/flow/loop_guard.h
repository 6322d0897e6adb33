/* What keeps messages from going round: ROS → Kafka → ROS → Kafka …
 *
 * kafka_to_ros says with each of its publishers that it publishes from Kafka: a comment line behind
 * the definition, with the node's name, which comes to every subscriber in the connection's header.
 * So it is known before the first message of a connection, whatever the master knows or forgot, and
 * costs no question. In a node with both directions roscpp would make connections within the
 * process too: a publisher from Kafka has none (others_only in rosc_publisher_options). A bag or a
 * relay that hands the definition on has another name: what it publishes is its own. Any thread.
 */
#ifndef KAFKA_BRIDGE_BRIDGE_FLOW_LOOP_GUARD_H
#define KAFKA_BRIDGE_BRIDGE_FLOW_LOOP_GUARD_H

#include "bridge/flow/names.h"

#include <rosc/topic.h>
#include <stdbool.h>

#define LOOP_GUARD_NOTE_SIZE (NAMES_ROS_SIZE + 64)

/* The note (rosc_publisher_options) of a publisher of this node that publishes from Kafka. */
void loop_guard_note(char note[LOOP_GUARD_NOTE_SIZE]);

/* Whether what comes over the connection was published from Kafka. */
bool loop_guard_is_from_kafka(const struct rosc_connection *connection);

/* Whether `ros_topic` is a status of this node's, which is not published from Kafka and may go
 * there: records are not published on it. */
bool loop_guard_is_own_status(const char *ros_topic);

#endif
