"""The detector's batches: ours beside the way that its authors computed them, in one Spark session.

Run by bench/run, which says where the modules are. A real broker is started for this run and ended
with it. Both ways are streaming queries over the same records of one topic, so many a batch, and
publish to Kafka; what is compared is Spark's own time of a batch, from looking for records to
noting the batch as done (`triggerExecution`), and the processor time of this process with Spark's
JVM and Python workers, which other work on the machine hardly touches. Every record that either way
publishes has to equal an independent computation.
"""

from __future__ import annotations

import argparse
import os
import pathlib
import statistics
import sys
import tempfile
import time
from typing import Any, Callable, NamedTuple

import numpy as np
from kafka_bridge_analytics import arguments, detector, runner, schemas, session
from kafka_bridge_analytics.sinks import kafka
from kafka_broker import KafkaBroker, consume, produce_lines
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as f
from pyspark.sql.streaming import StreamingQuery
from reference_histograms import CHANNEL_BINS, ORBIT_BINS, expected

TRIGGER = 1.0  # s, ours
BATCH_TIMEOUT = 180  # s
WARM_UP = {"ours": 4, "theirs": 1}  # batches that are not counted
ENOUGH = 10  # times as fast, at the largest batch


def make_hits(count: int, seed: int) -> list[str]:
    """Records of a batch: one in ten noise, orbits that rise, channels of all four chambers, and
    every twentieth hit a second time."""
    random = np.random.default_rng(seed)
    columns = (
        random.choice([2] * 9 + [1], count),
        random.integers(0, 2, count),
        random.integers(0, 128, count),
        np.floor(np.sort(random.uniform(5e5, 1e7, count))),
        random.integers(0, 3564, count),
        random.integers(0, 30, count),
    )
    text = '{"HEAD":%d,"FPGA":%d,"TDC_CHANNEL":%d,"ORBIT_CNT":%.1f,"BX_COUNTER":%d,"TDC_MEAS":%.1f}'
    lines = [text % fields for fields in zip(*columns)]
    lines[1::20] = lines[0 : len(lines) - 1 : 20]
    return lines


def process_as_they_did(hits: DataFrame) -> dict[str, object]:
    """A filter, a count and two RDD histograms for each chamber: 13 jobs over the batch."""
    schema = schemas.load("detector")
    fields = hits.select(f.from_json(f.col("value").cast("string"), schema).alias("hit"))
    kept = fields.select("hit.*").where("HEAD = 2")
    record: dict[str, object] = {"Total Count": kept.count(), "Index": time.time()}
    places = ("FPGA = 0 AND TDC_CHANNEL <= 63", "FPGA = 0 AND TDC_CHANNEL >= 64")
    places += tuple(place.replace("FPGA = 0", "FPGA = 1") for place in places)
    for number, place in enumerate(places, 1):
        chamber = kept.where(place)
        pairs = chamber.dropDuplicates(["TDC_CHANNEL", "ORBIT_CNT"])
        record["Chamber_%d" % number] = {
            "Count": chamber.count(),
            "Hist_1": histogram_as_they_did(chamber.select("TDC_CHANNEL"), CHANNEL_BINS),
            "Hist_2": histogram_as_they_did(pairs.select("ORBIT_CNT"), ORBIT_BINS),
        }
    return record


def histogram_as_they_did(column: DataFrame, bins: list[float]) -> dict[str, list[float]]:
    """Of a frame's only column, by its RDD."""
    found, counts = column.rdd.flatMap(lambda row: row).histogram(list(bins))
    return {"Bins": found, "Counts": counts}


class Way(NamedTuple):
    """A way to do it: the stream, what is done with a batch, and seconds between batches."""

    name: str
    stream: DataFrame
    process: Callable[[DataFrame, int], None]
    trigger: float


def our_way(spark: SparkSession, given: argparse.Namespace) -> Way:
    """The job itself, with its own settings."""
    (query,) = detector.queries(spark, given)

    def process(frame: DataFrame, number: int) -> None:
        query.process(runner.Batch(frame, number))

    return Way("ours", query.frame, process, TRIGGER)


def their_way(spark: SparkSession, given: argparse.Namespace) -> Way:
    """Kafka's source with Spark's settings; published as ours are."""
    options = {
        "kafka.bootstrap.servers": given.bootstrap_servers,
        "subscribe": given.topic,
        "startingOffsets": "earliest",
        "maxOffsetsPerTrigger": str(given.max_records),
    }

    publisher = kafka.Publisher(given.bootstrap_servers, {})

    def process(frame: DataFrame, number: int) -> None:
        record = process_as_they_did(frame)
        detector.publish(spark, publisher, given.results_topic, number, record)

    stream = spark.readStream.format("kafka").options(**options).load()
    return Way("theirs", stream, process, 0.0)


class Times(NamedTuple):
    """Of warm batches: `elapsed`, ms of each; `processor`, ms a batch; `parts`, Spark's medians of
    what a batch consists of, ms."""

    elapsed: list[float]
    processor: float
    parts: dict[str, float]


def run(way: Way, batches: int, checkpoint: pathlib.Path) -> Times:
    """Runs the query over WARM_UP and so many batches more."""
    writer = way.stream.writeStream.foreachBatch(way.process)
    writer = writer.option("checkpointLocation", checkpoint.as_uri())
    query = writer.trigger(processingTime="%d milliseconds" % (way.trigger * 1000)).start()
    cold = WARM_UP[way.name]
    try:
        begun = wait_for_batches(query, cold)
        before = processor_seconds()
        ended = wait_for_batches(query, cold + batches)
        spent = (processor_seconds() - before) * 1000 / (len(ended) - len(begun))
    finally:
        query.stop()
    warm = [one["durationMs"] for one in ended[cold : cold + batches]]
    parts = {part: statistics.median(one.get(part, 0) for one in warm) for part in warm[0]}
    return Times([one["triggerExecution"] for one in warm], spent, parts)


def wait_for_batches(query: StreamingQuery, count: int) -> list[dict[str, Any]]:
    """Spark's progress of the batches so far, once there are as many."""
    deadline = time.monotonic() + count * BATCH_TIMEOUT
    while True:
        done = [one for one in query.recentProgress if one["numInputRows"]]
        if len(done) >= count:
            return done
        if query.exception() or time.monotonic() > deadline:
            raise SystemExit("%s: %s" % (query.name, query.exception() or "came to no end"))
        time.sleep(0.02)


def processor_seconds() -> float:
    """Of this process and those below it, also of those that ended."""
    parents: dict[int, int] = {}
    ticks: dict[int, int] = {}
    for path in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:  # it has ended
            continue
        # From the state on, the third field of proc(5): 4 the parent, 14 to 17 the times.
        parents[int(path.parent.name)] = int(fields[1])
        ticks[int(path.parent.name)] = sum(map(int, fields[11:15]))
    mine = {os.getpid()}
    while True:
        more = {one for one, parent in parents.items() if parent in mine} - mine
        if not more:
            return sum(ticks.get(one, 0) for one in mine) / os.sysconf("SC_CLK_TCK")
        mine |= more


def differences(broker: KafkaBroker, topic: str, right: list[dict[str, object]]) -> int:
    """How many of the published records are not what they should be."""
    found = {record.key: record.json() for record in consume(broker, topic, count=len(right))}
    for record in found.values():
        del record["Index"]
    return sum(found.get(b"%d" % number) != one for number, one in enumerate(right))


def compare(
    spark: SparkSession, broker: KafkaBroker, rows: int, warm: dict[str, int]
) -> dict[str, Times]:
    """Both ways over batches of `rows`, by way."""
    counts = {name: WARM_UP[name] + warm[name] for name in warm}
    hits = [make_hits(rows, seed) for seed in range(max(counts.values()))]
    topic = "hits-%d" % rows
    broker.create_topic(topic, partitions=1)
    for batch in hits:
        produce_lines(broker, topic, batch)
    right = [expected(line.encode() for line in batch) for batch in hits]
    times = {}
    for make in (our_way, their_way):
        name = "ours" if make is our_way else "theirs"
        broker.create_topic("%s-%d" % (name, rows), partitions=1)
        way = make(spark, job_arguments(broker, topic, rows, "%s-%d" % (name, rows)))
        with tempfile.TemporaryDirectory() as checkpoint:
            times[name] = run(way, warm[name], pathlib.Path(checkpoint))
        wrong = differences(broker, "%s-%d" % (name, rows), right[: counts[name]])
        if wrong:
            raise SystemExit("%s: %d of %d records are wrong" % (name, wrong, counts[name]))
    return times


def job_arguments(
    broker: KafkaBroker, topic: str, rows: int, results_topic: str
) -> argparse.Namespace:
    """The job's arguments, as its command line would give them."""
    parser = arguments.parser("detector", topic, "")
    parser.add_argument("--results-topic")
    servers = broker.bootstrap_servers
    return parser.parse_args(
        ["--bootstrap-servers", servers, "--max-records", str(rows)]
        + ["--results-topic", results_topic]
    )


def show(rows: int, times: dict[str, Times]) -> float:
    """Prints a line; returns how many times as fast ours was, by the medians."""
    theirs, ours = times["theirs"], times["ours"]
    ratio = statistics.median(theirs.elapsed) / statistics.median(ours.elapsed)
    in_time = sum(one < TRIGGER * 1000 for one in ours.elapsed)
    cells = [f"{rows:,}".rjust(9)]
    for one in (theirs, ours):
        figures = (statistics.median(one.elapsed), min(one.elapsed), one.processor)
        cells.append("%9.0f %7.0f %9.0f" % figures)
    cells.append("%7.1fx %8.1fx" % (ratio, theirs.processor / ours.processor))
    cells.append(("%d of %d" % (in_time, len(ours.elapsed))).rjust(11))
    print(" ".join(cells), flush=True)
    return ratio


def show_parts(times: Times) -> None:
    """What ours consists of, by Spark's own names."""
    parts = sorted(times.parts.items(), key=lambda part: -part[1])
    print("          ours: " + ", ".join("%s %.0f" % part for part in parts if part[1]), flush=True)


def main() -> int:
    """The program."""
    parser = argparse.ArgumentParser(prog="bench/run detector", description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[6_000, 60_000, 200_000])
    parser.add_argument("--batches", type=int, default=12, help="warm ones of ours")
    parser.add_argument("--old-batches", type=int, default=3, help="warm ones of theirs")
    parser.add_argument("--master", default="local[2]", help="or spark://HOST:PORT")
    parser.add_argument("--parts", action="store_true", help="what a batch of ours consists of")
    given = parser.parse_args()
    ratios = []
    warm = {"ours": given.batches, "theirs": given.old_batches}
    with KafkaBroker() as broker:
        spark = session.create(
            "bench detector", master=given.master, properties=detector.PROPERTIES
        )
        print("milliseconds of a warm batch; all records equal an independent computation")
        print("     rows %27s %27s  times as fast" % ("the old way".center(27), "ours".center(27)))
        print(" " * 9 + 2 * "    median     min processor" + "  elapsed processor  within 1 s")
        try:
            for rows in given.rows:
                times = compare(spark, broker, rows, warm)
                ratios.append(show(rows, times))
                if given.parts:
                    show_parts(times["ours"])
        finally:
            spark.stop()
    if ratios[-1] < ENOUGH:
        print("missed: %d times as fast at %d rows" % (ENOUGH, given.rows[-1]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
