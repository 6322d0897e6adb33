#!/usr/bin/python3
"""Messages that cannot become records go to the dead-letter topic, and the others go on."""

import base64
import os
import sys

from nav_msgs.msg import Odometry
from sensor_msgs.msg import Image, PointField
from std_msgs.msg import String

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from bridge_support import BridgeTest, raw_kind, run, serialized  # noqa: E402


class BridgeDeadLetters(BridgeTest):
    def route(self, **keys):
        route = dict({"ros_topic": "/" + self.name, "kafka_topic": self.name}, **keys)
        return self.to_kafka(route)

    def letters(self, count):
        records = self.consume(self.name + ".dead_letter", count)
        self.assertEqual({record.key for record in records}, {b"/" + self.name.encode()})
        return [record.json() for record in records]

    def check_letter(self, letter, kind, data):
        self.assertEqual(letter["direction"], "ros_to_kafka")
        self.assertEqual(letter["ros_topic"], "/" + self.name)
        self.assertEqual(letter["ros_type"], kind._type)
        self.assertEqual(letter["ros_md5sum"], kind._md5sum)
        self.assertEqual(letter["size"], len(data))
        self.assertEqual(base64.b64decode(letter["bytes"]), data)

    def identities(self, topic):
        """The numbers in the ids of a topic's records."""
        identities = [record.headers["id"].decode() for record in self.consume(topic)]
        self.assertTrue(all(i.startswith("warty/%s/" % self.name) for i in identities))
        return [int(identity.rsplit("/", 1)[1]) for identity in identities]

    def check_truncated(self, output_format, **keys):
        bridge = self.route(format=output_format, **keys)
        publisher = self.publisher("/" + self.name, raw_kind(Odometry))
        whole = serialized(Odometry())
        for data in (whole, whole[:100], whole + b"!", whole):
            publisher.publish(publisher.data_class(data))
        self.assertEqual(len(self.consume(self.name, 2)), 2)
        short, long = self.letters(2)
        self.check_letter(short, Odometry, whole[:100])
        self.assertEqual(short["reason"], "truncated")
        self.assertRegex(short["path"], r"^\$\.pose\.")
        self.check_letter(long, Odometry, whole + b"!")
        self.assertEqual((long["reason"], long["position"]), ("trailing", len(whole)))
        found = self.settled(4)
        self.assertEqual((found["delivered"], found["dead-lettered"]), (2, 2))
        bridge.expect("/%s (nav_msgs/Odometry): a message of 100 bytes cannot" % self.name)
        self.assertEqual(bridge.text.count("cannot be encoded"), 1, "one line, no flood")
        # Messages have their numbers in the order in which they came, letters about them too.
        self.assertEqual(self.identities(self.name), [0, 3])
        self.assertEqual(self.identities(self.name + ".dead_letter"), [1, 2])

    def test_truncated_and_trailing_bytes_of_json(self):
        self.check_truncated("json")

    def test_truncated_and_trailing_bytes_of_fields(self):
        self.check_truncated("fields", fields={"x": "pose.pose.position.x"})

    def test_truncated_and_trailing_bytes_of_ros1(self):
        self.check_truncated("ros1")

    def test_another_type_than_the_route_takes(self):
        bridge = self.route(ros_type="nav_msgs/Odometry")
        publisher = self.publisher("/" + self.name, String)
        publisher.publish("not odometry")
        letter = self.letters(1)[0]
        self.check_letter(letter, String, serialized(String("not odometry")))
        self.assertEqual(letter["reason"], "type")
        self.assertEqual(letter["path"], "ros_to_kafka[0]")
        self.assertIn("publishes std_msgs/String on /%s" % self.name, letter["text"])
        bridge.expect("this route takes nav_msgs/Odometry only; its messages are dead letters")
        bridge.expect(" cannot be encoded: ")
        publisher.unregister()
        self.publisher("/" + self.name, Odometry).publish(Odometry())
        self.assertEqual(self.consume(self.name, 1)[0].headers["ros_type"], b"nav_msgs/Odometry")
        found = self.settled(2)
        self.assertEqual((found["delivered"], found["dead-lettered"]), (1, 1))

    def test_fields_that_the_type_has_not(self):
        self.route(format="fields", fields={"x": "pose.pose.position.w"})
        self.publisher("/" + self.name, Odometry).publish(Odometry())
        letter = self.letters(1)[0]
        self.assertEqual(letter["reason"], "unknown")
        self.assertTrue(letter["path"].startswith("ros_to_kafka[0].fields.x"), letter)
        self.assertEqual(letter["ros_type"], "nav_msgs/Odometry")

    def test_a_definition_that_is_not_that_of_the_md5sum(self):
        self.route()
        liar = raw_kind(String, _full_text=PointField._full_text)
        publisher = self.publisher("/" + self.name, liar)
        publisher.publish(liar(serialized(String("x"))))
        letter = self.letters(1)[0]
        self.check_letter(letter, String, serialized(String("x")))
        self.assertIn("md5sum", letter["text"])

    def test_a_message_that_kafka_finds_too_large(self):
        self.start(
            "ros_to_kafka",
            {
                "kafka": self.kafka(**{"message.max.bytes": 2000}),
                "ros_to_kafka": [{"ros_topic": "/" + self.name, "kafka_topic": self.name}],
            },
        )
        publisher = self.publisher("/" + self.name, String)
        for text in ("small", "x" * 3000, "small again"):
            publisher.publish(text)
        records = self.consume(self.name, 2)
        self.assertEqual([r.json()["data"] for r in records], ["small", "small again"])
        letter = self.letters(1)[0]
        # The original does not fit a letter either: it says how large it was.
        self.assertEqual((letter["content"], letter["left_out"]), ("record", ["bytes"]))
        self.assertEqual(letter["size"], len('{"data":"%s"}' % ("x" * 3000)))
        self.assertEqual(letter["kafka_topic"], self.name)
        self.assertEqual(letter["reason"], "too_large")
        self.assertEqual(self.settled(3)["dead-lettered"], 1)

    def test_an_image_that_is_too_large_says_which_limit_and_where(self):
        bridge = self.route()
        publisher = self.publisher("/" + self.name, Image)
        publisher.publish(Image(height=480, width=640, encoding="rgb8", data=bytes(921600)))
        letter = self.letters(1)[0]
        self.assertEqual((letter["reason"], letter["left_out"]), ("too_large", ["bytes"]))
        said = [line for line in bridge.text.splitlines() if " does not take a record of " in line]
        self.assertEqual(len(said), 1, bridge.text)
        for words in (
            "/%s: Kafka topic %s " % (self.name, self.name),
            "more than this client's message.max.bytes",
            "message.max.bytes in the section kafka here (1000000 by default), and at the broker",
            "max.message.bytes",
            "it goes to %s.dead_letter without its bytes: a letter has room for 700 KiB"
            % self.name,
        ):
            self.assertIn(words, said[0])

    def test_each_topic_says_its_own(self):
        names = [self.name + end for end in ("_a", "_b", "_c")]
        bridge = self.to_kafka(*({"ros_topic": "/" + n, "kafka_topic": n} for n in names))
        for name in names:
            self.publisher("/" + name, Image).publish(Image(data=bytes(921600)))
        for name in names:
            bridge.expect("/%s: Kafka topic %s does not take a record of " % (name, name))


if __name__ == "__main__":
    run(BridgeDeadLetters)
