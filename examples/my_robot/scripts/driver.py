#!/usr/bin/env python3
"""Drives as fast as /command says, but not too fast, and says on /speed how fast it drives."""

import rospy
from std_msgs.msg import Float64

FASTEST = 2.0  # m/s


def obey(command):
    speeds.publish(min(command.data, FASTEST))


rospy.init_node("driver")
speeds = rospy.Publisher("/speed", Float64, queue_size=10, latch=True)
rospy.Subscriber("/command", Float64, obey)
rospy.spin()
