#!/usr/bin/python3
"""A real broker as a ROS node, in embedded_broker's place where librdkafka has no mock cluster: the
same parameters, and as many partitions of a topic that nobody made."""

import os
import sys

import rospy

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from kafka_broker import KafkaBroker  # noqa: E402

if __name__ == "__main__":
    rospy.init_node("embedded_broker")
    # The session's time-out that the tests take is shorter than a real broker's least.
    properties = {"num.partitions": 4, "group.min.session.timeout.ms": 1000}
    with KafkaBroker(properties=properties) as server:
        for topic, partitions in rospy.get_param("~topics", {}).items():
            server.create_topic(topic, partitions)
        rospy.set_param("/embedded_broker/bootstrap_servers", server.bootstrap_servers)
        rospy.spin()
