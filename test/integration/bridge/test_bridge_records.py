#!/usr/bin/python3
"""What the keys of a route to Kafka do to its records."""

import os
import sys
import time

import genpy
import rospy
from diagnostic_msgs.msg import DiagnosticArray
from geometry_msgs.msg import PointStamped
from sensor_msgs.msg import CompressedImage, LaserScan
from std_msgs.msg import ByteMultiArray, Float64, String

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from bridge_support import BridgeTest, run, serialized  # noqa: E402

STAMP = genpy.Time(1500000000, 123456789)


def point(x=1.25, frame="map"):
    message = PointStamped()
    message.header.stamp = STAMP
    message.header.frame_id = frame
    message.point.x = x
    return message


class BridgeRecords(BridgeTest):
    def send(self, route, *messages, **options):
        """The records of `messages` that one route makes, in a topic of the test's own."""
        route = dict({"ros_topic": "/" + self.name, "kafka_topic": self.name}, **route)
        self.bridge = self.to_kafka(route)
        publisher = self.publisher("/" + self.name, type(messages[0]), **options)
        for message in messages:
            publisher.publish(message)
        return self.consume(route["kafka_topic"], len(messages))

    def test_json_is_the_whole_message(self):
        record = self.send({}, point())[0]
        header = {"seq": 1, "stamp": {"secs": 1500000000, "nsecs": 123456789}, "frame_id": "map"}
        self.assertEqual(
            record.json(), {"header": header, "point": {"x": 1.25, "y": 0.0, "z": 0.0}}
        )
        self.assertIn(b'"point":{"x":1.25,"y":0.0,"z":0.0}', record.value)
        self.assertEqual(record.own_time(), 1500000000123)
        self.assertEqual(record.key, b"/" + self.name.encode())
        self.assertEqual(record.headers["id"], b"warty/%s/0" % self.name.encode())
        self.assertNotIn("ros_latched", record.headers)

    def test_a_message_without_a_stamp_has_the_time_of_receipt(self):
        before = time.time()
        record = self.send({}, String("now"))[0]
        self.assertTrue(before * 1000 - 1 <= record.timestamp <= time.time() * 1000 + 1)

    def test_timestamp_receipt_passes_the_stamp_over(self):
        before = time.time()
        record = self.send({"timestamp": "receipt"}, point())[0]
        self.assertTrue(before * 1000 - 1 <= record.timestamp <= time.time() * 1000 + 1)

    def test_headers_none_leaves_them_out(self):
        self.assertEqual(self.send({"headers": "none"}, point())[0].header_list, [])

    def test_a_latched_message_says_so_and_comes_to_late_bridges(self):
        publisher = rospy.Publisher("/" + self.name, String, latch=True, queue_size=1)
        self.addCleanup(publisher.unregister)
        publisher.publish("kept")
        self.to_kafka({"ros_topic": "/" + self.name, "kafka_topic": self.name})
        record = self.consume(self.name, 1)[0]
        self.assertEqual(record.json(), {"data": "kept"})
        self.assertEqual(record.headers["ros_latched"], b"true")
        self.assertEqual(record.headers["ros_publisher"], rospy.get_name().encode())

    def test_text_is_one_field(self):
        records = self.send({"format": "text"}, String("one\n\u00e9"), String(""))
        self.assertEqual([record.value or b"" for record in records], ["one\n\u00e9".encode(), b""])

    def test_text_field_says_which(self):
        route = {"format": "text", "text_field": "header.frame_id"}
        self.assertEqual(self.send(route, point(frame="odom"))[0].value, b"odom")

    def test_ros1_is_the_serialized_message(self):
        message = point(-0.0)
        record = self.send({"format": "ros1"}, message)[0]
        self.assertEqual(record.value, serialized(message))

    def test_fields_of_every_kind(self):
        scan = LaserScan(ranges=[1.0, float("inf"), 3.5])
        scan.header.stamp = STAMP
        scan.header.frame_id = "laser"
        before = time.time()
        fields = {
            "zebra": "@sequence",
            "second": "ranges[2]",
            "far": {"path": "ranges[9]", "default": -1},
            "unbounded": {"path": "ranges[1]", "default": "far"},
            "missing": "ranges[10]",
            "all": "ranges",
            "stamp": {"path": "@stamp", "time": "milliseconds"},
            "iso": {"path": "header.stamp", "time": "iso8601"},
            "receipt": {"path": "@receipt", "time": "seconds"},
            "topic": "@topic",
            "type": "@type",
            "robot": "@robot",
            "constant": {"value": {"units": ["m", 1]}},
            "rounded": {"path": "ranges[2]", "precision": 0},
            "header": "header",
        }
        records = self.send({"format": "fields", "fields": fields}, scan, scan)
        first = records[0].json()
        self.assertEqual(list(first), list(fields))
        self.assertTrue(before - 0.001 <= first.pop("receipt") <= time.time() + 0.001)
        self.assertEqual(
            first,
            {
                "zebra": 0,
                "second": 3.5,
                "far": -1,
                "unbounded": "far",
                "missing": None,
                "all": [1.0, None, 3.5],
                "stamp": 1500000000123,
                "iso": "2017-07-14T02:40:00.123456789Z",
                "topic": "/" + self.name,
                "type": "sensor_msgs/LaserScan",
                "robot": "warty",
                "constant": {"units": ["m", 1]},
                "rounded": 4.0,
                "header": {
                    "seq": 1,
                    "stamp": {"secs": 1500000000, "nsecs": 123456789},
                    "frame_id": "laser",
                },
            },
        )
        self.assertEqual(records[1].json()["zebra"], 1)

    def test_the_key_is_made_from_fields(self):
        route = {"key": "{robot}/{{{header.frame_id}}}/{point.x}/{type}{topic}"}
        key = self.send(route, point(2.5, "map"))[0].key.decode()
        self.assertEqual(key, "warty/{map}/2.5/geometry_msgs/PointStamped/" + self.name)

    def test_one_key_one_partition_in_order(self):
        messages = [point(number, "abcdef"[number % 6]) for number in range(60)]
        records = self.send({"key": "{header.frame_id}"}, *messages)
        seen = {}
        for record in records:
            partition, numbers = seen.setdefault(record.key, (record.partition, []))
            self.assertEqual(record.partition, partition)
            numbers.append(record.json()["point"]["x"])
        self.assertEqual(len(seen), 6)
        for _, numbers in seen.values():
            self.assertEqual(numbers, sorted(numbers))

    def test_non_finite_numbers_are_null_and_counted(self):
        records = self.send({}, *map(Float64, (float("nan"), float("-inf"), 1.0)))
        values = [record.json()["data"] for record in records]
        self.assertEqual(values, [None, None, 1.0])
        self.assertEqual(self.settled(3)["non-finite numbers as null"], 2)

    def test_non_finite_string_keeps_them(self):
        route = {"non_finite": "string"}
        records = self.send(route, *map(Float64, (float("nan"), float("inf"), float("-inf"))))
        values = [record.json()["data"] for record in records]
        self.assertEqual(values, ["NaN", "Infinity", "-Infinity"])

    def test_bytes_are_base64(self):
        record = self.send({}, CompressedImage(data=b"\x00\xff\x10"))[0]
        self.assertEqual(record.json()["data"], "AP8Q")

    def test_bytes_array_are_numbers(self):
        record = self.send({"bytes": "array"}, CompressedImage(data=b"\x00\xff\x10"))[0]
        self.assertEqual(record.json()["data"], [0, 255, 16])

    def test_int8_arrays_are_numbers_in_any_case(self):
        record = self.send({}, ByteMultiArray(data=[-128, 127]))[0]
        self.assertEqual(record.json()["data"], [-128, 127])

    def test_a_type_that_the_route_names_is_taken(self):
        route = {"ros_type": "diagnostic_msgs/DiagnosticArray"}
        self.assertEqual(self.send(route, DiagnosticArray())[0].json()["status"], [])

    def test_max_rate_takes_that_many_and_counts_the_others(self):
        route = {"ros_topic": "/" + self.name, "kafka_topic": self.name, "max_rate": 5}
        self.to_kafka(route)
        publisher = self.publisher("/" + self.name, Float64)
        begin = time.monotonic()
        for number in range(60):
            publisher.publish(number)
            time.sleep(0.01)
        found = self.settled(60)
        most = 2 + 5 * (time.monotonic() - begin)
        self.assertTrue(2 <= found["delivered"] <= most, found)
        self.assertEqual(found["dropped"], 60 - found["delivered"])
        self.assertEqual(found["max_rate"], found["dropped"])
        records = self.consume(self.name)
        self.assertEqual(len(records), found["delivered"])
        self.assertEqual(records[0].json()["data"], 0.0)


if __name__ == "__main__":
    run(BridgeRecords)
