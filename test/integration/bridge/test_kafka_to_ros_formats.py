#!/usr/bin/python3
"""Records of every format become ROS messages; those that cannot become dead letters."""

import base64
import json
import os
import struct
import sys

from geometry_msgs.msg import PointStamped
from kafka_bridge.msg import WordCount
from sensor_msgs.msg import CompressedImage, JointState
from std_msgs.msg import Header, Int64, String

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from bridge_support import BridgeTest, node, produce, run, serialized  # noqa: E402

CHAMBER = {
    "Chamber_1": {"Total Count": 412, "Channels": [{"name": "a"}, {"name": "b"}]},
    "hits": [1, 2.5, 3],
    "labels": ["x", "y"],
    "time": 1500000000123,
    "not mapped": None,
}

# One node for all tests: each has Kafka topics of its own, published below /formats.
ROUTES = [
    {"kafka_topic": "json", "ros_type": "geometry_msgs/PointStamped"},
    {"kafka_topic": "strict", "ros_type": "geometry_msgs/PointStamped", "strict": True},
    {"kafka_topic": "bytes", "ros_type": "sensor_msgs/CompressedImage"},
    {"kafka_topic": "text", "ros_type": "std_msgs/String", "format": "text"},
    {"kafka_topic": "long", "ros_type": "kafka_bridge/WordCount", "format": "long"},
    {"kafka_topic": "ros1", "ros_type": "geometry_msgs/PointStamped", "format": "ros1"},
    {"kafka_topic": "untyped"},
    {
        "kafka_topic": "fields",
        "ros_type": "sensor_msgs/JointState",
        "format": "fields",
        "fields": {
            "header.frame_id": {"path": "$.Chamber_1.Channels[1].name", "default": "none"},
            "header.seq": {"path": '$.Chamber_1["Total Count"]', "default": 7},
            "header.stamp": {"path": "time", "time": "milliseconds", "default": 0},
            "name": {"path": "$.labels", "default": []},
            "position": {"path": "$.hits", "default": []},
            "effort": {"value": [0.5]},
        },
    },
    {
        "kafka_topic": "needed",
        "ros_type": "std_msgs/String",
        "format": "fields",
        "fields": {"data": "$.a.b"},
    },
    {
        "kafka_topic": "origin",
        "ros_type": "std_msgs/Header",
        "format": "fields",
        "fields": {
            "frame_id": "@key",
            "seq": "@offset",
            "stamp": {"path": "@timestamp", "time": "milliseconds"},
        },
    },
    {
        "kafka_topic": "whole",
        "ros_type": "std_msgs/String",
        "format": "fields",
        "fields": {"data": "@topic"},
    },
    {"kafka_topic": "kept", "ros_type": "std_msgs/Int64"},
    {"kafka_topic": "unlatched", "ros_topic": "/{robot}/{topic}", "latched": False},
]


class KafkaToRosFormats(BridgeTest):
    bridge = None
    latched = set()  # ROS topics that have had a message

    def setUp(self):
        super().setUp()
        if not self.bridge:
            routes = [
                dict({"ros_topic": "/formats/{topic}", "latched": True}, **route)
                for route in ROUTES
            ]
            config = self.write_config({"kafka_to_ros": routes})
            type(self).bridge = node("kafka_to_ros", "_config:=" + config, "__name:=formats")
            self.bridge.until(lambda: self.totals("formats"), "the node")

    @classmethod
    def tearDownClass(cls):
        cls.bridge.stop()

    def fresh_collector(self, topic, kind):
        """One that has forgotten what an earlier test left latched."""
        collector = self.collector(topic, kind)
        if topic in self.latched:
            collector.wait(1)
            collector.messages.clear()
        self.latched.add(topic)
        return collector

    def publishes(self, kafka_topic, kind, *records, topic=None, headers=None):
        """The messages that come of `records`: values, or (key, value)."""
        topic = "/formats/" + (topic or kafka_topic)
        collector = self.fresh_collector(topic, kind)
        for record in records:
            key, value = record if isinstance(record, tuple) else (None, record)
            produce(self.broker, kafka_topic, value, key=key, headers=headers, partition=0)
            # One by one: who comes after the first has the last one only.
            count = records.index(record) + 1
            self.bridge.until(lambda n=count: len(collector.messages) >= n, record)
        return collector.messages

    def letter(self, kafka_topic, value, kind, good):
        """The dead letter of a bad record, after which a good one is published."""
        before = len(self.consume(kafka_topic + ".dead_letter"))
        collector = self.fresh_collector("/formats/" + kafka_topic, kind)
        produce(self.broker, kafka_topic, value, key="k\xff", partition=0)
        produce(self.broker, kafka_topic, good, partition=0)
        self.bridge.until(lambda: collector.messages, "the good record")
        self.assertEqual(len(collector.messages), 1)
        record = self.consume(kafka_topic + ".dead_letter", before + 1)[-1]
        letter = record.json()
        self.assertEqual(letter["direction"], "kafka_to_ros")
        self.assertEqual((letter["kafka_topic"], letter["partition"]), (kafka_topic, 0))
        self.assertEqual(self.consume(kafka_topic)[letter["offset"]].value, value.encode())
        self.assertEqual(letter["ros_topic"], "/formats/" + kafka_topic)
        self.assertEqual(base64.b64decode(letter["bytes"]), value.encode())
        self.assertEqual(base64.b64decode(letter["key"]), "k\xff".encode())
        return letter

    def test_json(self):
        text = '{"point":{"y":2,"x":1.5},"header":{"frame_id":"\\u00e9","stamp":{"secs":3}}}'
        message = self.publishes("json", PointStamped, text)[0]
        self.assertEqual((message.point.x, message.point.y, message.point.z), (1.5, 2.0, 0.0))
        self.assertEqual(message.header.frame_id, "\u00e9")
        self.assertEqual(message.header.stamp.secs, 3)

    def test_bytes(self):
        values = ['{"data":"AP8Q"}', '{"data":[0,255,16]}']
        messages = self.publishes("bytes", CompressedImage, *values)
        self.assertEqual([message.data for message in messages], [b"\x00\xff\x10"] * 2)

    def test_text(self):
        texts = ["plain", "two\nlines and \u20ac", "{}"]
        messages = self.publishes("text", String, *texts)
        self.assertEqual([message.data for message in messages], texts)

    def test_long_is_a_word_count(self):
        records = [("kafka", struct.pack(">q", 7)), ("\u00e9", struct.pack(">q", -(2**63)))]
        messages = self.publishes("long", WordCount, *records)
        counted = [(message.word, message.count) for message in messages]
        self.assertEqual(counted, [("kafka", 7), ("\u00e9", -(2**63))])

    def test_ros1_is_published_as_it_is(self):
        sent = PointStamped(header=Header(seq=9, frame_id="map"))
        sent.point.x = float("-inf")
        received = self.publishes("ros1", PointStamped, serialized(sent))[0]
        self.assertEqual(serialized(received), serialized(sent))

    def test_fields_are_picked_from_nested_json(self):
        message = self.publishes("fields", JointState, json.dumps(CHAMBER))[0]
        self.assertEqual(message.header.frame_id, "b")
        self.assertEqual(message.header.seq, 412)
        self.assertEqual(message.header.stamp.to_nsec(), 1500000000123000000)
        self.assertEqual(message.name, ["x", "y"])
        self.assertEqual(message.position, (1.0, 2.5, 3.0))
        self.assertEqual((message.velocity, message.effort), ((), (0.5,)))

    def test_fields_that_are_null_or_not_there_have_their_default(self):
        message = self.publishes("fields", JointState, '{"Chamber_1":null,"hits":null}')[0]
        self.assertEqual((message.header.frame_id, message.header.seq), ("none", 7))
        self.assertEqual((message.header.stamp.to_nsec(), message.position), (0, ()))

    def test_a_field_without_a_default_has_to_be_there(self):
        cases = ("{}", "missing"), ('{"a":null}', "missing"), ('{"a":{"b":null}}', "type")
        for value, reason in cases:
            letter = self.letter("needed", value, String, '{"a":{"b":"c"}}')
            self.assertEqual((letter["reason"], letter["path"]), (reason, "$.a.b"))

    def test_fields_of_where_the_record_lay(self):
        messages = self.publishes("origin", Header, ("first", "{}"), ("second", "[1]"))
        records = self.consume("origin", 2)
        for index, (message, record) in enumerate(zip(messages, records)):
            self.assertEqual(message.frame_id, record.key.decode())
            self.assertEqual(message.seq, index)
            self.assertEqual(message.stamp.to_nsec(), record.timestamp * 1000000)
        self.assertEqual(self.publishes("whole", String, "{}")[0].data, "whole")

    def test_the_type_is_the_headers(self):
        headers = {"ros_type": "std_msgs/Int64", "ros_md5sum": Int64._md5sum}
        message = self.publishes("untyped", Int64, '{"data":-5}', headers=headers)[0]
        self.assertEqual(message.data, -5)

    def test_latched_messages_reach_late_subscribers(self):
        produce(self.broker, "kept", '{"data":1}', partition=0)
        self.bridge.expect("advertised /formats/kept (std_msgs/Int64), latched")
        self.assertEqual(self.collector("/formats/kept", Int64).wait(1)[0].data, 1)

    def test_a_record_with_the_latched_header_is_latched(self):
        headers = {"ros_type": "std_msgs/String", "ros_latched": "true"}
        produce(self.broker, "unlatched", '{"data":"map"}', partition=0, headers=headers)
        self.bridge.expect("advertised /warty/unlatched (std_msgs/String), latched")
        late = self.collector("/warty/unlatched", String)
        self.assertEqual(late.wait(1)[0].data, "map")
        self.assertEqual(late.messages[0]._connection_header["latching"], "1")

    def test_malformed_json_is_a_dead_letter(self):
        letter = self.letter("json", '{"point":{"x":1', PointStamped, "{}")
        self.assertEqual(letter["reason"], "syntax")
        self.assertEqual(letter["ros_type"], "geometry_msgs/PointStamped")
        self.assertEqual(letter["ros_md5sum"], PointStamped._md5sum)

    def test_an_unknown_field_is_named(self):
        letter = self.letter("json", '{"point":{"x":1,"w":2}}', PointStamped, "{}")
        self.assertEqual((letter["reason"], letter["path"]), ("unknown", "$.point.w"))

    def test_a_wrong_value_is_named(self):
        letter = self.letter("json", '{"header":{"seq":-1}}', PointStamped, "{}")
        self.assertEqual((letter["reason"], letter["path"]), ("range", "$.header.seq"))

    def test_a_missing_field_is_named_where_it_is_strict(self):
        header = '"header":{"seq":0,"stamp":{"secs":0,"nsecs":0},"frame_id":""}'
        missing = '{%s,"point":{"x":0,"y":0}}' % header
        whole = '{%s,"point":{"x":0,"y":0,"z":0}}' % header
        letter = self.letter("strict", missing, PointStamped, whole)
        self.assertEqual((letter["reason"], letter["path"]), ("missing", "$.point.z"))

    def test_a_long_of_another_length_is_a_dead_letter(self):
        letter = self.letter("long", "1234567", WordCount, "12345678")
        self.assertEqual(letter["reason"], "length")
        self.assertEqual(letter["path"], "@value")

    def test_truncated_ros1_is_a_dead_letter(self):
        whole = serialized(PointStamped()).decode()
        letter = self.letter("ros1", whole[:20], PointStamped, whole)
        self.assertEqual((letter["reason"], letter["path"]), ("truncated", "$.point.x"))

    def test_a_mapped_field_of_the_wrong_kind_is_named(self):
        letter = self.letter("fields", '{"hits":[1,"many"]}', JointState, "{}")
        self.assertEqual((letter["reason"], letter["path"]), ("type", "$.hits[1]"))

    def test_no_type_anywhere_is_a_dead_letter(self):
        before = len(self.consume("untyped.dead_letter"))
        produce(self.broker, "untyped", "{}", partition=0)
        letter = self.consume("untyped.dead_letter", before + 1)[-1].json()
        self.assertEqual(letter["reason"], "missing")
        self.assertIn("no header ros_type; say the type with ros_type", letter["text"])


if __name__ == "__main__":
    run(KafkaToRosFormats)
