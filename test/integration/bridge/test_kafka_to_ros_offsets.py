#!/usr/bin/python3
"""Where kafka_to_ros begins to read, and that a restart neither repeats nor loses a record."""

import os
import sys
import time

import rospy
from geometry_msgs.msg import Point, PointStamped
from std_msgs.msg import Header, Int64

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from bridge_support import BridgeTest, produce, run  # noqa: E402


class KafkaToRosOffsets(BridgeTest):
    def setUp(self):
        super().setUp()
        self.received = self.collector("/" + self.name, Int64)

    def reader(self, **route):
        route = dict({"kafka_topic": self.name, "ros_type": "std_msgs/Int64"}, **route)
        return self.to_ros(dict({"wait_for_subscriber": True}, **route))

    def write(self, *numbers):
        for number in numbers:
            produce(self.broker, self.name, '{"data":%d}' % number, partition=0)

    def expect(self, bridge, *numbers):
        seen = lambda: [message.data for message in self.received.messages]  # noqa: E731
        bridge.until(lambda: len(seen()) >= len(numbers), "messages %r" % (numbers,))
        self.assertEqual(seen(), list(numbers))

    def test_a_restart_repeats_nothing_and_misses_nothing(self):
        self.write(1, 2)
        produce(self.broker, self.name, "no JSON", partition=0)
        self.write(3)
        bridge = self.reader()
        self.expect(bridge, 1, 2, 3)
        self.assertEqual(bridge.stop(), 0)
        self.assertIn("received 4 = published 3 + dead-lettered 1 + dropped 0", bridge.text)
        self.write(4, 5)
        bridge = self.reader()
        self.expect(bridge, 1, 2, 3, 4, 5)
        self.write(6)
        self.expect(bridge, 1, 2, 3, 4, 5, 6)
        self.assertEqual(self.settled(3)["published"], 3)
        self.assertEqual(len(self.consume(self.name + ".dead_letter")), 1)

    def test_earliest_begins_at_the_beginning_each_time(self):
        self.write(1, 2)
        bridge = self.reader(start="earliest")
        self.expect(bridge, 1, 2)
        bridge.stop()
        self.expect(self.reader(start="earliest"), 1, 2, 1, 2)

    def test_latest_passes_over_what_is_there(self):
        self.write(1)
        bridge = self.reader(start="latest")
        written = []

        def write_and_look():
            written.append(2 + len(written))
            self.write(written[-1])
            return self.received.messages

        bridge.until(write_and_look, "a message")
        self.write(-1)
        bridge.until(lambda: self.received.messages[-1].data == -1, "the last message")
        seen = [message.data for message in self.received.messages]
        self.assertEqual(seen, written[written.index(seen[0]) :] + [-1])

    def test_a_new_group_says_first_what_it_publishes(self):
        self.write(1, 2, 3)
        bridge = self.reader()
        self.expect(bridge, 1, 2, 3)
        told = "the group kafka_bridge.warty.%s has no place in Kafka topic %s yet: the 3 records"
        told %= (self.name, self.name)
        bound = "(std_msgs/Int64) -> "
        bridge.expect(bound)
        self.assertIn(told, bridge.text)
        self.assertLess(bridge.text.index(told), bridge.text.index(bound))
        self.assertIn("give the route start: latest for its first start", bridge.text)
        bridge.stop()
        self.write(4)
        bridge = self.reader()
        self.expect(bridge, 1, 2, 3, 4)
        self.assertNotIn("has no place", bridge.text)

    def test_max_age_leaves_out_and_counts_what_is_older(self):
        there = self.to_kafka(
            {"ros_topic": "/stamped", "kafka_topic": self.name}, name=self.name + "_there"
        )
        stamped = self.publisher("/stamped", PointStamped)
        for hours, x in ((2, 1), (3, 2), (0, 3)):
            stamp = rospy.Time.from_sec(time.time() - hours * 3600)
            stamped.publish(header=Header(stamp=stamp), point=Point(x=x))
        there.until(lambda: len(self.consume(self.name)) == 3, "three records", 60)
        heard = self.collector("/young", PointStamped)
        route = {"kafka_topic": self.name, "ros_topic": "/young", "max_age": 3600}
        back = self.to_ros(dict(route, wait_for_subscriber=True))
        back.until(lambda: self.totals()["received"] == 3, "three records", 60)
        back.until(lambda: heard.messages, "the young record", 60)
        self.assertEqual([message.point.x for message in heard.messages], [3])
        found = self.totals()
        self.assertEqual((found["published"], found["max_age"]), (1, 2))
        self.assert_adds_up(found)
        self.assertEqual(
            back.text.count(
                "s old, and kafka_to_ros[0].max_age is 3600 s: it is not "
                "published, nor are others that are as old"
            ),
            1,
        )
        self.assertIn("; its max_age leaves out what is older than 3600 s", back.text)
        self.assertNotIn("; max_age leaves out old records", back.text)

    def test_the_first_message_waits_for_a_subscriber(self):
        self.received.close()
        self.write(1, 2)
        bridge = self.reader()
        bridge.expect("/%s: waiting for a subscriber" % self.name)
        self.assertEqual(self.totals()["published"], 0)
        # What waited was not published: the next run has it.
        self.assertEqual(bridge.stop(), 0)
        bridge = self.reader()
        bridge.expect("waiting for a subscriber")
        self.received = self.collector("/" + self.name, Int64)
        self.expect(bridge, 1, 2)

    def test_messages_that_nobody_heard_are_counted(self):
        self.received.close()
        self.write(1, 2)
        self.reader(wait_for_subscriber=False)
        self.assertEqual(self.settled(2)["published without a subscriber"], 2)


if __name__ == "__main__":
    run(KafkaToRosOffsets)
