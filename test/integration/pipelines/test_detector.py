#!/usr/bin/python3
"""The pipeline `detector` on a standalone cluster, from the simulated detector to ROS and back:
each batch's histograms are those of an independent computation by numpy over the same records,
though cluster and job are killed in between; and no hit is in two batches, or in none."""

import base64
import glob
import json
import os
import re
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import png  # noqa: E402
from pipeline_support import (  # noqa: E402
    PATIENCE,
    ROOT,
    PipelineTest,
    consume,
    end_offsets,
    produce_lines,
)

HITS = "Experiment_measurements"
COUNT = 300_000  # words of the detector, in 30 s
NOISE = 0.1
# The orbits pass through most of Hist_2's edges while the detector runs.
LOAD = ("rate:=10000", "hits_per_message:=500", "noise:=%g" % NOISE, "orbit_rate:=300000")

GOOD = '{"HEAD":2,"FPGA":0,"TDC_CHANNEL":7,"ORBIT_CNT":650000.0,"BX_COUNTER":1,"TDC_MEAS":1.0}'
MALFORMED = [
    "no JSON",
    GOOD[:-1],
    GOOD.replace(':7,"', ':"7","'),
    GOOD.replace('"FPGA":0,', ""),
    GOOD.replace("650000.0", "1e999"),
]
TOTAL = COUNT + len(MALFORMED) + 1
# A line that is there whole.
BATCH = re.compile(
    r"^detector: batch (\d+): (\d+) records, (\d+) malformed, (\d+) hits, [0-9.]+ s$", re.M
)


def numpy_python():
    """The Python of the Spark jobs, which has numpy."""
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    with open(os.path.join(ROOT, "deploy", "engines.env"), encoding="utf-8") as file:
        version = re.search(r"^SPARK_VERSION=(.*)$", file.read(), re.M).group(1)
    return os.path.join(cache, "kafka_bridge", "spark-" + version, "venv", "bin", "python")


def expected_batches(batches):
    """The record, without Index, of each of `batches` ([[text]]), by numpy."""
    environment = dict(os.environ, PYTHONPATH=os.path.join(ROOT, "analytics", "tests"))
    done = subprocess.run(
        [numpy_python(), os.path.join(os.path.dirname(__file__), "expected_batches.py")],
        input="".join(json.dumps(batch) + "\n" for batch in batches),
        stdout=subprocess.PIPE,
        env=environment,
        text=True,
        timeout=120,
        check=True,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def as_record(message):
    """A ChamberResults as the record that it was made of, without Index."""
    record = {"Total Count": message.total_count}
    for number, chamber in enumerate(message.chambers, 1):
        record["Chamber_%d" % number] = {
            "Count": chamber.count,
            "Hist_1": histogram(chamber.tdc_channel),
            "Hist_2": histogram(chamber.orbit_cnt),
        }
    return record


def histogram(message):
    return {"Bins": list(message.bins), "Counts": list(message.counts)}


def without_index(record):
    return {name: value for name, value in record.items() if name != "Index"}


class Detector(PipelineTest):
    """One drive of the detector for all tests: hits and a few malformed records, the cluster and
    the job killed while they come, and the job again between a batch's publication and Spark's note
    of it."""

    pipeline = "detector"
    arguments = ("--cluster", "count:=%d" % COUNT, *LOAD)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        try:
            cls.drive(cls("test_the_way_back_to_ros"))
        except BaseException:
            cls.it.down()
            raise

    @classmethod
    def drive(cls, test):
        cls.kafka = cls.it.addresses["KAFKA"]
        cls.counts = {}  # {batch: (records, malformed, hits)}, as the job said
        cls.places = {}  # {batch: offset of the first record behind it}, as Spark noted
        cls.messages = []
        cls.listen()
        test.until(lambda: len(cls.note()) >= 2, "two batches")
        cls.it.restart("spark", kill=True)
        before = cls.taken()
        # With a hit behind them, so that the last batch has something to publish.
        produce_lines(cls.kafka, HITS, [*MALFORMED, GOOD])
        test.until(lambda: cls.taken() > before, "a batch on the cluster that was started again")
        cls.it.restart("job", kill=True)
        cls.note("job.log.1")
        test.until(lambda: cls.taken() == TOTAL, "all records in a batch")
        cls.twice = max(cls.counts)
        cls.forget(test, cls.twice)
        cls.it.restart("job", kill=True)
        test.until(lambda: cls.twice in cls.note(fresh=True), "the last batch again")
        cls.results = consume(cls.kafka, "results")
        cls.records = consume(cls.kafka, HITS, timeout=120)

    @classmethod
    def listen(cls):
        import rospy
        from kafka_bridge.msg import ChamberResults

        rospy.init_node("detector_witness", disable_signals=True)
        rospy.Subscriber("/chamber_results", ChamberResults, cls.messages.append)

    @classmethod
    def note(cls, log="job.log", fresh=False):
        """Notes what the job said of its batches, and Spark of their ends; returns the batches of
        this log only with `fresh`, otherwise all so far."""
        with open(os.path.join(cls.it.directory, log), encoding="utf-8") as file:
            said = {
                int(found[0]): tuple(map(int, found[1:])) for found in BATCH.findall(file.read())
            }
        for number, counts in said.items():
            if cls.counts.setdefault(number, counts) != counts:
                raise AssertionError(
                    "batch %d had %r, and then %r" % (number, cls.counts[number], counts)
                )
        for path in glob.glob(os.path.join(cls.checkpoint(), "offsets", "[0-9]*")):
            with open(path, encoding="utf-8") as file:
                lines = file.read().splitlines()
            if len(lines) == 3:
                cls.places[int(os.path.basename(path))] = json.loads(lines[2])[HITS]["0"]
        return said if fresh else cls.counts

    @classmethod
    def checkpoint(cls):
        return os.path.join(cls.it.directory, "checkpoint", "detector")

    @classmethod
    def taken(cls):
        return sum(records for records, _, _ in cls.note().values())

    @classmethod
    def forget(cls, test, batch):
        """As if the job had been killed before Spark noted the batch as done."""
        path = os.path.join(cls.checkpoint(), "commits", str(batch))
        test.until(lambda: os.path.exists(path), "Spark's note of batch %d" % batch)
        os.unlink(path)

    def ranges(self):
        """[(batch, first offset, offset behind)] of all batches that are not empty, in turn."""
        found, begin = [], 0
        for number in sorted(self.counts):
            end = begin + self.counts[number][0]
            found.append((number, begin, end))
            begin = end
        return found

    def by_batch(self):
        """{batch: its record} of the topic `results`."""
        return {int(result.key): result.json() for result in self.results}

    def test_every_record_is_in_one_batch(self):
        self.assertEqual(end_offsets(self.kafka, HITS), [TOTAL])
        self.assertEqual([record.offset for record in self.records], list(range(len(self.records))))
        for number, _, end in self.ranges():
            # Of the oldest batches Spark may have dropped its note before it was seen.
            self.assertEqual(self.places.get(number, end), end, "the end of batch %d" % number)
        self.assertIn(self.twice, self.places)
        hits = sum(record.value.startswith(b'{"HEAD":2,') for record in self.right())
        self.assertGreater(hits, COUNT * (1 - 2 * NOISE))
        self.assertLess(hits, COUNT)
        self.assertEqual(sum(record["Total Count"] for record in self.by_batch().values()), hits)
        self.assertEqual(sum(hits for _, _, hits in self.counts.values()), hits)

    def right(self):
        return [record for record in self.records if record.text() not in MALFORMED]

    def test_batches_equal_an_independent_computation(self):
        ranges = self.ranges()
        texts = [record.text() for record in self.records]
        batches = [
            [text for text in texts[begin:end] if text not in MALFORMED] for _, begin, end in ranges
        ]
        found = self.by_batch()
        # A batch without a right record publishes nothing.
        self.assertEqual(sorted(found), [one[0] for one, right in zip(ranges, batches) if right])
        orbits = 0
        for (number, begin, end), right in zip(ranges, expected_batches(batches)):
            if number not in found:
                continue
            self.assertEqual(without_index(found[number]), right, "batch %d" % number)
            newest = max(record.timestamp for record in self.records[begin:end])
            self.assertAlmostEqual(found[number]["Index"], newest / 1000, places=3)
            orbits += sum(1 for count in right["Chamber_1"]["Hist_2"]["Counts"] if count)
        self.assertGreater(orbits, 5, "Hist_2 shows nothing with this load")

    def test_a_batch_that_comes_twice_is_the_same_record(self):
        values = {}
        for result in self.results:
            values.setdefault(int(result.key), []).append(result.value)
        self.assertEqual(len(values[self.twice]), 2)
        for number, published in values.items():
            self.assertEqual(len(set(published)), 1, "batch %d" % number)

    def test_the_way_back_to_ros(self):
        import rospy
        from kafka_bridge.msg import ChamberResults

        right = {round(one["Index"], 3): without_index(one) for one in self.by_batch().values()}
        last = self.results[-1].json()["Index"]
        self.until(
            lambda: self.messages and self.index_of(self.messages[-1]) == round(last, 3),
            "the last results in ROS",
        )
        for message in self.messages:
            self.assertEqual(as_record(message), right[self.index_of(message)])
        # A subscriber that comes later has the last one.
        latched = rospy.wait_for_message("/chamber_results", ChamberResults, PATIENCE)
        self.assertEqual(as_record(latched), right[round(last, 3)])

    def index_of(self, message):
        return round(message.header.stamp.to_sec(), 3)

    def test_malformed_records_are_dead_letters(self):
        self.assertEqual(sum(malformed for _, malformed, _ in self.counts.values()), len(MALFORMED))
        letters = [record.json() for record in consume(self.kafka, HITS + ".dead_letter")]
        originals = {letter["offset"]: base64.b64decode(letter["bytes"]) for letter in letters}
        wrong = [record for record in self.records if record.text() in MALFORMED]
        self.assertEqual(originals, {record.offset: record.value for record in wrong})
        self.assertEqual({letter["kafka_topic"] for letter in letters}, {HITS})

    def test_the_picture(self):
        path = os.path.join(self.it.directory, "chambers.png")
        self.until(lambda: os.path.exists(path), "chamber_plot's picture")
        with open(path, "rb") as file:
            width, height, rows = png.read(file.read())
        self.assertGreater(min(width, height), 300)
        self.assertGreater(len(set(rows)), 20, "the picture shows nothing")


if __name__ == "__main__":
    unittest.main(verbosity=2)
