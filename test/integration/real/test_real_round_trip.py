#!/usr/bin/python3
"""Messages of every installed type from one robot through Kafka to another, which has none of the
types' packages: equal bytes with ros1, equal messages with json.

/usr/share is searched for packages everywhere, so each type goes by the name of a package that is
installed nowhere, far_PACKAGE; its md5sum is the same."""

import collections
import os
import random
import re
import sys

import roslib.message
import rospkg

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from real_support import (  # noqa: E402
    ELSEWHERE,
    ROOT,
    OtherRobot,
    RealBridgeTest,
    heard,
    node,
    raw_kind,
    run,
    serialized,
    troubles,
    wait_until,
)

sys.path.insert(0, os.path.join(ROOT, "test", "conformance"))
from genpy_conformance import Maker, installed_types  # noqa: E402

SEED = 1
MESSAGES = 3  # of each type
LONG = 2000  # elements of one array: as JSON still less than what a broker takes
PATIENCE = 200  # seconds
DEFINITIONS = "ros.definitions"
# What travels: prefix of ROS and Kafka topics, and whether strings are all UTF-8.
JSON, RAW = ("json", True), ("ros1", False)


class Classes(dict):
    """Python's class of each installed type; None where it has none."""

    def __missing__(self, name):
        self[name] = roslib.message.get_message_class(name)
        return self[name]


def far(text, packages):
    """A definition, or a type, by the name of packages that are nowhere."""
    pattern = r"(?<![\w/])(%s)/(?=[A-Za-z])" % "|".join(packages)
    # Header is a word of the language: always std_msgs/Header.
    return re.sub(pattern, r"far_\1/", text).replace("far_std_msgs/Header", "std_msgs/Header")


class RealRoundTrip(RealBridgeTest):
    def setUp(self):
        super().setUp()
        self.classes = Classes()
        search_path, types = installed_types()
        self.kinds = collections.OrderedDict()
        for name in types:
            kind = self.classes[name]
            if kind and name != "std_msgs/Header":
                far_name = far(name, search_path)
                text = far(kind._full_text, search_path)
                self.kinds[name] = raw_kind(kind, _type=far_name, _full_text=text)
        self.assertGreater(len(self.kinds), 100, "is nothing but ros_core installed here?")

    def messages(self, name, valid):
        """Some messages of a type, as bytes."""
        generator = random.Random("%s %s" % (SEED, name))
        return [
            serialized(Maker(self.classes, generator, valid, LONG if i == 0 else 0).message(name))
            for i in range(MESSAGES)
        ]

    def send(self, bridge, expected):
        """Publishes {topic: [(kind, bytes)]} once the bridge listens to each."""
        publishers = {
            topic: self.publisher(topic, messages[0][0], connections=0)
            for topic, messages in expected.items()
        }
        for topic, publisher in publishers.items():
            bridge.until(lambda p=publisher: p.get_num_connections(), topic, PATIENCE)
            for kind, data in expected[topic]:
                publisher.publish(kind(data))

    def collect(self):
        """What is to be sent: {topic: [(kind, bytes)]}."""
        return collections.OrderedDict(
            ("/%s/%s" % (prefix, name), [(kind, data) for data in self.messages(name, valid)])
            for prefix, valid in (JSON, RAW)
            for name, kind in self.kinds.items()
        )

    def count_heard(self, listener, prefix):
        return listener.text.count('\n{"topic": "/%s/' % prefix)

    def check_heard(self, found, expected):
        # No assertEqual of long lists: unittest would look for differences for minutes.
        for topic, messages in expected.items():
            sent = [(kind._type, kind._md5sum, data) for kind, data in messages]
            # At least once: where the group changed hands a message may come again.
            heard = list(dict.fromkeys(found.get(topic, [])))
            if heard != list(dict.fromkeys(sent)):
                places = [sent.index(one) if one in sent else "another" for one in heard]
                self.fail("messages on %s: %s of %d" % (topic, places, len(sent)))
        self.assertEqual(set(found), set(expected))

    def check_not_found_elsewhere(self):
        """The far types' packages are nowhere, neither for ROS nor for the bridge."""
        for kind in self.kinds.values():
            with self.assertRaises(rospkg.ResourceNotFound):
                rospkg.RosPack().get_path(kind._type.split("/")[0])
        routes = [
            {"kafka_topic": "a%d" % i, "ros_topic": "/a%d" % i, "ros_type": kind._type}
            for i, kind in enumerate(self.kinds.values())
        ]
        check = node(
            "kafka_to_ros",
            "_check:=true",
            "_config:=" + self.write_config({"kafka_to_ros": routes}),
            environment=ELSEWHERE,
        )
        self.assertEqual(check.wait(), 1)
        return check.text

    def check_definitions(self):
        """Each is there, and once."""
        wanted = {"%s %s" % (kind._type, kind._md5sum) for kind in self.kinds.values()}
        keys = []

        def complete():
            keys[:] = [record.key.decode() for record in self.consume(DEFINITIONS)]
            return wanted <= set(keys)

        wait_until(complete, PATIENCE, "the definition of each type")
        self.assertEqual(len(keys), len(set(keys)), "a definition twice")

    def test_every_type_to_another_robot(self):
        # Random stamps lie in years that Kafka takes for wrong clocks: timestamp: receipt.
        expected = self.collect()
        count = len(expected) * MESSAGES
        there = self.to_kafka(
            {
                "ros_topic_pattern": "/json/.*",
                "kafka_topic": "a.{topic}",
                "format": "json",
                "non_finite": "string",
                "timestamp": "receipt",
            },
            {
                "ros_topic_pattern": "/ros1/.*",
                "kafka_topic": "a.{topic}",
                "format": "ros1",
                "timestamp": "receipt",
            },
        )
        self.send(there, expected)
        found = self.settled(count, timeout=PATIENCE)
        self.assertEqual((found["received"], found["delivered"]), (count, count), there.text)
        self.check_definitions()

        other = OtherRobot(self)
        listener = other.listen(expected)
        route = {"ros_topic": "{ros_topic}", "wait_for_subscriber": True}
        back = [
            other.start(
                "kafka_to_ros",
                {
                    "kafka_to_ros": [
                        dict(route, kafka_topic=r"^a\.%s\..*" % prefix, format=prefix)
                    ],
                },
                "back_" + prefix,
            )
            for prefix, _ in (JSON, RAW)
        ]
        for bridge, prefix in zip(back, (JSON, RAW)):
            came = lambda p=prefix[0]: self.count_heard(listener, p) >= count // 2  # noqa: E731
            bridge.until(came, "%d messages of %s" % (count // 2, prefix[0]), PATIENCE)
        self.check_heard(heard(listener), expected)
        for bridge in back:
            self.assertGreaterEqual(self.stop_and_account(bridge)["published"], count // 2)
            self.assertEqual(troubles(bridge), [])
        self.stop_and_account(there)

    def test_the_types_are_installed_nowhere(self):
        text = self.check_not_found_elsewhere()
        for kind in self.kinds.values():
            self.assertIn(kind._type, text)

    def test_without_definitions_the_types_are_not_found(self):
        name = "nav_msgs/Odometry"
        kind = self.kinds[name]
        there = self.to_kafka(
            {
                "ros_topic": "/alone",
                "kafka_topic": self.name,
                "format": "ros1",
                "timestamp": "receipt",
            },
            definitions_topic="",
        )
        self.send(there, {"/alone": [(kind, self.messages(name, True)[0])]})
        self.settled(1)
        other = OtherRobot(self)
        bridge = other.start(
            "kafka_to_ros",
            {
                "definitions_topic": "",
                "kafka_to_ros": [{"kafka_topic": self.name, "format": "ros1"}],
            },
            "back_alone",
        )
        letter = self.consume(self.name + ".dead_letter", 1)[0].json()
        self.assertEqual(letter["ros_type"], kind._type)
        self.assertIn("far_nav_msgs/Odometry", letter["text"])
        self.assertEqual(self.stop_and_account(bridge)["dead-lettered"], 1)


if __name__ == "__main__":
    run(RealRoundTrip)
