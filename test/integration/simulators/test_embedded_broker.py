#!/usr/bin/python3
"""embedded_broker: serves Kafka, says where, and leaves nothing behind."""

import os
import subprocess
import sys
import unittest

import rospy

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from node_process import NodeProcess, wait_for  # noqa: E402

ADDRESS = "/embedded_broker/bootstrap_servers"


def address():
    return rospy.get_param(ADDRESS, None)


def kcat(*arguments, **options):
    done = subprocess.run(
        ["kcat", "-b", address(), *arguments],
        capture_output=True,
        text=True,
        timeout=90,
        check=True,
        **options,
    )
    return done.stdout


class EmbeddedBroker(unittest.TestCase):
    def start(self, *arguments):
        broker = NodeProcess("embedded_broker", *arguments)
        self.addCleanup(broker.stop)
        return broker

    def tearDown(self):
        if rospy.has_param(ADDRESS):
            rospy.delete_param(ADDRESS)
        if rospy.has_param("/embedded_broker"):
            rospy.delete_param("/embedded_broker")

    def test_serves_kafka_and_says_what_it_is_in_one_line(self):
        broker = self.start()
        self.assertTrue(wait_for(address), broker.text)
        self.assertTrue(broker.wait_for_text(address()))
        lines = [line for line in broker.text.splitlines() if "serving Kafka at" in line]
        self.assertEqual(len(lines), 1, broker.text)
        for words in (
            "mock cluster",
            "not for production",
            "in memory",
            "loopback only",
            "5 MiB or 100,000 message sets",
            "without TLS",
            "lost",
        ):
            self.assertIn(words, lines[0])
        kcat("-P", "-t", "trial", "-k", "a", input="hello\n")
        read = kcat("-C", "-t", "trial", "-o", "beginning", "-e", "-q", "-f", "%k %s\n")
        self.assertEqual(read, "a hello\n")

    def test_deletes_its_parameter_when_it_is_stopped(self):
        broker = self.start()
        self.assertTrue(wait_for(address), broker.text)
        self.assertEqual(broker.stop(), 0, broker.text)
        self.assertIsNone(address())

    def test_sets_the_same_parameter_under_another_name(self):
        broker = self.start("__name:=kafka", "__ns:=/robot")
        self.assertTrue(wait_for(address), broker.text)

    def test_refuses_to_be_the_second(self):
        broker = self.start()
        self.assertTrue(wait_for(address), broker.text)
        first = address()
        second = self.start("__name:=second")
        self.assertEqual(second.wait(), 1)
        self.assertIn("serves this ROS master already, at " + first, second.text)
        self.assertEqual(address(), first)

    def test_takes_over_from_one_that_was_killed(self):
        broker = self.start()
        self.assertTrue(wait_for(address), broker.text)
        old = address()
        broker.kill()
        self.assertEqual(address(), old)
        broker = self.start()
        self.assertTrue(wait_for(lambda: address() != old), broker.text)
        self.assertIn("nothing answers", broker.text)

    def test_makes_topics_beforehand(self):
        rospy.set_param("/embedded_broker/topics", {"odometry": 1, "results": 7})
        broker = self.start()
        self.assertTrue(wait_for(address), broker.text)
        listed = kcat("-L")
        self.assertIn('topic "odometry" with 1 partitions', listed)
        self.assertIn('topic "results" with 7 partitions', listed)

    def test_names_a_wrong_parameter(self):
        rospy.set_param("/embedded_broker/topics", {"odometry": 0})
        broker = self.start()
        self.assertEqual(broker.wait(), 1)
        self.assertIn(
            "/topics/odometry is 0: it must be a whole number from 1 to 1000 partitions",
            broker.text,
        )
        self.assertIsNone(address())


if __name__ == "__main__":
    import rostest

    rospy.init_node("test_embedded_broker")
    rostest.rosrun("kafka_bridge", "test_embedded_broker", EmbeddedBroker)
