#!/usr/bin/python3
"""A robot whose clock differs from the broker's, messages whose stamps are of another time, and
outages longer than a topic takes old records: all of it arrives, and stays.

Nodes have a clock of their own by a preloaded library (test/clock)."""

import os
import struct
import sys
import tempfile
import time

from geometry_msgs.msg import PointStamped
from std_msgs.msg import Int64, String

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from real_support import (  # noqa: E402
    RealBridgeTest,
    produce,
    run,
    wait_until,
)

LIBRARY = os.environ["PRELOADED_CLOCK_LIBRARY"]
HOUR = 3600
NEAR = 900  # seconds; what is right is at most so far off, what is wrong two hours and more
COUNT = 60


class RealClocks(RealBridgeTest):
    properties = {
        "log.retention.check.interval.ms": "500",
        "log.initial.task.delay.ms": "500",
    }

    def clock(self, seconds):
        """The environment of a node whose clock is so far ahead; set_clock changes it."""
        with tempfile.NamedTemporaryFile(delete=False) as file:
            self.addCleanup(os.unlink, file.name)
            file.write(bytes(8))
        self.shift = file.name
        self.set_clock(seconds)
        return {"LD_PRELOAD": LIBRARY, "PRELOADED_CLOCK": self.shift}

    def set_clock(self, seconds):
        with open(self.shift, "r+b") as file:
            file.write(struct.pack("=q", int(seconds * 1000)))

    def bridge(self, seconds=0, topics=None, **keys):
        topics = topics or ["/" + self.name]
        routes = [{"ros_topic": topic, "kafka_topic": topic[1:]} for topic in topics]
        config = dict({"ros_to_kafka": routes}, **keys)
        return self.start("ros_to_kafka", config, environment=self.clock(seconds))

    def send(self, publisher, values):
        for value in values:
            publisher.publish(value)

    def check(self, topic, count, ahead=None):
        """Records that are there, with times of now; where they have another than their own, theirs
        is `ahead` seconds ahead."""
        records = self.consume(topic, count)
        self.assertEqual(len(records), count)
        for record in records:
            self.assertLess(abs(record.timestamp / 1000 - time.time()), NEAR)
            own = record.headers.get("ros_timestamp")
            self.assertEqual(own is not None, ahead is not None, record)
            if ahead is not None:
                self.assertLess(abs(int(own) / 1000 - time.time() - ahead), NEAR)
        return records

    def robot_with_a_wrong_clock(self, seconds, words, **keys):
        good, bad = topics = ["/" + self.name, "/%s_bad" % self.name]
        self.server.create_topic(good[1:], message_timestamp_before_max_ms=HOUR * 1000)
        self.server.create_topic(
            bad[1:] + ".dead_letter", message_timestamp_before_max_ms=HOUR * 1000
        )
        routes = [{"ros_topic": topic, "kafka_topic": topic[1:]} for topic in topics]
        routes[1]["ros_type"] = "std_msgs/String"
        bridge = self.bridge(seconds, ros_to_kafka=routes, **keys)
        publishers = [self.publisher(topic, Int64) for topic in topics]
        for publisher in publishers:
            self.send(publisher, range(COUNT))
        found = self.settled(2 * COUNT)
        self.assertEqual((found["delivered"], found["dead-lettered"]), (COUNT, COUNT), bridge.text)
        self.assertEqual(found["given another time"], 2 * COUNT)
        bridge.expect("this robot's clock is 3 h %s the broker's" % words)
        self.check(good[1:], COUNT, seconds)
        for record in self.check(bad[1:] + ".dead_letter", COUNT, seconds):
            own = record.json()["timestamp"] / 1000 - time.time()
            self.assertLess(abs(own - seconds), NEAR)
        self.stop_and_account(bridge)
        self.consume("ros.definitions", 1)

    def test_ahead(self):
        self.robot_with_a_wrong_clock(3 * HOUR, "ahead of")

    def test_behind(self):
        self.robot_with_a_wrong_clock(-3 * HOUR, "behind")

    def test_ahead_exactly_once(self):
        self.robot_with_a_wrong_clock(3 * HOUR, "ahead of", delivery="exactly_once")

    def test_ahead_of_a_clock_that_cannot_be_known(self):
        bridge = self.bridge(3 * HOUR, definitions_topic="")
        self.send(self.publisher("/" + self.name, Int64), range(COUNT))
        found = self.settled(COUNT)
        self.assertEqual(found["delivered"], COUNT, bridge.text)
        bridge.expect("refuses this robot's time")
        for record in self.consume(self.name, COUNT):
            self.assertLess(abs(record.timestamp / 1000 - time.time()), 2 * HOUR)
            own = int(record.headers["ros_timestamp"]) / 1000 - time.time()
            self.assertLess(abs(own - 3 * HOUR), NEAR)

    def test_jumping(self):
        bridge = self.bridge()
        publisher = self.publisher("/" + self.name, Int64)
        self.send(publisher, range(COUNT))
        self.settled(COUNT)
        self.check(self.name, COUNT)
        self.set_clock(3 * HOUR)
        self.send(publisher, range(COUNT))
        found = self.settled(2 * COUNT)
        bridge.expect("this robot's clock is 3 h ahead of the broker's")
        self.assertEqual((found["delivered"], found["given another time"]), (2 * COUNT, COUNT))
        self.set_clock(0)
        bridge.expect("agrees with the broker's again")
        self.send(publisher, range(COUNT))
        found = self.settled(3 * COUNT)
        self.assertEqual((found["delivered"], found["given another time"]), (3 * COUNT, COUNT))
        records = self.consume(self.name, 3 * COUNT)
        self.assertEqual(
            ["ros_timestamp" in record.headers for record in records],
            [False] * COUNT + [True] * COUNT + [False] * COUNT,
        )
        self.set_clock(-3 * HOUR)
        bridge.expect("this robot's clock is 3 h behind the broker's")

    def stamped(self, seconds):
        message = PointStamped()
        message.header.stamp.secs = int(seconds)
        return message

    def test_one_stamp_among_many(self):
        """It alone gets another time."""
        bridge = self.bridge()
        publisher = self.publisher("/" + self.name, PointStamped)
        now = int(time.time())
        stamps = [now] * (COUNT // 2) + [now + 2 * HOUR] + [now - 2 * HOUR] * (COUNT // 2)
        self.send(publisher, map(self.stamped, stamps))
        found = self.settled(len(stamps))
        self.assertEqual(found["delivered"], len(stamps), bridge.text)
        times = {}
        for record in self.consume(self.name, len(stamps)):
            own = record.headers.get("ros_timestamp")
            kind = "own" if own is None else int(own) // 1000 - now
            times.setdefault(kind, set()).add(record.timestamp // 1000 - now)
        self.assertEqual(times.pop("own"), {0, -2 * HOUR})
        self.assertEqual(list(times), [2 * HOUR])

    def test_an_outage_longer_than_a_topic_takes_old_records(self):
        self.server.create_topic(self.name, message_timestamp_before_max_ms=4000)
        bridge = self.bridge()
        publisher = self.publisher("/" + self.name, Int64)
        self.send(publisher, range(COUNT))
        self.settled(COUNT)
        self.server.kill()
        self.send(publisher, range(10 * COUNT))
        wait_until(lambda: self.totals()["received"] == 11 * COUNT)
        until = time.time() + 5
        wait_until(lambda: time.time() > until)
        self.server.start()
        found = self.settled(11 * COUNT)
        self.assertEqual((found["delivered"], found["dead-lettered"]), (11 * COUNT, 0), bridge.text)
        values = [record.json()["data"] for record in self.consume(self.name, 11 * COUNT)]
        self.assertEqual(values[COUNT:], list(range(10 * COUNT)))

    def wait_for_retention(self):
        """Until Kafka has looked at all topics for what is too old, once whole."""
        for turn in ("first", "second"):
            control = "%s_%s" % (self.name, turn)
            self.server.create_topic(control, retention_ms=1)
            produce(self.server, control, "old")
            wait_until(lambda topic=control: not self.consume(topic), what="deletion by retention")

    def test_stamps_of_a_simulation(self):
        self.server.create_topic(self.name, retention_ms=HOUR * 1000)
        bridge = self.bridge()
        publisher = self.publisher("/" + self.name, PointStamped)
        self.send(publisher, map(self.stamped, range(1, COUNT + 1)))
        found = self.settled(COUNT)
        self.assertEqual((found["delivered"], found["given another time"]), (COUNT, COUNT))
        bridge.expect("more than 1 h behind (retention.ms)")
        self.wait_for_retention()
        records = self.consume(self.name, COUNT)
        self.assertEqual(
            [int(record.headers["ros_timestamp"]) for record in records],
            [1000 * number for number in range(1, COUNT + 1)],
        )

    def test_dead_letters_of_kafka_to_ros(self):
        produce(self.server, self.name, "{", headers={"ros_type": "std_msgs/String"})
        self.start(
            "kafka_to_ros",
            {"kafka_to_ros": [{"kafka_topic": self.name, "ros_topic": "/" + self.name}]},
            environment=self.clock(3 * HOUR),
        )
        self.collector("/" + self.name, String)
        letter = self.consume(self.name + ".dead_letter", 1)[0]
        self.assertEqual(letter.json()["reason"], "syntax")


if __name__ == "__main__":
    run(RealClocks)
