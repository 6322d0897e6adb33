#!/usr/bin/python3
"""actionlib over two ROS masters: a client here and a server there, a bridge on each, one broker.
The recipe is that of docs/actions.md."""

import os
import sys
import time

import actionlib
import rospy
from actionlib.msg import TestAction, TestGoal
from actionlib_msgs.msg import GoalStatus

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from real_support import (  # noqa: E402
    HERE,
    PATIENCE,
    OtherRobot,
    Process,
    RealBridgeTest,
    run,
)

TO_SERVER = {"goal": "actionlib/TestActionGoal", "cancel": "actionlib_msgs/GoalID"}
TO_CLIENT = {
    "status": "actionlib_msgs/GoalStatusArray",
    "feedback": "actionlib/TestActionFeedback",
    "result": "actionlib/TestActionResult",
}


class RealActions(RealBridgeTest):
    def routes(self, out, back):
        """What a bridge carries of the action: the topics `out` to Kafka, `back` from there."""
        return {
            "kafka": self.kafka(),
            "ros_to_kafka": [{"ros_topic": "/act/" + topic} for topic in out],
            "kafka_to_ros": [
                {
                    "kafka_topic": "act." + topic,
                    "ros_topic": "/act/" + topic,
                    "ros_type": kind,
                    "max_age": 60,
                }
                for topic, kind in back.items()
            ],
        }

    def test_a_goal_and_its_result(self):
        there = OtherRobot(self)
        server = Process(
            [sys.executable, os.path.join(HERE, "action_server.py"), "/act"],
            {"ROS_MASTER_URI": there.environment["ROS_MASTER_URI"]},
        )
        self.addCleanup(self.end, server)
        begun = time.monotonic()
        bridges = [
            self.start("bridge", self.routes(TO_SERVER, TO_CLIENT), name="bridge"),
            there.start("bridge", self.routes(TO_CLIENT, TO_SERVER), "bridge"),
        ]
        client = actionlib.SimpleActionClient("/act", TestAction)
        self.assertTrue(client.wait_for_server(rospy.Duration(PATIENCE)), bridges[0].text)
        print("wait_for_server returned after %.1f s" % (time.monotonic() - begun))
        for number in range(1, 4):
            begun = time.monotonic()
            feedback = []
            client.send_goal(TestGoal(number), feedback_cb=feedback.append)
            self.assertTrue(client.wait_for_result(rospy.Duration(PATIENCE)), bridges[1].text)
            print("the result of goal %d came after %.2f s" % (number, time.monotonic() - begun))
            self.assertEqual(client.get_state(), GoalStatus.SUCCEEDED)
            self.assertEqual(client.get_result().result, 2 * number)
        for bridge in bridges:
            self.assertEqual(bridge.stop(), 0, bridge.text)


if __name__ == "__main__":
    run(RealActions)
