/* kafka_to_ros: publishes Kafka's records as ROS messages of any type. Parameters:
 * docs/configuration.md. */
#include "nodes/setup.h"

int main(int argc, char **argv)
{
    const struct direction *const directions[] = {&direction_to_ros};
    return setup_main(argc, argv, "kafka_to_ros", directions, 1);
}
