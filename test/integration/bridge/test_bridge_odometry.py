#!/usr/bin/python3
"""config/odometry.yaml: every message one flat record, in order, with the numbers of Python."""

import os
import signal
import sys

from nav_msgs.msg import Odometry

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from bridge_support import (  # noqa: E402
    PRESETS,
    BridgeTest,
    node,
    raw_kind,
    run,
    serialized,
    totals,
)

COUNT = 300
MEMBERS = ["id", "posex", "posey", "posez", "orientx", "orienty", "orientz", "orientw"]


def flat(message, number):
    """The record that a Python script would make of the message."""
    place, turn = message.pose.pose.position, message.pose.pose.orientation
    values = [place.x, place.y, place.z, turn.x, turn.y, turn.z, turn.w]
    return dict(zip(MEMBERS, [number] + [round(value, 5) for value in values]))


class BridgeOdometry(BridgeTest):
    def preset(self):
        """ros_to_kafka with the preset, subscribed, writing to a topic of the test's own."""
        with open(os.path.join(PRESETS, "odometry.yaml"), encoding="utf-8") as file:
            config = file.read().replace("kafka_topic: odometry", "kafka_topic: " + self.name)
        self.assertIn(self.name, config)
        bridge = self.start("ros_to_kafka", config, "_bootstrap_servers:=" + self.broker)
        bridge.expect("subscribed to /warty/odom")
        return bridge

    def simulate(self, *arguments):
        robot = node(
            "robot_simulator", "_wait_for_subscriber:=true", "_count:=%d" % COUNT, *arguments
        )
        self.addCleanup(self.end, robot)
        return robot

    def test_each_simulated_message_is_a_record_and_the_totals_add_up(self):
        bridge = self.preset()
        self.simulate("_rate:=400")
        records = self.consume(self.name, COUNT)
        self.assertEqual([record.json()["id"] for record in records], list(range(COUNT)))
        self.assertEqual({record.partition for record in records}, {records[0].partition})
        found = self.settled(COUNT)
        self.assertEqual((found["received"], found["delivered"]), (COUNT, COUNT))
        self.assertEqual(found["missed upstream"], 0)
        self.assertEqual(len(self.consume(self.name)), COUNT)
        self.assertEqual(bridge.stop(), 0)
        last = [line for line in bridge.text.splitlines() if "received" in line][-1]
        self.assertIn("received 300 = delivered 300 + dead-lettered 0 + dropped 0", last)
        self.assertEqual(totals(last), found)

    def test_records_hold_the_messages_as_python_rounds_them(self):
        seen = self.collector("/seen/odom", Odometry)
        self.simulate("_robot:=seen", "_rate:=1000", "__name:=seen_simulator")
        messages = seen.wait(COUNT)
        self.preset()
        # The same again to a bridge that surely listens, with the numbers of the simulator.
        publisher = self.publisher("/warty/odom", raw_kind(Odometry))
        for message in messages:
            publisher.publish(publisher.data_class(serialized(message)))
        records = self.consume(self.name, COUNT)
        for number, (record, message) in enumerate(zip(records, messages)):
            self.assertEqual(list(record.json()), MEMBERS)
            self.assertEqual(record.json(), flat(message, number))
            self.assertNotIn(b" ", record.value)
            self.assertEqual(record.timestamp, message.header.stamp.to_nsec() // 1000000)
            self.assertEqual(record.key, b"warty")
            self.assertEqual(
                record.headers,
                {
                    "ros_topic": b"/warty/odom",
                    "ros_type": b"nav_msgs/Odometry",
                    "ros_md5sum": Odometry._md5sum.encode(),
                    "id": b"warty/%s/%d" % (self.name.encode(), number),
                },
            )
        self.assertTrue(any(record.json()["posex"] for record in records))

    def test_sigterm_ends_it_as_sigint_does(self):
        bridge = self.preset()
        self.simulate("_rate:=400")
        self.settled(COUNT)
        self.assertEqual(bridge.stop(signal.SIGTERM), 0)
        self.assertIn("received 300 = delivered 300", bridge.text)
        self.assertEqual(len(self.consume(self.name)), COUNT)

    def test_a_gap_in_the_sequence_is_counted_as_missed(self):
        self.preset()
        publisher = self.publisher("/warty/odom", raw_kind(Odometry))
        message = Odometry()
        for message.header.seq in (7, 8, 12, 13, 1, 2):
            publisher.publish(publisher.data_class(serialized(message)))
        self.assertEqual(self.settled(6)["missed upstream"], 3)


if __name__ == "__main__":
    run(BridgeOdometry)
