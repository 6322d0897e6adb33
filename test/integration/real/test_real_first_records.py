#!/usr/bin/python3
"""The first records of topics that Kafka makes for them, from a broker that has just started:
none is lost, none comes twice, all in order. librdkafka before 1.5 fails them by itself meanwhile;
before 1.4 it never sends where the broker had no producer id for it at once."""

import os
import sys

from std_msgs.msg import Int64

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from real_support import RealBridgeTest, run  # noqa: E402

# Of each round, with a new node: how many new topics, and how many records at once on each.
SHAPES = [(5, 200), (1, 1000), (5, 200)] * (10 if os.environ.get("KAFKA_BRIDGE_LONG") else 1)


class RealFirstRecords(RealBridgeTest):
    def first_records(self, turn, topics, count):
        names = ["first_%d_%d" % (turn, i) for i in range(topics)]
        bridge = self.to_kafka(*[{"ros_topic": "/" + name, "kafka_topic": name} for name in names])
        publishers = [self.publisher("/" + name, Int64) for name in names]
        for number in range(count):
            for publisher in publishers:
                publisher.publish(number)
        found = self.settled(topics * count)
        self.assertEqual((found["dropped"], found["dead-lettered"]), (0, 0), bridge.text)
        for name in names:
            numbers = [record.json()["data"] for record in self.consume(name, count)]
            self.assertEqual(numbers, list(range(count)), name)
        self.stop_and_account(bridge)

    def test_the_first_records_of_new_topics(self):
        for turn, (topics, count) in enumerate(SHAPES):
            self.first_records(turn, topics, count)
        print("%d rounds of 1000 records to new topics: none dropped" % len(SHAPES), flush=True)


if __name__ == "__main__":
    run(RealFirstRecords)
