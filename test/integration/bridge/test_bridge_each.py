#!/usr/bin/python3
"""Messages that are taken apart: one record for each element of an array."""

import base64
import os
import sys

import genpy
from geometry_msgs.msg import Pose, PoseArray, TransformStamped
from kafka_bridge.msg import Hit, Hits
from sensor_msgs.msg import LaserScan
from std_msgs.msg import Float32
from tf2_msgs.msg import TFMessage

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from bridge_support import BridgeTest, raw_kind, run, serialized  # noqa: E402

STAMP = genpy.Time(1500000000, 123456789)
FIELDS = {
    "id": "@sequence",
    "index": "@index",
    "HEAD": "head",
    "ORBIT_CNT": "orbit_cnt",
    "at": {"path": "@stamp", "time": "nanoseconds"},
    "type": "@type",
    "topic": "@topic",
}


def hits(first, count, secs=1500000000):
    """A message with hits whose orbit counts are first, first + 1, …"""
    message = Hits(hits=[Hit(head=n % 3, orbit_cnt=n) for n in range(first, first + count)])
    message.header.stamp = genpy.Time(secs, 5)
    message.header.frame_id = "detector"
    return message


class BridgeEach(BridgeTest):
    def route(self, **keys):
        route = dict({"ros_topic": "/" + self.name, "kafka_topic": self.name}, **keys)
        return self.to_kafka(route)

    def ids(self, records):
        return [int(record.headers["id"].decode().rsplit("/", 1)[1]) for record in records]

    def assert_numbered(self, records, count):
        """All the ids from 0 on, in the order of the log."""
        self.assertEqual(self.ids(records), list(range(count)))

    def test_each_hit_is_a_record_of_its_own(self):
        sizes = [3, 1, 4500, 7, 2000, 2001, 40]  # a batch takes up to 2000
        self.route(
            each="hits",
            ros_type="kafka_bridge/Hits",
            format="fields",
            fields=FIELDS,
            key="{head}",
        )
        publisher = self.publisher("/" + self.name, Hits)
        first = 0
        expected = []
        for number, size in enumerate(sizes):
            publisher.publish(hits(first, size, 1500000000 + number))
            expected += [(number, index) for index in range(size)]
            first += size
        found = self.settled(sum(sizes))
        self.assertEqual((found["received"], found["delivered"]), (sum(sizes), sum(sizes)))
        self.assertEqual(found["missed upstream"], 0)
        records = sorted(self.consume(self.name, sum(sizes)), key=lambda r: r.json()["id"])
        self.assert_numbered(records, sum(sizes))
        seen = {}
        for orbit, (record, (number, index)) in enumerate(zip(records, expected)):
            secs = 1500000000 + number
            self.assertEqual(
                record.json(),
                {
                    "id": orbit,
                    "index": index,
                    "HEAD": orbit % 3,
                    "ORBIT_CNT": float(orbit),
                    "at": secs * 10**9 + 5,
                    "type": "kafka_bridge/Hit",
                    "topic": "/" + self.name,
                },
            )
            self.assertEqual(record.key, str(orbit % 3).encode())
            self.assertEqual(record.own_time(), secs * 1000)
            self.assertEqual(record.headers["ros_type"], b"kafka_bridge/Hit")
            self.assertEqual(record.headers["ros_md5sum"], Hit._md5sum.encode())
            self.assertEqual(record.headers["ros_topic"], ("/" + self.name).encode())
            seen.setdefault(record.key, []).append((record.partition, record.offset))
        for places in seen.values():
            self.assertEqual(places, sorted(places), "one key, one partition, in order")

    def test_poses_as_json_and_back_in_ros(self):
        """The element's definition is announced: nobody needs the message's."""
        self.route(each="poses")
        publisher = self.publisher("/" + self.name, PoseArray)
        message = PoseArray()
        message.header.stamp = STAMP
        for x in range(5):
            message.poses.append(Pose())
            message.poses[-1].position.x = x
        for _ in range(4):
            publisher.publish(message)
        records = self.consume(self.name, 20)
        self.assert_numbered(records, 20)
        self.assertEqual([r.json()["position"]["x"] for r in records], [0, 1, 2, 3, 4] * 4)
        self.assertEqual({r.own_time() for r in records}, {1500000000123})
        self.await_definition(Pose)
        collector = self.collector("/back/" + self.name, Pose)
        self.to_ros(
            {"kafka_topic": self.name, "ros_topic": "/back/{topic}"}, name=self.name + "_back"
        )
        poses = collector.wait(20)
        self.assertEqual([pose.position.x for pose in poses], [0, 1, 2, 3, 4] * 4)

    def test_ros1_is_the_bytes_of_the_element(self):
        self.route(each="hits", format="ros1")
        publisher = self.publisher("/" + self.name, Hits)
        message = hits(0, 3)
        publisher.publish(message)
        values = [record.value for record in self.consume(self.name, 3)]
        self.assertEqual(values, [serialized(hit) for hit in message.hits])

    def test_numbers_are_messages_of_std_msgs(self):
        self.route(each="ranges", format="text")
        publisher = self.publisher("/" + self.name, LaserScan)
        publisher.publish(LaserScan(ranges=[1.5, 0.1, 3.0]))
        records = self.consume(self.name, 3)
        self.assertEqual([record.value for record in records], [b"1.5", b"0.1", b"3.0"])
        self.assertEqual(records[0].headers["ros_type"], b"std_msgs/Float32")
        self.assertEqual(records[0].headers["ros_md5sum"], Float32._md5sum.encode())

    def test_where_the_message_has_no_stamp_the_elements_count(self):
        self.route(each="transforms", key="{child_frame_id}")
        publisher = self.publisher("/" + self.name, TFMessage)
        message = TFMessage()
        for number in range(3):
            message.transforms.append(TransformStamped(child_frame_id="frame%d" % number))
            message.transforms[-1].header.stamp = genpy.Time(1500000000 + number)
        publisher.publish(message)
        records = sorted(self.consume(self.name, 3), key=lambda record: record.key)
        self.assertEqual([r.key for r in records], [b"frame0", b"frame1", b"frame2"])
        self.assertEqual([r.own_time() // 1000 - 1500000000 for r in records], [0, 1, 2])

    def test_empty_arrays_are_counted(self):
        self.route(each="hits")
        publisher = self.publisher("/" + self.name, Hits)
        for size in (0, 2, 0, 0, 1):
            publisher.publish(hits(10, size))
        found = self.settled(6)
        self.assertEqual((found["received"], found["delivered"]), (6, 3))
        self.assertEqual((found["dropped"], found["empty"]), (3, 3))
        self.assertEqual(found["missed upstream"], 0)

    def test_a_message_that_is_not_whole_is_one_dead_letter(self):
        self.route(each="hits")
        publisher = self.publisher("/" + self.name, raw_kind(Hits))
        whole = serialized(hits(0, 10))
        for data in (whole, whole[:-1], whole + b"!", whole):
            publisher.publish(publisher.data_class(data))
        self.assertEqual(self.ids(self.consume(self.name, 20)), [*range(10), *range(12, 22)])
        letters = [r.json() for r in self.consume(self.name + ".dead_letter", 2)]
        self.assertEqual([letter["reason"] for letter in letters], ["truncated", "trailing"])
        self.assertEqual(letters[0]["path"], "$.hits[9].tdc_meas")
        self.assertEqual({letter["ros_type"] for letter in letters}, {"kafka_bridge/Hits"})
        self.assertEqual(base64.b64decode(letters[0]["bytes"]), whole[:-1])
        found = self.settled(22)
        self.assertEqual((found["delivered"], found["dead-lettered"]), (20, 2))

    def test_an_element_that_is_too_long_is_a_dead_letter_alone(self):
        self.start(
            "ros_to_kafka",
            {
                "message_max_bytes": 1024,
                "ros_to_kafka": [
                    {"ros_topic": "/" + self.name, "kafka_topic": self.name, "each": "transforms"}
                ],
            },
        ).expect("(ros_to_kafka[0])")
        publisher = self.publisher("/" + self.name, TFMessage)
        names = ["a", "b" * 2000, "c"]
        publisher.publish(TFMessage([TransformStamped(child_frame_id=name) for name in names]))
        records = self.consume(self.name, 2)
        self.assertEqual([record.json()["child_frame_id"] for record in records], ["a", "c"])
        letter = self.consume(self.name + ".dead_letter", 1)[0].json()
        self.assertEqual((letter["reason"], letter["path"]), ("limit", "transforms[1]"))
        self.assertEqual(letter["ros_type"], "geometry_msgs/TransformStamped")
        found = self.settled(3)
        self.assertEqual((found["delivered"], found["dead-lettered"]), (2, 1))

    def test_a_path_that_the_type_has_not(self):
        """Where no ros_type is given it shows with the first message."""
        bridge = self.route(each="hitz")
        publisher = self.publisher("/" + self.name, Hits)
        publisher.publish(hits(0, 5))
        letter = self.consume(self.name + ".dead_letter", 1)[0].json()
        self.assertEqual((letter["reason"], letter["path"]), ("unknown", "ros_to_kafka[0].each"))
        self.assertIn("it has header, hits", letter["text"])
        bridge.expect("its messages are dead letters")
        self.assertEqual(self.settled(1)["dead-lettered"], 1)

    def test_max_rate_counts_messages(self):
        self.route(each="hits", max_rate=0.001)
        publisher = self.publisher("/" + self.name, Hits)
        for _ in range(4):
            publisher.publish(hits(0, 5))
        found = self.settled(8)
        self.assertEqual((found["delivered"], found["max_rate"]), (5, 3))


if __name__ == "__main__":
    run(BridgeEach)
