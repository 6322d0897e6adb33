#!/usr/bin/python3
"""config/everything.yaml: what came from Kafka is not sent back, whoever starts first."""

import os
import sys

from std_msgs.msg import String

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from bridge_support import PRESETS, BridgeTest, node, produce, run  # noqa: E402


class BridgeLoops(BridgeTest):
    def start_preset(self, kind):
        preset = os.path.join(PRESETS, "everything.yaml")
        started = node(
            kind,
            "_config:=" + preset,
            "_bootstrap_servers:=" + self.broker,
            "__name:=" + self.name + kind,
        )
        self.addCleanup(self.end, started)
        started.until(lambda: self.totals(self.name + kind), "the node " + kind)
        return started

    def of_to_kafka(self, counter):
        return self.totals(self.name + "ros_to_kafka").get(counter, 0)

    def check_one_record_stays_one(self):
        before = len(self.consume("results"))
        heard = self.collector("/results", String)
        produce(self.broker, "results", self.name)
        self.to.until(
            lambda: any(message.data == self.name for message in heard.messages),
            "the result in ROS",
        )
        self.to.until(lambda: self.of_to_kafka("loop"), "a loop that was dropped")
        # Another message has gone the whole way when this one would have come back.
        publisher = self.publisher("/" + self.name, String)
        publisher.publish("after it")
        self.consume(self.name, 1)
        self.assertEqual(len(self.consume("results")), before + 1)
        self.assertEqual(self.totals(self.name + "kafka_to_ros")["published"], before + 1)
        self.assertEqual([m.data for m in heard.messages].count(self.name), 1)
        self.assertIn("publishes what came from Kafka; it is not sent back", self.to.text)

    def test_to_kafka_first(self):
        self.to = self.start_preset("ros_to_kafka")
        self.start_preset("kafka_to_ros")
        self.check_one_record_stays_one()

    def test_to_ros_first(self):
        self.start_preset("kafka_to_ros")
        self.to = self.start_preset("ros_to_kafka")
        self.check_one_record_stays_one()


if __name__ == "__main__":
    run(BridgeLoops)
