#!/usr/bin/python3
"""A broker that makes no topics by itself and takes small records only: what it refuses is a dead
letter or counted, and the flow goes on."""

import base64
import os
import sys

from std_msgs.msg import Int64, String

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from real_support import (  # noqa: E402
    RealBridgeTest,
    produce,
    run,
    troubles,
)

LIMIT = 20000  # bytes of a batch of records that the broker takes
LETTER_LIMIT = 1000000  # where a topic has its own
# How soon a topic that is not there is taken for one that will not come: librdkafka has 30 s.
IMPATIENT = {"topic.metadata.propagation.max.ms": 500}
VERSION = [int(part) for part in os.environ.get("RDKAFKA_VERSION", "2.0").split(".")[:2]]
if VERSION < [1, 5]:  # which takes it for missing at once
    IMPATIENT = {}


class RealTopics(RealBridgeTest):
    properties = {"auto.create.topics.enable": "false", "message.max.bytes": LIMIT}

    def there(self, **properties):
        return self.to_kafka(
            {"ros_topic": "/" + self.name, "kafka_topic": self.name},
            kafka=self.kafka(**dict(IMPATIENT, **properties)),
            definitions_topic="",
        )

    def send(self, publisher, *values):
        """Publishes one by one: each has its fate before the next."""
        for value in values:
            received = self.totals()["received"]
            publisher.publish(value)
            try:
                found = self.settled(received + 1, timeout=15)
            except TimeoutError:
                # Where a publisher took the place of another just now, ROS may have connected
                # twice, and dropped what was in the connection that it gave up.
                if self.totals()["received"] == received:
                    publisher.publish(value)
                found = self.settled(received + 1)
        return found

    def letters(self, count):
        records = self.consume(self.name + ".dead_letter", count)
        self.assertEqual(len(self.consume(self.name + ".dead_letter")), count)
        return [record.json() for record in records]

    def test_a_topic_that_is_made_later(self):
        bridge = self.there()
        publisher = self.publisher("/" + self.name, Int64)
        for number in (1, 2):
            publisher.publish(number)
        bridge.expect("Kafka topic %s takes no records" % self.name)
        found = self.totals()
        self.assertEqual((found["received"], found["dropped"], found["dead-lettered"]), (2, 0, 0))
        self.server.create_topic(self.name)
        publisher.publish(3)
        bridge.expect("Kafka topic %s takes records again" % self.name)
        found = self.settled(3)
        self.assertEqual(found["delivered"], 3)
        numbers = [record.json()["data"] for record in self.consume(self.name, 3)]
        self.assertEqual(numbers, [1, 2, 3])
        self.stop_and_account(bridge)

    def test_a_topic_that_kafka_cannot_tell_from_one_that_is_there(self):
        self.server.create_topic(self.name)
        twin = self.name.replace("_", ".", 1)
        bridge = self.to_kafka(
            {"ros_topic": "/" + self.name, "kafka_topic": twin},
            kafka=self.kafka(**IMPATIENT),
            definitions_topic="",
        )
        self.publisher("/" + self.name, Int64).publish(1)
        bridge.expect("Kafka topic %s takes no records" % twin)
        self.assertIn("Kafka has a topic %s, and takes no second one" % self.name, bridge.text)

    def test_a_topic_that_appears_later_is_read(self):
        seen = self.collector("/seen", Int64)
        route = {"ros_topic": "/seen", "ros_type": "std_msgs/Int64", "wait_for_subscriber": True}
        bridge = self.to_ros(
            dict(route, kafka_topic=self.name),
            dict(route, kafka_topic="^%s_[0-9]$" % self.name),
            kafka=self.kafka(**{"topic.metadata.refresh.interval.ms": 1000}),
        )
        if VERSION >= [1, 6]:  # an older one does not say that a topic is missing
            bridge.expect(": waiting for it to appear")
        for name, number in ((self.name, 1), (self.name + "_2", 2)):
            self.server.create_topic(name)
            produce(self.server, name, '{"data":%d}' % number)
        seen.wait(2)
        self.assertEqual({message.data for message in seen.messages}, {1, 2})
        told = [line for line in troubles(bridge) if self.name in line]
        self.assertLessEqual(len(told), 2, "once for each of the two:\n" + bridge.text)
        self.assertEqual(self.stop_and_account(bridge)["published"], 2)

    def test_larger_than_the_broker_takes(self):
        self.server.create_topic(self.name)
        # The letter holds the record once more, and has to find room.
        self.server.create_topic(self.name + ".dead_letter", max_message_bytes=LETTER_LIMIT)
        bridge = self.there(**{"compression.codec": "none"})
        publisher = self.publisher("/" + self.name, String)
        large = "x" * (2 * LIMIT)
        found = self.send(publisher, "small", large, "small again")
        self.assertEqual((found["delivered"], found["dead-lettered"]), (2, 1))
        values = [record.json()["data"] for record in self.consume(self.name, 2)]
        self.assertEqual(values, ["small", "small again"])
        letter = self.letters(1)[0]
        self.assertEqual((letter["reason"], letter["ros_type"]), ("too_large", "std_msgs/String"))
        self.assertIn(large.encode(), base64.b64decode(letter["bytes"]))
        bridge.expect("Kafka topic %s does not take a record of " % self.name)
        self.stop_and_account(bridge)

    def test_larger_than_the_client_takes(self):
        self.server.create_topic(self.name)
        self.server.create_topic(self.name + ".dead_letter")
        bridge = self.there(**{"message.max.bytes": 2000})
        publisher = self.publisher("/" + self.name, String)
        large = "x" * 3000
        found = self.send(publisher, "small", large, "small again")
        self.assertEqual((found["delivered"], found["dead-lettered"]), (2, 1))
        letter = self.letters(1)[0]
        self.assertEqual(letter["reason"], "too_large")
        # What the client does not take it does not take in a letter either.
        self.assertEqual((letter["content"], letter["left_out"]), ("record", ["bytes"]))
        self.assertEqual(letter["size"], len('{"data":"%s"}' % large))
        self.assertIn("message.max.bytes", letter["text"])
        self.stop_and_account(bridge)

    def test_a_type_that_changes_while_running(self):
        self.server.create_topic(self.name)
        bridge = self.there()
        for kind, value in ((String, "text"), (Int64, 5), (String, "text again")):
            publisher = self.publisher("/" + self.name, kind)
            self.send(publisher, value)
            publisher.unregister()
        records = self.consume(self.name, 3)
        self.assertEqual([r.json()["data"] for r in records], ["text", 5, "text again"])
        kinds = [record.headers["ros_type"].decode() for record in records]
        self.assertEqual(kinds, ["std_msgs/String", "std_msgs/Int64", "std_msgs/String"])
        self.assertEqual(self.stop_and_account(bridge)["delivered"], 3)


if __name__ == "__main__":
    run(RealTopics)
