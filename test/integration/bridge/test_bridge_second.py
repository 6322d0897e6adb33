#!/usr/bin/python3
"""A second start under the name of a node that runs: where something is wrong with it, it ends, and
the first goes on as if nothing had been."""

import os
import sys

import rospy
from std_msgs.msg import Int64

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from bridge_support import BridgeTest, node, produce, run, wait_until  # noqa: E402

ADDRESS = "/embedded_broker/bootstrap_servers"


class BridgeSecond(BridgeTest):
    def second(self, kind, status, says, *arguments):
        """Starts another node of this name, which has to end by itself."""
        other = node(kind, "__name:=" + self.name, *arguments)
        self.addCleanup(self.end, other)
        self.assertEqual(other.wait(60), status, other.text)
        self.assertIn(says, other.text)
        return other

    def wrong(self, kind, config):
        """What every node finds before it registers."""
        self.second(kind, 1, "nothing was started", "_config:=" + self.write_config(config))
        self.second(kind, 1, "nothere.yaml", "_config:=/nothere.yaml")
        self.second(kind, 1, "unknown argument", "something")
        # The first one's file is the one that the master has.
        self.second(kind, 0, "is right", "_check:=true")

    def unharmed(self, process):
        self.assertTrue(process.is_running(), process.text)
        self.assertNotIn("shutdown was asked for", process.text)

    def test_to_kafka(self):
        route = {"ros_topic": "/" + self.name, "kafka_topic": self.name}
        first = self.to_kafka(route)
        path = rospy.get_param("/%s/config" % self.name)
        self.wrong("ros_to_kafka", {"ros_to_kafka": [dict(route, format="yaml")]})
        says = "is in use by process %d" % first.pid
        other = self.second("ros_to_kafka", 1, says, "_config:=" + path)
        self.assertEqual(other.text.count("/warty.db"), 1, other.text)
        self.second(
            "ros_to_kafka",
            0,
            "nothing to do here",
            "_config:=" + self.write_config({"kafka_to_ros": [{"kafka_topic": "a"}]}),
        )
        self.unharmed(first)
        self.assertEqual(rospy.get_param("/%s/config" % self.name), path)
        self.publisher("/" + self.name, Int64).publish(7)
        self.assertEqual(self.settled(1)["delivered"], 1)

    def test_to_ros(self):
        route = {"kafka_topic": self.name, "ros_topic": "/seen", "ros_type": "std_msgs/Int64"}
        seen = self.collector("/seen", Int64)
        first = self.to_ros(dict(route, wait_for_subscriber=True))
        self.totals()
        self.wrong("kafka_to_ros", {"kafka_to_ros": [dict(route, format="yaml")]})
        self.unharmed(first)
        produce(self.broker, self.name, '{"data":7}')
        self.assertEqual(seen.wait(1, 30)[0].data, 7)

    def test_the_broker_and_the_robot(self):
        self.name = "embedded_broker"
        self.second("embedded_broker", 1, "serves this ROS master already")
        self.assertEqual(rospy.get_param(ADDRESS), self.broker)
        produce(self.broker, self.id().split(".")[-1], "{}")
        self.name = "robot"
        first = node("robot_simulator", "__name:=" + self.name)
        self.addCleanup(self.end, first)
        seen = []
        rospy.Subscriber("/warty/odom", rospy.AnyMsg, seen.append)
        wait_until(lambda: seen, 30, "a message of the robot")
        self.second("robot_simulator", 1, "rate", "_rate:=-1")
        self.unharmed(first)
        del seen[:]
        wait_until(lambda: seen, 30, "another message")


if __name__ == "__main__":
    run(BridgeSecond)
