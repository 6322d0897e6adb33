/* The lines of src/kafka and of librdkafka, written to ROS's log. From main, before the first
 * client is made. */
#ifndef KAFKA_BRIDGE_NODES_KAFKA_LINES_H
#define KAFKA_BRIDGE_NODES_KAFKA_LINES_H

void kafka_lines_to_ros(void);

#endif
