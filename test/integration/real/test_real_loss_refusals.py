#!/usr/bin/python3
"""What Kafka does not take does not hold up the rest: records that are too large, topics that are
not there or may not be written, messages of another type. And librdkafka that gives up, or finds a
topic made anew."""

import base64
import os
import sys
import time
import unittest

from std_msgs.msg import String

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]
from kafka_broker import AUTHORIZER  # noqa: E402
from loss_support import LONG, Arrivals, ProxiedLossTest, run, say  # noqa: E402

RATE = 2000  # messages per second
LARGE = 30000  # bytes
LIMIT = 20000  # of the topic that does not take them
# How soon a topic that is not there is taken for one that will not come: librdkafka has 30 s.
IMPATIENT = {"topic.metadata.propagation.max.ms": 500}


class RealLossRefusals(ProxiedLossTest):
    properties = dict(AUTHORIZER, **{"auto.create.topics.enable": "false"})

    def letters(self, topic, count):
        """The dead letters of a Kafka topic, of which there are so many."""
        records = self.consume(topic + ".dead_letter", count)
        self.assertEqual(len(self.consume(topic + ".dead_letter")), count)
        return [record.json() for record in records]

    def records_that_are_too_large(self, committed=False, **keys):
        small, large = topics = self.topics(2)
        self.server.create_topic(self.name, 2, max_message_bytes=LIMIT)
        self.server.create_topic(self.name + ".dead_letter")
        route = dict(
            self.routes([""])[0],
            ros_topic_pattern="/%s_[01]" % self.name,
            kafka_topic=self.name,
        )
        del route["ros_topic"]
        bridge = self.bridge(
            topics,
            ros_to_kafka=[route],
            kafka=self.kafka(**{"compression.codec": "none"}),
            discovery_period=0.1,
            **keys,
        )
        many = self.numbers([small], RATE, padding=200)
        few = self.numbers([large], 5, padding=LARGE, name="few")
        bridge.start()
        bridge.until(lambda found: found["dead-lettered"] >= 10, "dead letters")
        bridge.process.expect("takes batches of %d bytes" % LIMIT)
        sent, too_large = many.stop(), few.stop()
        bridge.settle()
        found = bridge.stop()
        self.assertEqual((found["delivered"], found["dead-lettered"]), (sent, too_large), found)
        arrived = Arrivals(self.server, self.name, committed, ros_topic=small)
        doubled = self.account(sent, bridge, [arrived], gapless=False)
        missing = sum(last - first + 1 for first, last in arrived.holes())
        self.assertLessEqual(missing, too_large)
        for letter in self.letters(self.name, too_large):
            self.assertEqual((letter["reason"], letter["ros_topic"]), ("too_large", large))
            self.assertGreater(len(base64.b64decode(letter["bytes"])), LARGE)
        return doubled

    def test_records_that_are_too_large(self):
        """Also the batches of those that are not are larger than the topic takes."""
        self.records_that_are_too_large()

    @unittest.skipUnless(LONG, "scripts/test --long")
    def test_records_that_are_too_large_exactly_once(self):
        doubled = self.records_that_are_too_large(committed=True, delivery="exactly_once")
        self.assertEqual(doubled, 0)

    def test_a_topic_that_is_missing(self):
        good, missing = topics = self.topics(2)
        self.server.create_topic(self.kafka_topic(good), 2)
        self.server.create_topic(self.kafka_topic(missing) + ".dead_letter")
        bridge = self.bridge(topics, kafka=self.kafka(**IMPATIENT))
        numbers = self.numbers(topics, RATE)
        bridge.start()
        bridge.until(lambda found: found["dead-lettered"] >= RATE, "dead letters")
        sent = numbers.stop()
        bridge.settle()
        found = bridge.stop()
        self.assertEqual((found["delivered"], found["dead-lettered"]), (sent, sent), found)
        self.account(sent, bridge, self.arrivals([good]))
        letters = self.letters(self.kafka_topic(missing), sent)
        self.assertEqual({letter["reason"] for letter in letters}, {"refused"})

    def test_messages_of_another_type(self):
        topics = self.topics(1)
        topic = self.kafka_topic(topics[0])
        self.server.create_topic(topic, 2)
        self.server.create_topic(topic + ".dead_letter")
        route = dict(self.routes(topics)[0], ros_type="sensor_msgs/CompressedImage")
        bridge = self.bridge(topics, ros_to_kafka=[route])
        numbers = self.numbers(topics, RATE)
        bridge.start()
        self.until_delivered(bridge)
        other = self.publisher(topics[0], String)
        for number in range(50):
            other.publish("%d" % number)
            time.sleep(0.01)
        bridge.until(lambda found: found["dead-lettered"] == 50, "dead letters")
        sent = numbers.stop()
        bridge.settle()
        found = bridge.stop()
        self.assertEqual((found["delivered"], found["dead-lettered"]), (sent, 50), found)
        # A letter has a number of its topic's too.
        arrived = self.arrivals(topics)[0]
        self.account(sent, bridge, [arrived], gapless=False)
        self.assertLessEqual(len(arrived.holes()), 50)
        for number, letter in enumerate(self.letters(topic, 50)):
            self.assertEqual(letter["ros_type"], "std_msgs/String")
            self.assertEqual(base64.b64decode(letter["bytes"])[4:], b"%d" % number)

    def a_topic_that_may_not_be_written(self, committed=False, **keys):
        good, forbidden = topics = self.topics(2)
        for topic in topics:
            self.server.create_topic(self.kafka_topic(topic), 2)
        self.server.create_topic(self.kafka_topic(forbidden) + ".dead_letter")
        self.server.deny_writing(self.kafka_topic(forbidden))
        bridge = self.bridge(topics, **keys)
        numbers = self.numbers(topics, RATE)
        bridge.start()
        bridge.until(lambda found: found["dead-lettered"] >= RATE, "dead letters")
        sent = numbers.stop()
        bridge.settle()
        found = bridge.stop()
        self.assertEqual((found["delivered"], found["dead-lettered"]), (sent, sent), found)
        doubled = self.account(sent, bridge, self.arrivals([good], committed))
        letters = self.letters(self.kafka_topic(forbidden), sent)
        self.assertEqual({letter["reason"] for letter in letters}, {"refused"})
        return doubled

    def test_a_topic_that_may_not_be_written(self):
        self.a_topic_that_may_not_be_written()

    @unittest.skipUnless(LONG, "scripts/test --long")
    def test_a_topic_that_may_not_be_written_exactly_once(self):
        doubled = self.a_topic_that_may_not_be_written(committed=True, delivery="exactly_once")
        self.assertEqual(doubled, 0)

    def test_librdkafka_gives_up(self):
        """A broker that has lost what it had acknowledged is fatal to an idempotent producer: the
        next one sends what the first could not."""
        topics = self.topics(1)
        topic = self.kafka_topic(topics[0])
        self.server.create_topic(topic)
        bridge = self.bridge(topics)
        first = self.numbers(topics, RATE, padding=20)
        bridge.start()
        self.until_delivered(bridge)
        before = first.stop()
        bridge.settle()
        first.end()
        self.server.kill()
        self.server.shorten(topic, 10)
        self.server.start()
        second = self.numbers(topics, RATE, name="second")
        self.until_delivered(bridge)
        bridge.process.expect("gave up")
        self.until_delivered(bridge)
        sent = second.stop()
        bridge.settle()
        bridge.stop()
        self.account(sent, bridge, [Arrivals(self.server, topic, since=before)])

    def test_a_topic_that_is_made_anew(self):
        topics = self.topics(1)
        topic = self.kafka_topic(topics[0])
        self.server.create_topic(topic)
        bridge = self.bridge(topics)
        first = self.numbers(topics, RATE)
        bridge.start()
        self.until_delivered(bridge)
        before = first.stop()
        bridge.settle()
        first.end()
        self.server.delete_topic(topic)
        self.server.create_topic(topic)
        second = self.numbers(topics, RATE, name="second")
        self.until_delivered(bridge)
        sent = second.stop()
        bridge.settle()
        bridge.stop()
        self.account(sent, bridge, [Arrivals(self.server, topic, since=before)])
        say("%s: %d more were in the topic that was deleted" % (self.name, before))


if __name__ == "__main__":
    run(RealLossRefusals)
