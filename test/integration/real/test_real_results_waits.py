#!/usr/bin/python3
"""Only the partition that waits, waits: a live topic of ten messages a second goes on through all
that can hold up another one. Prints how long its messages took; what is asserted is that they come
while the other one still waits, and that none took as long as that."""

import json
import os
import sys
import threading
import time

import rospy

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from kafka_broker import AUTHORIZER  # noqa: E402
from results_support import Records, ResultsTest, resident, run, say  # noqa: E402
from std_msgs.msg import Int64  # noqa: E402

RATE = 10  # live messages per second
SOME = 5  # that come while the other topic waits
LONG = 15  # seconds; half of what a definition or a letter is waited for
UNHEARD = 500
HEADERS = 10000
ALLOWED = 300
TOPICS = 100


class Live:
    """Writes the time to the Kafka topic live, and notes how long the messages took to ROS."""

    def __init__(self, test):
        self.delays = []  # seconds
        self._written = 0
        self._records = Records(test.broker, test.live)
        self._stopping = threading.Event()
        self._subscriber = rospy.Subscriber("/live", Int64, self._on_message, queue_size=None)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        test.addCleanup(self.stop)

    def _run(self):
        while not self._stopping.wait(1 / RATE):
            self._written += 1
            self._records.write([(None, b'{"data":%d}' % time.time_ns(), {})])

    def _on_message(self, message):
        self.delays.append((time.time_ns() - message.data) / 1e9)

    def stop(self):
        if not self._stopping.is_set():
            self._stopping.set()
            self._thread.join()
            self._records.finish()
            self._subscriber.unregister()
        return self._written


class RealResultsWaits(ResultsTest):
    properties = dict(ResultsTest.properties, **AUTHORIZER, **{"num.partitions": "1"})

    def setUp(self):
        super().setUp()
        self.live, self.other = self.name + ".live", self.name + ".other"
        for topic in (self.live, self.other):  # so that it is there
            self.write(topic, (b"", {}))

    def begin(self, name=None, kafka=None, **other):
        """The node, with a live topic that flows, and another of the keys `other`."""
        live = {"kafka_topic": self.live, "ros_topic": "live", "ros_type": "std_msgs/Int64"}
        other = dict({"kafka_topic": self.other, "ros_topic": "{ros_topic}"}, **other)
        return self.to_ros(
            dict(live, start="latest"),
            dict(other, start="latest"),
            name=name,
            kafka=self.kafka(**dict({"group.id": self.name}, **(kafka or {}))),
            in_flight_max_bytes=1000000,
        )

    def write(self, topic, *records):
        """Writes values with their headers to a Kafka topic."""
        writer = Records(self.broker, topic)
        self.addCleanup(writer.close)
        writer.write([(None, value, headers) for value, headers in records])
        self.assertEqual(writer.finish(), len(records))

    def flow(self, bridge):
        live = Live(self)
        self.some(bridge, live)
        del live.delays[:]
        return live

    def some(self, bridge, live):
        """Waits until some more live messages have come."""
        wanted = len(live.delays) + SOME
        bridge.until(lambda: len(live.delays) >= wanted, "live messages")

    def numbers(self, names, type_name=b"std_msgs/Int64"):
        return [
            (b'{"data":%d}' % number, {"ros_topic": name, "ros_type": type_name})
            for number, name in enumerate(names)
        ]

    def finish(self, bridge, live):
        written = live.stop()
        delays = list(live.delays)
        say(
            "%s: %d live messages took %.3f s at most, %.3f s in the middle"
            % (self.name, len(delays), max(delays), sorted(delays)[len(delays) // 2])
        )
        self.assertLessEqual(len(delays), written)
        self.assertLess(max(delays), LONG)
        return bridge

    def test_unknown_types(self):
        bridge = self.begin()
        live = self.flow(bridge)
        self.write(self.other, *self.numbers([b"/a", b"/b", b"/c"], b"no_such_package/Type"))
        bridge.expect("waiting for the definition of its type")
        self.some(bridge, live)
        self.assertNotIn("its records go to the dead-letter topic", bridge.text)
        self.assertEqual(self.totals()["pending"], 1)
        self.finish(bridge, live)

    def test_topics_that_nobody_hears(self):
        """In vain is waited for less and less, so that the last of them, which is heard, comes."""
        bridge = self.begin()
        live = self.flow(bridge)
        last = self.collector("/unheard/last", Int64)
        names = [b"/unheard/t%d" % number for number in range(UNHEARD)]
        self.write(self.other, *self.numbers(names + [b"/unheard/last"]))
        bridge.until(lambda: last.messages, "the last")
        self.assertEqual(self.totals()["published without a subscriber"], UNHEARD)
        self.assertLess(bridge.text.count(" has no subscriber"), UNHEARD / 5)
        self.finish(bridge, live)

    def test_names_that_strangers_write(self):
        """What is not allowed is dropped and counted, what is too many becomes a letter, and
        neither costs memory or lines."""
        bridge = self.begin(ros_topic_pattern="/allowed/.*", max_topics=TOPICS)
        live = self.flow(bridge)
        before = resident(bridge.pid)
        strange = [b"/strange/t%d" % number for number in range(HEADERS)]
        allowed = [b"/allowed/t%d" % number for number in range(ALLOWED)]
        self.write(self.other, *self.numbers(strange + allowed + allowed[:TOPICS]))
        done = lambda: self.totals().get("not_allowed", 0) == HEADERS  # noqa: E731
        bridge.until(done, "the strangers' records")
        letters = self.consume(self.other + ".dead_letter", ALLOWED - TOPICS)
        self.assertEqual({letter.json()["reason"] for letter in letters}, {"limit"})
        bridge.until(lambda: self.totals()["pending"] == 0, "all records")
        self.assertEqual(self.totals()["dead-lettered"], ALLOWED - TOPICS)
        lines = bridge.text.count("\n")
        say("%s: %d lines, %d MiB more" % (self.name, lines, resident(bridge.pid) - before))
        self.assertLess(lines, 300)
        self.assertEqual(bridge.text.count("go to the dead-letter topic until the next start"), 1)
        self.finish(bridge, live)

    def test_a_letter_that_waits(self):
        """Its topic is missing."""
        missing = {"allow.auto.create.topics": "false", "topic.metadata.propagation.max.ms": 600000}
        bridge = self.begin(kafka=missing)
        live = self.flow(bridge)
        self.write(self.other, (b"no JSON", {"ros_topic": b"/a", "ros_type": b"std_msgs/Int64"}))
        letters = self.other + ".dead_letter"
        bridge.expect("its dead letter is not acknowledged by %s yet" % letters)
        self.some(bridge, live)
        self.assertNotIn("no dead letter", bridge.text)
        self.assertEqual(self.totals()["pending"], 1)
        self.finish(bridge, live)

    def test_the_trouble_of_one_topic_hides_no_other(self):
        """Each has a record that is no message, and its letters are refused."""
        topics = (self.live, self.other)
        for topic in topics:
            self.server.deny_writing(topic + ".dead_letter")
        routes = [{"kafka_topic": topic, "ros_type": "std_msgs/Int64"} for topic in topics]
        bridge = self.to_ros(*routes)
        for topic in topics:
            record = "Kafka topic %s, partition 0, offset 0" % topic
            bridge.expect(record + " cannot be published: $: ")
            refused = "Kafka topic %s.dead_letter does not take it: " % topic
            bridge.expect("no dead letter of %s: %s" % (record, refused))

    def test_a_subscriber_that_takes_nothing(self):
        bridge = self.begin(
            ros_type="std_msgs/String", ros_topic=self.name, wait_for_subscriber=True
        )
        live = self.flow(bridge)
        listener = self.listener()
        value = json.dumps({"data": "0" * 100000}).encode()
        self.write(self.other, (value, {}))
        bridge.until(listener.numbers, "the first text")
        listener.halt()
        self.write(self.other, *[(value, {})] * 300)
        bridge.expect("waits for subscribers")
        self.some(bridge, live)
        self.assertEqual(len(listener.numbers()), 1)
        listener.go_on()
        bridge.until(lambda: len(listener.numbers()) == 301, "all texts")
        self.finish(bridge, live)

    def test_a_rebalance(self):
        bridge = self.begin(name="first")
        live = self.flow(bridge)
        second = self.begin(name="second")
        over = lambda: "without a partition" in bridge.text + second.text  # noqa: E731
        bridge.until(over, "the rebalance, of which one gets both partitions")
        self.some(bridge, live)
        second.stop()
        self.some(bridge, live)
        self.finish(bridge, live)


if __name__ == "__main__":
    run(RealResultsWaits)
