#!/usr/bin/python3
"""Types that are installed nowhere go through Kafka and back, by way of ros.definitions."""

import os
import sys

import genpy
import genpy.dynamic
import rospy
from nav_msgs.msg import Odometry
from std_msgs.msg import Int64, String

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from bridge_support import (  # noqa: E402
    ROOT,
    BridgeTest,
    Process,
    produce,
    raw_kind,
    run,
    serialized,
)

SEPARATOR = "\n" + "=" * 80 + "\nMSG: "
PROBE = (
    "uint8 GOOD=1 # a constant\nHeader header\nPart[] parts\nfloat32 level\nint64 big\n"
    "uint8[] data\nduration lasted\nbool[2] flags"
    + SEPARATOR
    + "std_msgs/Header\nuint32 seq\ntime stamp\nstring frame_id"
    + SEPARATOR
    + "far_msgs/Part\nstring name\nfloat64[3] place"
)
# A publisher of a process of its own, with the definition: topic and bytes.
WHOLE = """
import sys
import genpy.dynamic, rospy
sys.path.insert(0, %r)
from bridge_support import raw_kind
rospy.init_node("whole", anonymous=True)
raw = raw_kind(genpy.dynamic.generate_dynamic("far_msgs/Probe", %r)["far_msgs/Probe"])
publisher = rospy.Publisher(sys.argv[1], raw, queue_size=1)
while publisher.get_num_connections() == 0:
    rospy.sleep(0.05)
publisher.publish(raw(bytes.fromhex(sys.argv[2])))
rospy.spin()
""" % (os.path.dirname(os.path.abspath(__file__)), PROBE)
# Where only this package is found.
ELSEWHERE = {"ROS_PACKAGE_PATH": ROOT, "CMAKE_PREFIX_PATH": None}


def made(name, text):
    return genpy.dynamic.generate_dynamic(name, text)


class BridgeTypes(BridgeTest):
    def probe(self):
        kinds = made("far_msgs/Probe", PROBE)
        message = kinds["far_msgs/Probe"]()
        message.header.stamp = genpy.Time(1500000000, 1)
        message.header.frame_id = "far"
        message.level = 0.1
        message.big = -(2**63)
        message.data = b"\x00\xff"
        message.lasted = genpy.Duration(-1, 5)
        message.flags = [True, False]
        message.parts = [kinds["far_msgs/Part"]("\u00e9", [0.1, -0.0, 1e300])]
        return message

    def there_and_back(self, output_format, message):
        """What another robot, which has not the type's package, hears of `message`."""
        topic, kafka_topic = "/" + self.name, self.name
        self.to_kafka(
            {"ros_topic": topic, "kafka_topic": kafka_topic, "format": output_format},
            name=self.name + "_there",
        )
        back = {
            "kafka_topic": kafka_topic,
            "ros_topic": "/other/{ros_topic}",
            "format": output_format,
            "latched": True,
        }
        bridge = self.to_ros(back, environment=ELSEWHERE)
        raw = raw_kind(type(message))
        self.publisher(topic, raw).publish(raw(serialized(message)))
        heard = self.collector("/other" + topic, rospy.AnyMsg)
        bridge.until(lambda: heard.messages, "the message")
        return heard.messages[0]

    def check(self, heard, message):
        header = heard._connection_header
        self.assertEqual(header["type"], message._type)
        self.assertEqual(header["md5sum"], message._md5sum)
        self.assertEqual(
            genpy.dynamic.generate_dynamic(message._type, header["message_definition"])[
                message._type
            ]._md5sum,
            message._md5sum,
        )
        self.assertEqual(heard._buff, serialized(message))

    def test_equal_bytes_with_ros1(self):
        self.check(self.there_and_back("ros1", self.probe()), self.probe())

    def test_equal_messages_with_json(self):
        self.check(self.there_and_back("json", self.probe()), self.probe())

    def test_a_type_that_is_installed_in_another_version(self):
        kind = made("geometry_msgs/Point", "float32 x\nstring unit\n")["geometry_msgs/Point"]
        message = kind(1.5, "m")
        self.check(self.there_and_back("json", message), message)

    def test_definitions_are_kept_once_by_type_and_md5sum(self):
        message = self.probe()
        self.there_and_back("json", message)
        records = self.consume("ros.definitions")
        key = ("%s %s" % (message._type, message._md5sum)).encode()
        values = {record.value for record in records if record.key == key}
        self.assertEqual(values, {PROBE.encode()})

    def test_a_pattern_reads_every_topic_with_the_types_of_its_headers(self):
        for name, kind in (("a", String), ("b", Int64)):
            headers = {"ros_type": kind._type, "ros_md5sum": kind._md5sum}
            value = '{"data":"x"}' if kind is String else '{"data":7}'
            produce(self.broker, "many." + name, value, headers=headers)
        produce(self.broker, "manyc", "{}", headers=headers)
        route = {"kafka_topic": "^many[.].*", "ros_topic": "/{robot}/{topic}", "latched": True}
        bridge = self.to_ros(route)
        texts = self.collector("/warty/many/a", String)
        numbers = self.collector("/warty/many/b", Int64)
        bridge.until(lambda: texts.messages and numbers.messages, "both messages")
        self.assertEqual((texts.messages[0].data, numbers.messages[0].data), ("x", 7))
        self.assertEqual(self.settled(2)["received"], 2)

    def sent(self, kind, text, topic=None):
        """Publishes messages of `kind` on self.name; the connection header has the definition
        `text`."""
        raw = raw_kind(kind, _full_text=text)
        publisher = self.publisher(topic or "/" + self.name, raw)
        return lambda message: publisher.publish(raw(serialized(message)))

    def test_a_type_that_is_installed_needs_no_definition_of_the_publisher(self):
        """None at all, and the type's own without those of the types in it."""
        alone = Odometry._full_text.split("\n" + "=" * 80)[0]
        names = {self.name + "_none": "", self.name + "_alone": alone}
        self.to_kafka(*({"ros_topic": "/" + name, "kafka_topic": name} for name in names))
        for name, text in names.items():
            self.sent(Odometry, text, "/" + name)(Odometry(child_frame_id=name))
            record = self.consume(name, 1)[0]
            self.assertEqual(record.json()["child_frame_id"], name)
        self.assertEqual(self.settled(2)["delivered"], 2)
        self.await_definition(Odometry)

    def test_ros1_needs_no_definition(self):
        self.to_kafka({"ros_topic": "/" + self.name, "kafka_topic": self.name, "format": "ros1"})
        message = self.probe()
        self.sent(type(message), "")(message)
        record = self.consume(self.name, 1)[0]
        self.assertEqual(record.value, serialized(message))
        self.assertEqual(record.headers["ros_type"], b"far_msgs/Probe")

    def test_a_publisher_without_definition_spoils_no_other(self):
        bridge = self.to_kafka({"ros_topic": "/" + self.name, "kafka_topic": self.name})
        message = self.probe()
        without = self.sent(type(message), "")
        without(message)
        letter = self.consume(self.name + ".dead_letter", 1)[0].json()
        self.assertEqual((letter["reason"], letter["ros_type"]), ("missing", "far_msgs/Probe"))
        self.assertIn("sends no whole definition (none at all)", letter["text"])
        bridge.expect("install its package here; format: ros1 needs none; its messages are dead")
        # rospy has one definition a topic and process: another process brings the whole one.
        whole = Process([sys.executable, "-c", WHOLE, self.name, serialized(message).hex()])
        self.addCleanup(whole.kill)
        self.consume(self.name, 1)
        without(message)
        self.assertEqual(len(self.consume(self.name, 2)), 2)
        found = self.settled(3)
        self.assertEqual((found["delivered"], found["dead-lettered"]), (2, 1))

    def test_header_may_have_its_old_name(self):
        self.to_kafka({"ros_topic": "/" + self.name, "kafka_topic": self.name})
        message = self.probe()
        old = PROBE.replace("std_msgs/Header", "roslib/Header")
        self.sent(type(message), old)(message)
        record = self.consume(self.name, 1)[0]
        self.assertEqual(record.json()["header"]["frame_id"], "far")
        # So old a stamp is no time that Kafka would keep the record by.
        self.assertEqual(record.headers["ros_timestamp"], b"1500000000000")

    def test_a_definition_may_come_after_the_record(self):
        kind = made("far_msgs/Late", "string data")["far_msgs/Late"]
        headers = {"ros_type": kind._type, "ros_md5sum": kind._md5sum}
        produce(self.broker, self.name, '{"data":"x"}', headers=headers)
        bridge = self.to_ros({"kafka_topic": self.name, "latched": True}, environment=ELSEWHERE)
        bridge.expect("waiting for the definition of its type")
        key = "%s %s" % (kind._type, kind._md5sum)
        produce(self.broker, "ros.definitions", "string data", key=key)
        heard = self.collector("/" + self.name, rospy.AnyMsg)
        bridge.until(lambda: heard.messages, "the message")
        self.assertEqual(heard.messages[0]._buff, serialized(kind("x")))

    def test_a_type_that_is_known_nowhere_is_a_dead_letter(self):
        headers = {"ros_type": "far_msgs/Lost", "ros_md5sum": "0" * 32}
        produce(self.broker, self.name, "{}", headers=headers)
        # With a definitions topic the record would wait for 30 s.
        self.to_ros({"kafka_topic": self.name}, environment=ELSEWHERE, definitions_topic="")
        letter = self.consume(self.name + ".dead_letter", 1)[0].json()
        self.assertEqual((letter["reason"], letter["path"]), ("missing", "far_msgs/Lost"))
        self.assertIn("no package has this message type; searched " + ROOT, letter["text"])


if __name__ == "__main__":
    run(BridgeTypes)
