#!/usr/bin/python3
"""The pipeline `truck`: two drives until the fuel is used up, the Spark job and MySQL killed during
the second. What Kafka has acknowledged is in MySQL, in the CSV files and in ROS, once, with the
correlations that numpy computes; and Prometheus has the same account."""

import csv
import functools
import glob
import json
import math
import os
import re
import struct
import subprocess
import sys
import unittest
import urllib.parse
import urllib.request

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from pipeline_support import HERE, ROOT, PipelineTest, consume, end_offsets  # noqa: E402

FUEL = 1.0  # l: about 200 s, at 10 s of the drive in a second
INTERVAL = 0.04  # s of the drive from point to point: 250 a second
RECORDING = os.path.join(ROOT, "data", "orientation.csv")
TRUCK = ("distance_covered", "engine_speed", "fuel_consumed")
QUATERNION = ("qz", "qy", "qx", "qw")
ANGLES = ("roll", "pitch", "yaw")
TOTALS = {  # the words of ~totals, and the metric of each
    "received": "received_total",
    "delivered": "delivered_total",
    "dead-lettered": "dead_lettered_total",
    "dropped": "dropped_total",
    "spooled": "spooled",
    "pending": "pending",
}


def single(number):
    """As a FLOAT holds it."""
    return struct.unpack("f", struct.pack("f", number))[0]


def number_or_none(text):
    """Of a cell: NULL in MySQL, empty in CSV."""
    return None if text in ("", "NULL") else float(text)


def rotated(quaternion, vector):
    """q v q*, the quaternion as (x, y, z, w)."""
    x, y, z, w = quaternion

    def cross(a, b):
        return (a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0])

    twice = [2 * one for one in cross((x, y, z), vector)]
    return [v + w * t + c for v, t, c in zip(vector, twice, cross((x, y, z), twice))]


def roll_pitch_yaw(quaternion):
    """Rotations about the fixed axes X, Y, Z: from where the phone's own axes come to lie."""
    length = math.sqrt(sum(one * one for one in quaternion))
    quaternion = [one / length for one in quaternion]
    ahead, left, up = (rotated(quaternion, axis) for axis in ((1, 0, 0), (0, 1, 0), (0, 0, 1)))
    return (
        math.atan2(left[2], up[2]),
        -math.atan2(ahead[2], math.hypot(left[2], up[2])),
        math.atan2(ahead[1], ahead[0]),
    )


def split_into_drives(records):
    """A drive begins where the distance covered falls."""
    drives = []
    for record in records:
        if not drives or record["distance_covered"] < drives[-1][-1]["distance_covered"]:
            drives.append([])
        drives[-1].append(record)
    return drives


def numpy_correlations(drive):
    """{field: [r of the drive up to each record]}, by numpy in the jobs' Python."""
    with open(os.path.join(ROOT, "deploy", "engines.env"), encoding="utf-8") as file:
        version = re.search(r"^SPARK_VERSION=(\S+)", file.read(), re.MULTILINE).group(1)
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    python = os.path.join(cache, "kafka_bridge", "spark-" + version, "venv", "bin", "python")
    start = drive[0]["timestamp"]
    columns = [[record["timestamp"] - start for record in drive]]
    columns += [[record[name] for record in drive] for name in TRUCK[:2]]
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(
        [python, os.path.join(HERE, "running_correlations.py")],
        input=json.dumps(columns),
        stdout=subprocess.PIPE,
        text=True,
        timeout=300,
        check=True,
        env=environment,
    )
    return dict(zip(TRUCK[:2], json.loads(done.stdout)))


class Truck(PipelineTest):
    pipeline = "truck"
    arguments = (
        "fuel:=%g" % FUEL,
        "interval:=%g" % INTERVAL,
        "time_factor:=10",
        "orientation:=" + RECORDING,
    )

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        try:
            cls("drive_twice").drive_twice()
        except BaseException:
            cls.it.down()
            raise

    def drive_twice(self):
        """Sets `published`, the points of each drive, and `heard`, of the correlations in ROS."""
        import rospy
        from kafka_bridge.msg import TruckCorrelation

        cls = type(self)
        rospy.init_node("test_truck", disable_signals=True)
        cls.heard, cls.published = [], []
        rospy.Subscriber("/truck/correlation", TruckCorrelation, self.heard.append)
        self.end_of_drive()
        self.until(lambda: self.count() >= sum(self.published), "the first drive in MySQL")
        self.assertEqual(self.count(), sum(self.published))

        self.begin_drive()
        self.until(lambda: self.count() > self.published[0], "the second drive's first rows")
        self.it.restart("job", kill=True)
        if self.is_at_end():
            # A slow machine: all was said before the job was back.
            self.end_of_drive()
            self.begin_drive()
        self.it.restart("mariadb", kill=True)
        self.end_of_drive()
        self.until(self.is_settled, "all of what Kafka has in MySQL")
        self.until(self.is_told, "the last point's correlations in Kafka")
        print("published %s, rows %d" % (self.published, self.count()), flush=True)

    def begin_drive(self):
        self.it.restart("truck_simulator")
        self.it.restart("imu_player")

    def is_at_end(self):
        return "/truck_simulator: published" in self.it.logs("truck_simulator")

    def end_of_drive(self):
        self.until(self.is_at_end, "the end of the drive")
        said = self.it.logs("truck_simulator")
        self.assertIn("the fuel is used up", said)
        found = re.findall(r"/truck_simulator: published (\d+) messages", said)
        self.published.append(int(found[-1]))
        self.until(
            lambda: "/imu_player: published" in self.it.logs("imu_player"), "the recording's end"
        )

    def count(self):
        return int(self.it.sql("SELECT COUNT(*) FROM KAFKA_DB.TRUCK_PARAMETER_MAP")[0][0])

    def is_settled(self):
        totals = self.totals()
        if totals["spooled"] or totals["pending"]:
            return False
        phones = self.it.sql("SELECT COUNT(*) FROM KAFKA_DB.INGESTED_TABLE_1")
        return self.count() + int(phones[0][0]) >= totals["delivered"]

    def is_told(self):
        """A batch's last act, after its rows and its file."""
        last = consume(self.it.addresses["KAFKA"], "truck-correlations", offset=-1)
        return bool(last) and last[0].json()["count"] == self.published[-1]

    # What Kafka holds, and what follows from it.

    @classmethod
    @functools.lru_cache(maxsize=None)
    def records(cls, topic):
        """All of a topic, once the drives are over."""
        return [r.json() for r in consume(cls.it.addresses["KAFKA"], topic, timeout=120)]

    @classmethod
    @functools.lru_cache(maxsize=None)
    def computed(cls):
        """{id: (time elapsed, {field: correlation})} by numpy over the records."""
        found = {}
        for drive in split_into_drives(cls.records("truck")):
            correlations = numpy_correlations(drive)
            for index, record in enumerate(drive):
                its = {name: correlations[name][index] for name in correlations}
                found[record["id"]] = (record["timestamp"] - drive[0]["timestamp"], its)
        return found

    def assert_near(self, found, expected, what, places=9):
        if expected is None or found is None:
            self.assertEqual(found, expected, what)
        else:
            self.assertAlmostEqual(found, expected, places, what)

    def assert_correlated(self, table, field):
        """A correlation's table has a row a record, with numpy's."""
        records = {record["id"]: record for record in self.records("truck")}
        rows = self.it.sql(
            "SELECT id, %s, time_elapsed, correlation FROM KAFKA_DB.%s ORDER BY id" % (field, table)
        )
        self.assertEqual([int(row[0]) for row in rows], sorted(records))
        for row in rows:
            elapsed, correlations = self.computed()[int(row[0])]
            self.assertEqual(float(row[1]), records[int(row[0])][field], row)
            self.assert_near(float(row[2]), elapsed, row)
            self.assert_near(number_or_none(row[3]), correlations[field], row)

    # The tests.

    def test_kafka_has_what_the_truck_and_the_phone_have_said(self):
        totals = self.totals()
        records = self.records("truck")
        self.assertEqual(len(records), sum(self.published))
        self.assertEqual(totals["missed upstream"], 0)
        self.assertEqual(totals["dropped"] + totals["dead-lettered"], 0)
        phones = self.records("phone-orientation")
        self.assertEqual(len(records) + len(phones), totals["delivered"])
        self.assertEqual([record["id"] for record in records], list(range(len(records))))
        drives = split_into_drives(records)
        self.assertEqual([len(drive) for drive in drives], self.published)
        for drive in drives:
            # Written with 6 decimals.
            self.assertAlmostEqual(drive[-1]["fuel_consumed"], FUEL, 6)

    def test_a_row_of_mysql_is_a_record(self):
        rows = self.it.sql(
            "SELECT id, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', timestamp), %s FROM "
            "KAFKA_DB.TRUCK_PARAMETER_MAP ORDER BY id" % ", ".join("%s + 0e0" % n for n in TRUCK)
        )
        found = [(int(row[0]), int(row[1]), *map(float, row[2:])) for row in rows]
        expected = [
            (r["id"], round(r["timestamp"] * 1e6), *(single(r[name]) for name in TRUCK))
            for r in self.records("truck")
        ]
        self.assertEqual(found, expected)

    def test_correlations_are_numpys(self):
        self.assert_correlated("TRUCK_DISTANCE_CORRELATION", "distance_covered")
        self.assert_correlated("TRUCK_ENGINE_SPEED_CORRELATION", "engine_speed")

    def test_csv_files_hold_the_same_rows(self):
        lines = []
        for path in sorted(glob.glob(os.path.join(self.it.directory, "csv", "*"))):
            self.assertRegex(os.path.basename(path), r"^batch-\d{8}\.csv$")
            with open(path, newline="", encoding="utf-8") as file:
                lines += list(csv.DictReader(file))
        records = self.records("truck")
        self.assertEqual([int(line["id"]) for line in lines], [r["id"] for r in records])
        before = None
        for line, record in zip(lines, records):
            for name in ("timestamp", *TRUCK):
                self.assertEqual(float(line[name]), record[name], line)
            elapsed, its = self.computed()[record["id"]]
            self.assert_near(float(line["time_elapsed"]), elapsed, line)
            for name, field in (
                ("distance_correlation", "distance_covered"),
                ("engine_speed_correlation", "engine_speed"),
            ):
                self.assert_near(number_or_none(line[name]), its[field], line)
            speed = None
            if elapsed > 0:
                passed = record["timestamp"] - before["timestamp"]
                speed = (record["distance_covered"] - before["distance_covered"]) / passed
            # Seconds since 1970 have 6 decimals, and a point comes every 0.04 s.
            self.assert_near(number_or_none(line["speed"]), speed, line, 3)
            before = record

    def test_the_phones_orientation_and_its_angles(self):
        with open(RECORDING, newline="", encoding="utf-8") as file:
            recorded = list(csv.DictReader(file))
        records = self.records("phone-orientation")
        self.assertEqual(len(records), len(self.published) * len(recorded))
        columns = ("time", "seconds_elapsed", *QUATERNION, *ANGLES)
        rows = self.it.sql(
            "SELECT id, stamp, %s FROM KAFKA_DB.INGESTED_TABLE_1 ORDER BY id"
            % ", ".join("%s + 0e0" % name for name in columns)
        )
        self.assertEqual([int(row[0]) for row in rows], [record["id"] for record in records])
        for index, (row, record) in enumerate(zip(rows, records)):
            line = recorded[index % len(recorded)]
            found = dict(zip(("stamp", *columns), map(float, row[1:])))
            self.assertEqual(found["stamp"], record["time"])
            self.assertEqual(found["time"], single(record["time"]))
            since = record["time"] - records[0]["time"]
            self.assertEqual(found["seconds_elapsed"], single(since))
            for name in QUATERNION:
                self.assertEqual(record[name], float(line[name]), name)
                self.assertEqual(found[name], single(record[name]), name)
            angles = roll_pitch_yaw([record[name] for name in ("qx", "qy", "qz", "qw")])
            for name, angle in zip(ANGLES, angles):
                self.assert_near(found[name], angle, (name, row), 6)

    def test_correlations_come_back_in_ros(self):
        records = self.records("truck-correlations")
        self.until(lambda: len(self.heard) and self.heard[-1].count == records[-1]["count"], "ROS")
        # The first that was heard had been latched.
        said = [self.of_message(message) for message in self.heard]
        self.assertEqual(said, [self.of_record(record) for record in records][-len(said) :])
        self.assertGreater(len(said), 1)
        self.assertEqual(records[-1]["count"], self.published[-1])
        for record in records:
            elapsed, its = self.computed()[record["id"]]
            self.assert_near(record["time_elapsed"], elapsed, record)
            self.assert_near(record["distance_correlation"], its["distance_covered"], record)
            self.assert_near(record["engine_speed_correlation"], its["engine_speed"], record)

    @staticmethod
    def of_record(record):
        names = ("time_elapsed", *TRUCK[:2], "distance_correlation", "engine_speed_correlation")
        return [record["count"], *(record[name] for name in names)]

    @staticmethod
    def of_message(message):
        """The same of a TruckCorrelation, with None for NaN."""
        numbers = (
            message.time_elapsed,
            message.distance_covered,
            message.engine_speed,
            message.distance_correlation,
            message.engine_speed_correlation,
        )
        return [message.count, *(None if math.isnan(one) else one for one in numbers)]

    def test_nothing_is_a_dead_letter(self):
        for topic in ("truck", "phone-orientation", "truck-correlations"):
            self.assertEqual(consume(self.it.addresses["KAFKA"], topic + ".dead_letter"), [])

    def test_prometheus_has_all_targets_and_the_same_account(self):
        expected = {"ros_to_kafka": "up", "kafka_to_ros": "up", "node": "up"}
        self.until(lambda: self.targets() == expected, "three targets that are up")
        self.assertTrue(self.asked("node_memory_MemTotal_bytes"))
        for node in ("ros_to_kafka", "kafka_to_ros"):
            totals = self.totals(node)
            for word, name in TOTALS.items():
                if word in totals:
                    query = 'sum(kafka_bridge_messages_%s{direction="%s"})' % (name, node)
                    self.until(
                        lambda q=query, n=totals[word]: self.asked(q) == [n],
                        "%s = %d" % (query, totals[word]),
                        60,
                    )
        rows = 'sum(kafka_bridge_messages_delivered_total{kafka_topic="truck"})'
        self.assertEqual(self.asked(rows), [self.count()])
        self.assertEqual(self.asked(rows), end_offsets(self.it.addresses["KAFKA"], "truck"))

    def targets(self):
        active = self.ask("targets?state=active")["activeTargets"]
        return {t["labels"].get("node", t["labels"]["job"]): t["health"] for t in active}

    def asked(self, query):
        """The values that a query has now."""
        result = self.ask("query?" + urllib.parse.urlencode({"query": query}))["result"]
        return [float(one["value"][1]) for one in result]

    def ask(self, path):
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        address = "http://%s/api/v1/%s" % (self.it.addresses["PROMETHEUS"], path)
        with opener.open(address, timeout=60) as answer:
            return json.load(answer)["data"]

    def test_all_parts_are_well(self):
        text, well = self.it.status()
        self.assertTrue(well, text)


if __name__ == "__main__":
    unittest.main(verbosity=2)
