/* bridge: both directions in one node, under one name in the ROS graph, which is what actionlib
 * looks for: one node that listens to goals and publishes the status. Parameters:
 * docs/configuration.md. */
#include "nodes/setup.h"

int main(int argc, char **argv)
{
    const struct direction *const directions[] = {&direction_to_kafka, &direction_to_ros};
    return setup_main(argc, argv, "bridge", directions, 2);
}
