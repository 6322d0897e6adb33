#!/usr/bin/python3
"""config/everything.yaml: 337 topics of a robot, each as JSON in a Kafka topic of its name."""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import rospy

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from bridge_support import (  # noqa: E402
    KCAT,
    PATIENCE,
    PRESETS,
    STAND_IN,
    BridgeTest,
    consume,
    listed_topics,
    node,
    run,
)
from kafka_broker import Record  # noqa: E402

TOPICS = 337


def newest(broker, topics):
    """A record of each of `topics`, read in one go: {topic: Record}."""
    if STAND_IN:  # librdkafka before 1.8 takes minutes for a group with so many partitions
        with ThreadPoolExecutor(4) as pool:
            return dict(zip(topics, pool.map(lambda topic: consume(broker, topic, 1)[0], topics)))
    done = subprocess.run(
        [KCAT, "-b", broker, "-G", "test", "-X", "auto.offset.reset=earliest"]
        + ["-X", "fetch.message.max.bytes=20000", "-X", "log_level=3", "-e", "-q", "-J"]
        + sorted(topics),
        stdout=subprocess.PIPE,
        timeout=PATIENCE,
        check=True,
    )
    records = [json.loads(line) for line in done.stdout.decode("latin-1").splitlines()]
    return {record["topic"]: Record(record) for record in records}


def published_topics():
    """The Kafka topics of all that the robot publishes: {topic: ROS type}."""
    return {
        name[1:].replace("/", "."): kind
        for name, kind in rospy.get_published_topics()
        if name.startswith("/warty/") or name in ("/tf", "/diagnostics")
    }


class BridgeEverything(BridgeTest):
    def test_every_topic_of_a_robot_gets_records(self):
        preset = os.path.join(PRESETS, "everything.yaml")
        bridge = node("ros_to_kafka", "_config:=" + preset, "_bootstrap_servers:=embedded")
        self.addCleanup(self.end, bridge)
        self.started.append(bridge)
        bridge.until(lambda: self.totals("ros_to_kafka"), "the node")
        robot = node("robot_simulator", "_topics:=%d" % TOPICS)
        self.addCleanup(self.end, robot)
        bridge.until(lambda: len(published_topics()) == TOPICS, "337 topics")
        kinds = published_topics()
        missing = lambda: set(kinds) - listed_topics(self.broker)  # noqa: E731
        try:
            bridge.until(lambda: not missing(), "Kafka topics")
        except AssertionError:
            self.fail("no Kafka topics: %s" % sorted(missing()))
        robot.stop()
        found = self.settled(TOPICS, "ros_to_kafka")
        self.assertEqual((found["dead-lettered"], found["dropped"]), (0, 0))
        records = newest(self.broker, kinds)
        self.assertEqual(set(kinds) - set(records), set())
        for topic, record in records.items():
            self.assertIsInstance(record.json(), dict, topic)
            self.assertEqual(record.headers["ros_type"].decode(), kinds[topic])
            name = record.headers["ros_topic"].decode()
            self.assertEqual(name[1:].replace("/", "."), topic)
        self.assertNotIn("rosout", listed_topics(self.broker))


if __name__ == "__main__":
    run(BridgeEverything)
