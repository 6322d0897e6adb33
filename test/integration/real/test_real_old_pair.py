#!/usr/bin/python3
"""A librdkafka that cannot commit to the broker (before 1.4, to Kafka 4): one line says so."""

import os
import sys

from std_msgs.msg import Int64

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from real_support import RealBridgeTest, produce, run  # noqa: E402

SAID = "Kafka 4 needs librdkafka 1.4 or newer: take Kafka 3.9, or a newer librdkafka"


class RealOldPair(RealBridgeTest):
    def test_a_pair_that_cannot_commit_is_said(self):
        self.server.create_topic(self.name)
        produce(self.server, self.name, '{"data":1}')
        seen = self.collector("/seen", Int64)
        bridge = self.to_ros(
            {"kafka_topic": self.name, "ros_topic": "/seen", "ros_type": "std_msgs/Int64"}
        )
        bridge.until(lambda: len(seen.messages) >= 1, "the first record")
        bridge.expect(SAID)
        produce(self.server, self.name, '{"data":2}')
        seen.wait(2)
        bridge.stop()


if __name__ == "__main__":
    run(RealOldPair)
