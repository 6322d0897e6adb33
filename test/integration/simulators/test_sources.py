#!/usr/bin/python3
"""csv_player, detector_simulator, truck_simulator and imu_player among ROS: all that they make
arrives, in order, and as other tools read it."""

import csv
import itertools
import json
import math
import os
import pathlib
import sys
import tempfile
import unittest

import rospkg
import rospy
from kafka_bridge.msg import Hits, TruckState
from sensor_msgs.msg import Imu
from std_msgs.msg import String

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from node_process import NodeProcess, wait_for  # noqa: E402

PACKAGE = pathlib.Path(rospkg.RosPack().get_path("kafka_bridge"))
READINGS = PACKAGE / "data/readings"
QUIET = "quiet from here on"


def cell(text):
    """A CSV cell as the player's JSON has it, read back."""
    if text == "":
        return None
    try:
        return json.loads(text)
    except ValueError:
        return text


def records(path):
    """The rows of a CSV file as {name: value}, read by Python's own reader."""
    with open(path, newline="", encoding="utf-8-sig") as file:
        return [{name: cell(text) for name, text in row.items()} for row in csv.DictReader(file)]


class Sources(unittest.TestCase):
    def play(self, program, topic, kind, *arguments):
        """All messages of a source up to its end, and what it has said."""
        messages = []
        subscriber = rospy.Subscriber(
            topic, kind, messages.append, queue_size=None, buff_size=1 << 26
        )
        node = NodeProcess(program, "_wait_for_subscriber:=true", *arguments)
        self.addCleanup(node.stop)
        self.assertTrue(node.wait_for_text(QUIET), node.text)
        said = int(node.text.split("published ")[1].split()[0])
        wait_for(lambda: len(messages) >= said)
        subscriber.unregister()
        self.assertEqual(node.stop(), 0)
        self.assertEqual(len(messages), said, node.text)
        return messages, node.text

    def assert_headers(self, messages, interval, frame):
        """Numbered from 0 on and `interval` ns apart, whenever they came."""
        self.assertEqual([m.header.seq for m in messages], list(range(len(messages))))
        first = messages[0].header.stamp.to_nsec()
        for index, message in enumerate(messages):
            self.assertEqual(message.header.stamp.to_nsec() - first, index * interval)
            self.assertEqual(message.header.frame_id, frame)

    def test_rows_come_in_turn_as_arrays_of_one(self):
        paths = sorted(READINGS.glob("*.csv"))
        self.assertEqual(len(paths), 3)
        expected = [r for turn in itertools.zip_longest(*map(records, paths)) for r in turn if r]
        messages, text = self.play(
            "csv_player", "text", String, f"_files:={READINGS}/*.csv", "_as:=array", "_rate:=2000"
        )
        self.assertEqual([json.loads(m.data) for m in messages], [[r] for r in expected])
        self.assertTrue(any(r.get("note") == "door open, draught" for r in expected))
        self.assertIn(f"{len(expected)} rows", text)

    def test_rounds_loop_over_a_list_of_files(self):
        files = [str(READINGS / "power.csv"), str(READINGS / "climate.csv")]
        rospy.set_param("/rounds/files", files)
        messages, _ = self.play(
            "csv_player", "text", String, "__name:=rounds", "_loop:=true", "_interval:=0.01",
            "_count:=150",
        )  # fmt: skip
        rows = [r for turn in zip(*map(records, files)) for r in turn]
        expected = list(itertools.islice(itertools.cycle(rows), 150))
        self.assertEqual([json.loads(m.data) for m in messages], expected)

    def test_lines_stay_as_they_are(self):
        messages, _ = self.play(
            "csv_player", "text", String, f"_files:={READINGS}/vibration.csv", "_as:=line",
            "_rate:=2000", "__name:=lines",
        )  # fmt: skip
        lines = (READINGS / "vibration.csv").read_text().splitlines()
        self.assertEqual([m.data for m in messages], lines)

    def test_a_bad_row_ends_the_player_and_is_named(self):
        with tempfile.TemporaryDirectory() as directory:
            path = pathlib.Path(directory) / "bad.csv"
            path.write_text("a,b\n1,2\n3\n4,5\n")
            node = NodeProcess("csv_player", f"_files:={path}", "_rate:=1000", "__name:=bad_row")
            self.addCleanup(node.stop)
            self.assertEqual(node.wait(), 1)
            self.assertIn(f"{path}:3: the row has 1 cells; there are 2 columns", node.text)
            self.assertIn("published 1 messages", node.text)

    def test_100000_hits_a_second_arrive_whole(self):
        messages, text = self.play(
            "detector_simulator", "detector/hits", Hits, "_rate:=100000",
            "_hits_per_message:=1000", "_count:=100500", "_noise:=0.1", "_orbit_rate:=10000000",
        )  # fmt: skip
        self.assertEqual([len(m.hits) for m in messages], [1000] * 100 + [500])
        hits = [hit for m in messages for hit in m.hits]
        real = sum(hit.head == 2 for hit in hits)
        self.assertIn(f"{real} hits, and {len(hits) - real} words of noise", text)
        self.assertAlmostEqual(real / len(hits), 0.9, delta=0.01)
        for index, hit in enumerate(hits):
            self.assertEqual(hit.orbit_cnt, 600000 + index * 100 % 9400000)
            self.assertIn(hit.fpga, (0, 1))
            self.assertTrue(0 <= hit.tdc_channel < 128 and 0 <= hit.bx_counter < 3564)
        if "does not keep up" not in text:  # else the schedule was moved, and the stamps with it
            self.assert_headers(messages[:100], 10000000, "detector")

    def test_the_seed_decides_the_hits(self):
        def hits(*arguments):
            messages, _ = self.play(
                "detector_simulator", "detector/hits", Hits, "_rate:=10000", "_count:=300",
                *arguments,
            )  # fmt: skip
            return [str(m.hits) for m in messages]

        once, again = hits("_seed:=5", "__name:=five"), hits("_seed:=5", "__name:=five")
        self.assertEqual(once, again)
        self.assertNotEqual(once, hits("_seed:=6", "__name:=six"))

    def test_the_truck_drives_until_its_fuel_is_used_up(self):
        messages, text = self.play(
            "truck_simulator", "truck/state", TruckState, "_fuel:=0.02", "_time_factor:=20"
        )
        first, last = messages[0], messages[-1]
        self.assertEqual(
            (first.distance_covered, first.engine_speed, first.fuel_consumed), (0, 79.54, 0)
        )
        self.assertEqual(last.fuel_consumed, 0.02)
        self.assertGreater(last.distance_covered, 10)
        for before, after in zip(messages, messages[1:]):
            self.assertGreaterEqual(after.distance_covered, before.distance_covered)
            self.assertGreater(after.fuel_consumed, before.fuel_consumed)
        self.assertIn(f"{last.distance_covered / 1000:.3f} km", text)
        self.assertIn("the fuel is used up", text)
        if "does not keep up" not in text:
            self.assert_headers(messages, 4000000, "truck")

    def test_a_recorded_orientation_is_played_with_its_times(self):
        path = PACKAGE / "data/orientation.csv"
        rows = records(path)
        messages, text = self.play(
            "imu_player", "phone/imu", Imu, f"_file:={path}", "_time_factor:=20"
        )
        self.assertEqual(len(messages), len(rows))
        start = messages[0].header.stamp.to_nsec()
        for message, row in zip(messages, rows):
            q = message.orientation
            self.assertEqual((q.x, q.y, q.z, q.w), (row["qx"], row["qy"], row["qz"], row["qw"]))
            self.assertEqual(message.angular_velocity_covariance[0], -1)
            self.assertEqual(message.linear_acceleration_covariance[0], -1)
            if "does not keep up" not in text:
                elapsed = (message.header.stamp.to_nsec() - start) / 1e9
                self.assertAlmostEqual(elapsed, row["seconds_elapsed"], places=6)

    def test_an_orientation_is_made_up(self):
        messages, text = self.play(
            "imu_player", "phone/imu", Imu, "_rate:=1000", "_count:=500", "__name:=made_up"
        )
        for message in messages:
            q = message.orientation
            self.assertAlmostEqual(math.hypot(q.x, q.y) ** 2 + math.hypot(q.z, q.w) ** 2, 1)
            self.assertAlmostEqual(message.linear_acceleration.z, 9.8, delta=2)
        self.assertNotEqual(messages[0].orientation, messages[-1].orientation)
        if "does not keep up" not in text:
            self.assert_headers(messages, 1000000, "phone")

    def test_every_wrong_parameter_is_named(self):
        wrong = {
            "csv_player": ("/files is not set: it must be a CSV file", "_as:=xml"),
            "detector_simulator": ("/noise is 2: it must be a number from 0 to 1", "_noise:=2"),
            "truck_simulator": ("/fuel is 0: it must be a number from 1e-06 to 10000", "_fuel:=0"),
            "imu_player": ("/rate is 5: it must not be set where ~file is", "_file:=x _rate:=5"),
        }
        for program, (problem, arguments) in wrong.items():
            with self.subTest(program):
                node = NodeProcess(
                    program, *arguments.split(), "_speed:=3", f"__name:=wrong_{program}"
                )
                self.addCleanup(node.stop)
                self.assertEqual(node.wait(), 1)
                self.assertIn(problem, node.text)
                self.assertIn("/speed is 3: there is no such parameter; there are", node.text)


if __name__ == "__main__":
    import rostest

    rospy.init_node("test_sources")
    rostest.rosrun("kafka_bridge", "test_sources", Sources)
