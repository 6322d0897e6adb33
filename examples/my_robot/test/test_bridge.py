#!/usr/bin/env python3
import json
import subprocess
import time
import unittest

import rospy
import rostest

BROKER = "/embedded_broker/bootstrap_servers"


class TestBridge(unittest.TestCase):
    def setUp(self):
        while not rospy.has_param(BROKER):  # the test's time-limit ends this
            time.sleep(0.1)
        self.broker = rospy.get_param(BROKER)

    def kcat(self, *options, text=None):
        command = ["kcat", "-q", "-b", self.broker, *options]
        return subprocess.run(command, input=text, stdout=subprocess.PIPE, check=True).stdout

    def test_a_command_from_kafka_is_obeyed_up_to_the_limit(self):
        self.kcat("-P", "-t", "commands", text=b'{"data": 50}')
        record = self.kcat("-C", "-t", "speed", "-o", "beginning", "-c", "1")
        self.assertEqual(json.loads(record), {"id": 0, "speed": 2.0})


if __name__ == "__main__":
    rostest.rosrun("my_robot", "test_bridge", TestBridge)
