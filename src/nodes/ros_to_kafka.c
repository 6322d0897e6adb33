/* ros_to_kafka: carries ROS topics of any type into Kafka. Parameters: docs/configuration.md. */
#include "nodes/setup.h"

int main(int argc, char **argv)
{
    const struct direction *const directions[] = {&direction_to_kafka};
    return setup_main(argc, argv, "ros_to_kafka", directions, 1);
}
