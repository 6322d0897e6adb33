#!/usr/bin/python3
"""The golden odometry through config/odometry.yaml into a real broker, and the README's way of
using both nodes."""

import importlib.util
import os
import re
import sys
import unittest

import rospy
from nav_msgs.msg import Odometry
from std_msgs.msg import String

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from real_support import (  # noqa: E402
    PRESETS,
    ROOT,
    Process,
    RealBridgeTest,
    free_port,
    listed_topics,
    node,
    produce,
    run,
    troubles,
    wait_until,
)

RECORDS = os.path.join(ROOT, "test", "data", "odometry_records.jsonl")
PRESET = os.path.join(PRESETS, "odometry.yaml")
NUMBERS = ["posex", "posey", "posez", "orientx", "orienty", "orientz", "orientw"]
EXAMPLES = os.path.join(ROOT, "examples")
TOPIC = "odometry"
DEFINITIONS = "ros.definitions"


def golden():
    """The sample's records as texts, as they are but for the white space between members."""
    with open(RECORDS, encoding="utf-8") as file:
        return [re.sub(r"\s", "", line) for line in file]


def odometry(record, offset=0.0):
    """The message that the record is of, with `offset` added to its numbers."""
    message = Odometry()
    message.header.stamp = rospy.Time.now()
    place, turn = message.pose.pose.position, message.pose.pose.orientation
    values = [float(re.search(r'"%s":([^,}]+)' % name, record).group(1)) for name in NUMBERS]
    values = [value + offset if value else value for value in values]
    place.x, place.y, place.z, turn.x, turn.y, turn.z, turn.w = values
    return message


class RealOdometry(RealBridgeTest):
    def preset(self, kind):
        """As the README starts it, but for a name after the test."""
        started = node(
            kind,
            "_config:=" + PRESET,
            "_bootstrap_servers:=" + self.broker,
            "__name:=" + self.name,
        )
        self.addCleanup(self.end, started)
        return started

    def check_golden(self, offset):
        already = len(self.consume(TOPIC))
        bridge = self.preset("ros_to_kafka")
        bridge.expect("subscribed to /warty/odom (ros_to_kafka[0])")
        publisher = self.publisher("/warty/odom", Odometry)
        expected = golden()
        for record in expected:
            publisher.publish(odometry(record, offset))
        records = self.consume(TOPIC, already + len(expected))[already:]
        self.assertEqual([record.text() for record in records], expected)
        self.assertEqual({record.key for record in records}, {b"warty"})
        bridge.expect("/warty/odom (nav_msgs/Odometry from ")
        found = self.stop_and_account(bridge)
        count = len(expected)
        self.assertEqual((found["received"], found["delivered"]), (count, count))
        self.assertEqual(len(self.consume(TOPIC)), already + count, "nothing comes twice")
        self.assertEqual(troubles(bridge), [])

    def test_golden_odometry_exactly(self):
        self.check_golden(0.0)

    def test_golden_odometry_of_numbers_above(self):
        self.check_golden(0.0000049)

    def test_golden_odometry_of_numbers_below(self):
        self.check_golden(-0.0000049)

    def test_definitions_are_compacted_and_one_of_a_kind(self):
        for repetition in range(2):
            bridge = self.to_kafka(
                {"ros_topic": "/" + self.name, "kafka_topic": self.name},
                {"ros_topic": "/again", "kafka_topic": self.name + ".again"},
            )
            publishers = [self.publisher(t, String) for t in ("/" + self.name, "/again")]
            for publisher in publishers:
                publisher.publish("any")
            self.settled(2)
            # A kafkacat with librdkafka 1.2 would make it, as no compacted topic.
            wait_until(lambda: DEFINITIONS in listed_topics(self.broker), what="that topic")
            wait_until(self.string_definitions, what="the definition of std_msgs/String")
            self.stop_and_account(bridge)
            # A new run says it again, under the same key: compaction keeps one of them.
            self.assertEqual(len(self.string_definitions()), repetition + 1)
            for publisher in publishers:
                publisher.unregister()
        config = self.server.topic_config(DEFINITIONS)
        self.assertEqual((config["cleanup.policy"], config["partitions"]), ("compact", 1))
        keys = {record.key for record in self.string_definitions()}
        self.assertEqual(len(keys), 1)
        self.assertIn(String._md5sum.encode(), keys.pop())

    def string_definitions(self):
        records = self.consume(DEFINITIONS)
        return [record for record in records if b"std_msgs/String" in (record.key or b"")]

    def test_readme_simulated_robot(self):
        already = len(self.consume(TOPIC))
        bridge = self.preset("ros_to_kafka")
        bridge.expect("subscribed to /warty/odom")
        robot = node("robot_simulator", "_rate:=1000", "_count:=2000", "_wait_for_subscriber:=true")
        self.addCleanup(self.end, robot)
        self.assertEqual(self.settled(2000)["delivered"], 2000)
        records = self.consume(TOPIC, already + 2000)[already:]
        self.assertEqual([record.json()["id"] for record in records], list(range(2000)))
        self.assertEqual(list(records[0].json()), ["id"] + NUMBERS)
        found = self.stop_and_account(bridge)
        self.assertEqual((found["received"], found["missed upstream"]), (2000, 0))

    def test_readme_results_come_back(self):
        bridge = self.preset("kafka_to_ros")
        results = self.collector("/results", String)
        produce(self.server, "results", "chamber 3: 42 hits")
        self.assertEqual(results.wait(1)[0].data, "chamber 3: 42 hits")
        found = self.stop_and_account(bridge)
        self.assertEqual((found["received"], found["published"]), (1, 1))

    @unittest.skipUnless(importlib.util.find_spec("confluent_kafka"), "no python3-confluent-kafka")
    def test_examples_of_two_robots_and_of_a_reader(self):
        robots = ("husky", "jackal")
        port = free_port()
        environment = {"ROS_MASTER_URI": "http://127.0.0.1:%d" % port}

        def start(*command):
            started = Process(command, environment)
            self.addCleanup(self.end, started)
            return started

        def example(*path):
            return os.path.join(EXAMPLES, *path)

        launch = example("two_robots", "two_robots.launch")
        start("roslaunch", "-p", str(port), launch, "bootstrap_servers:=" + self.broker)
        reader = start(example("read_records", "read_records.py"), self.broker, "fleet.odometry")
        for robot in robots:
            reader.expect("'id': '%s/fleet.odometry/1'" % robot)
            headers = "headers +{'ros_topic': '/%s/odom', .*}" % robot
            record = r"key +%s\n%s\nvalue +{'id': 0, 'x': -?[0-9.]+, " % (robot, headers)
            self.assertRegex(reader.text, record)
        self.assertEqual(reader.stop(), 0, reader.text)
        commands = {robot: start("rostopic", "echo", "/%s/command" % robot) for robot in robots}
        for robot, heard in commands.items():
            produce(self.server, robot + ".commands", "halt, " + robot)
            heard.expect('data: "halt, %s"' % robot)
        self.assertNotIn("husky", commands["jackal"].text)


if __name__ == "__main__":
    run(RealOdometry)
