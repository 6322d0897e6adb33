#!/usr/bin/python3
"""What Kafka does not take does not hold up the rest: records that are too large, messages of
another type; topics that are not there or may not be written, whose records wait. And librdkafka
that gives up, or finds a topic made anew."""

import base64
import os
import sys
import time
import unittest

from std_msgs.msg import String

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]
from kafka_broker import AUTHORIZER  # noqa: E402
from loss_support import (  # noqa: E402
    LONG,
    PATIENCE,
    Arrivals,
    ProxiedLossTest,
    run,
    say,
    wait_until,
)

RATE = 2000  # messages per second
LARGE = 30000  # bytes
LIMIT = 20000  # of the topic that does not take them


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

    def await_line(self, bridge, topic, words):
        wait_until(
            lambda: "Kafka topic %s %s" % (self.kafka_topic(topic), words) in bridge.process.text,
            PATIENCE,
            "%s %s\n%s" % (topic, words, bridge.process.text),
        )

    def topics_that_take_nothing_now(self, committed=False, **keys):
        """What is for a topic that is missing, that was deleted, or that may not be written waits
        in the spool, over a kill too; the others' records arrive meanwhile, and it arrives
        later."""
        good, missing, forbidden, deleted = topics = self.topics(4)
        for topic in (good, forbidden, deleted):
            self.server.create_topic(self.kafka_topic(topic), 2)
        self.server.deny_writing(self.kafka_topic(forbidden))
        bridge = self.bridge(topics, **keys)
        numbers = self.numbers([good, missing, forbidden], RATE)
        first = self.numbers([deleted], RATE, name="first")
        bridge.start()
        for topic in (missing, forbidden):
            self.await_line(bridge, topic, "takes no records")
        self.until_delivered(bridge)
        before = first.stop()
        arrived = lambda: self.arrivals([deleted], committed)[0]  # noqa: E731
        wait_until(lambda: len(arrived().distinct) == before, PATIENCE, "what is deleted then")
        first.end()
        self.server.delete_topic(self.kafka_topic(deleted))
        second = self.numbers([deleted], RATE, name="second")
        self.await_line(bridge, deleted, "takes no records")
        self.until_delivered(bridge)
        bridge.kill()
        bridge.start()
        self.await_line(bridge, missing, "takes no records")
        self.until_delivered(bridge)
        for topic in (missing, deleted):
            self.server.create_topic(self.kafka_topic(topic), 2)
        self.server.allow_writing(self.kafka_topic(forbidden))
        for topic in (missing, forbidden, deleted):
            self.await_line(bridge, topic, "takes records again")
        sent = 3 * numbers.stop() + second.stop()
        bridge.settle()
        found = bridge.stop()
        self.assertEqual((found["dead-lettered"], found["dropped"]), (0, 0), bridge.process.text)
        arrived = self.arrivals(topics[:3], committed)
        arrived.append(Arrivals(self.server, self.kafka_topic(deleted), committed, since=before))
        return self.account(sent, bridge, arrived)

    def test_topics_that_take_nothing_now(self):
        self.topics_that_take_nothing_now()

    def test_topics_that_take_nothing_now_exactly_once(self):
        doubled = self.topics_that_take_nothing_now(committed=True, delivery="exactly_once")
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
