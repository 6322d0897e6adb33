#!/usr/bin/python3
"""An action server of actionlib/TestAction, of the name in its argument: twice the goal."""

import sys

import actionlib
import rospy
from actionlib.msg import TestAction, TestFeedback, TestResult


def main():
    rospy.init_node("action_server")

    def execute(goal):
        server.publish_feedback(TestFeedback(goal.goal))
        server.set_succeeded(TestResult(2 * goal.goal))

    server = actionlib.SimpleActionServer(sys.argv[1], TestAction, execute, auto_start=False)
    server.start()
    print("serving", flush=True)
    rospy.spin()


if __name__ == "__main__":
    main()
