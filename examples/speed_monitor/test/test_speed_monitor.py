#!/usr/bin/env python3
import unittest

import rospy
import rostest
from speed_monitor.msg import SpeedSummary
from std_msgs.msg import Float64, String


class TestSpeedMonitor(unittest.TestCase):
    def test_summary_and_words(self):
        summaries, texts = [], []
        rospy.Subscriber("speed_summary", SpeedSummary, summaries.append)
        rospy.Subscriber("speed_text", String, texts.append)
        speeds = rospy.Publisher("speed", Float64, queue_size=10)
        while not summaries or not texts:  # all three are connected
            speeds.publish(1.5)
            rospy.sleep(0.1)
        self.assertEqual((summaries[-1].mean, summaries[-1].highest), (1.5, 1.5))
        self.assertRegex(texts[-1].data, "^[0-9]+ speeds, 1.50 m/s on average$")
        definition = summaries[-1]._connection_header["message_definition"]
        self.assertEqual(definition, SpeedSummary._full_text)


if __name__ == "__main__":
    rospy.init_node("test_speed_monitor")
    rostest.rosrun("speed_monitor", "test_speed_monitor", TestSpeedMonitor)
