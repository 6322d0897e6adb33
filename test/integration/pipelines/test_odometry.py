#!/usr/bin/python3
"""The pipeline `odometry`, from a robot to Cassandra: what the robot said is in ros.odometry, value
by value, and that stays so while ros_to_kafka, the broker and the Spark job are killed in turn,
with the robot driving on."""

import json
import os
import re
import struct
import sys
import threading
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from pipeline_support import PipelineTest, consume  # noqa: E402

RATE = 200  # odometry messages per second
CALM = 1000  # messages of the drive during which nothing happens
COUNT = 5000  # messages of a drive during which parts are killed: 25 s
FIELDS = ("posex", "posey", "posez", "orientx", "orienty", "orientz", "orientw")


def values_of(odometry):
    """What a record of a nav_msgs/Odometry holds but for the id: 7 numbers of 5 decimals."""
    pose = odometry.pose.pose
    numbers = (pose.position.x, pose.position.y, pose.position.z)
    numbers += (pose.orientation.x, pose.orientation.y, pose.orientation.z, pose.orientation.w)
    return tuple(round(number, 5) for number in numbers)


def single(row):
    """The 7 numbers of a record or a row as a float's bits each; the sign of a zero counts."""
    return tuple(struct.pack(">f", row[name]).hex() for name in FIELDS)


class Witness:
    """Listens to the robot, too, between listen() and leave(): `heard` is [(stamp in ms, values)].
    A listener that is connected gets every message from then on."""

    def __init__(self):
        self._lock = threading.Lock()
        self._heard = []
        self._subscriber = None

    def listen(self):
        import rospy
        from nav_msgs.msg import Odometry

        self._subscriber = rospy.Subscriber("/warty/odom", Odometry, self._take)

    def leave(self):
        if self._subscriber:
            self._subscriber.unregister()

    def _take(self, odometry):
        stamp = odometry.header.stamp
        entry = (stamp.secs * 1000 + stamp.nsecs // 1000000, values_of(odometry))
        with self._lock:
            self._heard.append(entry)

    @property
    def heard(self):
        with self._lock:
            return list(self._heard)


class Stored:
    """What Kafka holds of the odometry: `records` {id: record as JSON}, `entries` {id: (stamp in
    ms, values)}, `order` the ids as they came first, `doubled` how many came again, `faults`."""

    def __init__(self, address):
        self.records, self.entries, self.order, self.faults = {}, {}, [], []
        found = consume(address, "odometry", timeout=120)
        for record in found:
            self._add(record)
        self.doubled = len(found) - len(self.records)

    def _add(self, record):
        row = record.json()
        number = row.get("id")
        if list(row) != ["id", *FIELDS] or record.key != b"warty":
            self.faults.append("a strange record: %r" % record)
        elif not record.headers["id"].endswith(b"/%d" % number):
            self.faults.append("the id of %d is %r" % (number, record.headers["id"]))
        elif self.records.setdefault(number, row) != row:
            self.faults.append("%r and %r" % (self.records[number], row))
        elif number not in self.entries:
            self.order.append(number)
            self.entries[number] = (record.timestamp, tuple(row[name] for name in FIELDS))


class Odometry(PipelineTest):
    pipeline = "odometry"
    arguments = ("rate:=%d" % RATE, "count:=%d" % CALM)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        try:
            import rospy

            rospy.init_node("odometry_witness", disable_signals=True)
        except BaseException:
            cls.it.down()
            raise

    # What the parts say.

    def published(self):
        """How many messages the last drive had, or None while it goes on."""
        found = re.findall(r"published (\d+) odometry messages", self.it.logs("robot_simulator"))
        return int(found[-1]) if found else None

    def accepted(self):
        """How many messages this life of ros_to_kafka has accepted."""
        found = self.totals()
        return found["delivered"] + found["spooled"] - found.get("restored", 0)

    def count(self):
        return int(self.it.cql("select count(*) from ros.odometry")[0]["count"])

    def rows(self):
        """{id: row} of Cassandra; as JSON a float has all its digits."""
        found = [
            json.loads(row["[json]"]) for row in self.it.cql("select json * from ros.odometry")
        ]
        self.assertEqual(len({row["id"] for row in found}), len(found))
        return {row["id"]: row for row in found}

    # What has to hold.

    def settled(self, expected, missed):
        """Kafka's records, once the bridge has passed on all it has and the fates of `expected`
        messages are known; missed() is how many of them ROS did not hand over."""
        state = {}

        def known():
            found = self.totals()
            if found["spooled"] or found["pending"]:
                return False
            state.update(missed=missed(), stored=Stored(self.it.addresses["KAFKA"]))
            return len(state["stored"].records) + state["missed"] >= expected

        try:
            self.until(known, "an end of all messages", 180)
        except AssertionError as late:
            print("%s\n%s" % (late, self.totals()), flush=True)
        stored = state["stored"]
        self.assertEqual(stored.faults[:5], [])
        self.assertEqual(
            len(stored.records) + state["missed"],
            expected,
            "records and missed, of the messages; missed are %d" % state["missed"],
        )
        # Each message that was accepted has a number of its own, in the order of the drive.
        self.assertEqual(stored.order, list(range(len(stored.records))))
        return stored

    def assert_rows(self, stored):
        """Cassandra has Kafka's records, all of them and no others."""
        try:
            self.until(lambda: self.count() >= len(stored.records), "the last row", 300)
        except AssertionError as late:
            print(late, flush=True)
        rows = self.rows()
        self.assertEqual(sorted(stored.records.keys() ^ rows.keys())[:5], [], "on one side only")
        wrong = [
            (stored.records[number], row)
            for number, row in rows.items()
            if single(row) != single(stored.records[number])
        ]
        self.assertEqual(wrong[:5], [], "%d rows hold other values" % len(wrong))
        self.assertEqual(self.count(), len(stored.records))
        self.assertEqual(consume(self.it.addresses["KAFKA"], "odometry.dead_letter"), [])

    def assert_heard(self, heard, stored, missed):
        """What the witness heard is in Kafka, in its order; what is not follows one another, and is
        as much as was told of as missed."""
        there = set(stored.entries.values())
        absent = [index for index, entry in enumerate(heard) if entry not in there]
        self.assertEqual(len(absent), missed)
        if absent:
            self.assertEqual(absent, list(range(absent[0], absent[-1] + 1)))
        places = {entry: index for index, entry in enumerate(heard)}
        # Others were published before the witness was connected.
        known = [places[entry] for entry in stored.entries.values() if entry in places]
        self.assertEqual(known, sorted(known))
        self.assertEqual(len(known) + len(absent), len(heard))

    # The tests, in this order.

    def test_1_each_message_is_a_row(self):
        self.until(lambda: self.published() is not None, "the end of the drive")
        self.assertEqual(self.published(), CALM)
        stored = self.settled(CALM, lambda: self.totals()["missed upstream"])
        self.assertEqual(self.totals()["missed upstream"], 0)
        self.assertEqual(len(stored.records), CALM)
        self.assertEqual(stored.doubled, 0)
        self.assert_rows(stored)
        self.assertEqual(self.count(), CALM)

    def test_2_over_kills(self):
        import rospy

        witness = Witness()
        rospy.set_param("/robot_simulator/count", COUNT)
        before = len(Stored(self.it.addresses["KAFKA"]).records)
        self.drive(witness)
        drives = 1

        self.until(lambda: witness.heard and self.count() > before, "the first row of the drive")
        missed, least = self.totals()["missed upstream"], self.accepted()
        self.it.restart("ros_to_kafka", kill=True)
        self.until(lambda: self.accepted() > 0, "a message in the new life of ros_to_kafka")

        for part in ("kafka", "job"):
            if self.published() is not None:
                # A slow machine: the robot was at its end before the part was.
                self.drive(witness)
                drives += 1
            print("%s is killed after %d messages" % (part, len(witness.heard)), flush=True)
            self.it.restart(part, kill=True)
        rows = self.count()
        self.until(lambda: self.published() is not None, "the end of the drive")

        sent = before + drives * COUNT
        stored = self.settled(sent, lambda: missed + self.totals()["missed upstream"])
        missed += self.totals()["missed upstream"]
        self.assertGreaterEqual(len(stored.records), least + self.accepted())
        self.assert_heard(witness.heard, stored, missed)
        self.assert_rows(stored)
        print(
            "published %d, rows %d (%d when the job was back), missed %d, doubled in Kafka %d"
            % (sent, self.count(), rows, missed, stored.doubled),
            flush=True,
        )

    def drive(self, witness):
        """Another drive of COUNT messages, by the robot's program started again. It waits for a
        listener; the bridge is the first, the witness comes after."""
        witness.leave()
        accepted = self.accepted()
        self.it.restart("robot_simulator")
        self.until(lambda: self.accepted() > accepted, "the first message of the drive")
        witness.listen()


if __name__ == "__main__":
    unittest.main(verbosity=2, warnings="ignore")
