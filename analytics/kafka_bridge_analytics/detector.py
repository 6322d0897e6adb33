"""detector: Kafka topic `Experiment_measurements` → each batch's histograms by chamber → `results`.

A record in is a hit where HEAD is 2, otherwise noise:
`{"HEAD":2,"FPGA":0,"TDC_CHANNEL":31,"ORBIT_CNT":600123.0,"BX_COUNTER":1777,"TDC_MEAS":12.0}`

A record out, one for each batch that holds a right record, be it noise:
`{"Total Count":n,"Index":unix time,"Chamber_1":{"Count":n,"Hist_1":{"Bins":[0,5,…,165],
"Counts":[…]},"Hist_2":{"Bins":[600000.0,…,9600000.0],"Counts":[…]}},…,"Chamber_4":…}`

`Total Count` is the number of hits, also of those in no chamber. `Index` is the Kafka timestamp of
the batch's newest record, so a batch that comes again after a crash gives the same record, under
the same key: the batch's number.

A batch is one job of one stage, without a shuffle: each task turns its part of Kafka into columns,
counts, and keeps its distinct (channel, orbit) pairs; the driver adds up the parts, at most 13
bytes a record. Only where there are malformed records a second job reads those again, by their
offsets.
"""

from __future__ import annotations

import argparse
import json
import sys
from typing import Iterable, Iterator

import numpy as np
import pyarrow
import pyarrow.compute
from pyspark.sql import DataFrame, Row, SparkSession
from pyspark.sql import functions as f
from pyspark.sql.types import StructType

from . import arguments, columns, dead_letters, histograms, runner, schemas, source
from .sinks import kafka

HIT = 2  # HEAD of a hit
# A hit takes about a hundred bytes. What is longer is not handed to the tasks' Python.
LONGEST = 16 << 10

PROPERTIES = {
    # Times LONGEST it bounds what a task holds twice; fewer cost more calls.
    "spark.sql.execution.arrow.maxRecordsPerBatch": "16384",
}

_PART = (
    "records bigint, newest bigint, total bigint, counts array<bigint>, channels array<bigint>, "
    "pair_chambers binary, pair_channels binary, pair_orbits binary, "
    "malformed_partitions array<int>, malformed_offsets array<bigint>"
)


def summarize(raw: DataFrame) -> list[Row]:
    """What is in Kafka's columns `raw`: a row of _PART for each task."""
    value = f.when(f.length("value") <= LONGEST, f.col("value"))
    wanted = raw.select(
        value.alias("value"),
        "partition",
        "offset",
        f.unix_millis("timestamp").alias("timestamp"),
    )
    # Read here: a worker of a cluster has this package as a zip, without the schemas' files.
    schema = schemas.load("detector")
    return wanted.mapInArrow(lambda batches: _summarize_part(batches, schema), _PART).collect()


def _summarize_part(
    batches: Iterable[pyarrow.RecordBatch], schema: StructType
) -> Iterator[pyarrow.RecordBatch]:
    """One task's work: its records, in batches, become one row of _PART."""
    records, newest = 0, -1
    parts: list[histograms.Part] = []
    malformed: list[pyarrow.RecordBatch] = []
    for batch in batches:
        found = columns.read(batch.column("value"), schema)
        parts.append(_hits(found.fields))
        malformed.append(batch.select(["partition", "offset"]).take(found.malformed))
        records += batch.num_rows
        newest = max(newest, pyarrow.compute.max(batch.column("timestamp")).as_py() or -1)
    if records:
        yield _row(records, newest, histograms.add(parts), malformed)


def _hits(fields: dict[str, np.ndarray]) -> histograms.Part:
    hit = fields["HEAD"] == HIT
    return histograms.summarize(
        fields["FPGA"][hit], fields["TDC_CHANNEL"][hit], fields["ORBIT_CNT"][hit]
    )


def _row(
    records: int, newest: int, part: histograms.Part, malformed: list[pyarrow.RecordBatch]
) -> pyarrow.RecordBatch:
    places = pyarrow.Table.from_batches(malformed)
    return pyarrow.RecordBatch.from_pydict(
        {
            "records": [records],
            "newest": [newest],
            "total": [part.total],
            "counts": [part.counts],
            "channels": [part.channels.ravel()],
            "pair_chambers": [part.pairs.chamber.tobytes()],
            "pair_channels": [part.pairs.channel.tobytes()],
            "pair_orbits": [part.pairs.orbit.tobytes()],
            "malformed_partitions": [places["partition"].to_numpy()],
            "malformed_offsets": [places["offset"].to_numpy()],
        },
        schema=_ARROW,
    )


_ARROW = pyarrow.schema(
    [
        ("records", pyarrow.int64()),
        ("newest", pyarrow.int64()),
        ("total", pyarrow.int64()),
        ("counts", pyarrow.list_(pyarrow.int64())),
        ("channels", pyarrow.list_(pyarrow.int64())),
        ("pair_chambers", pyarrow.binary()),
        ("pair_channels", pyarrow.binary()),
        ("pair_orbits", pyarrow.binary()),
        ("malformed_partitions", pyarrow.list_(pyarrow.int32())),
        ("malformed_offsets", pyarrow.list_(pyarrow.int64())),
    ]
)


def add(rows: list[Row]) -> histograms.Part:
    """The whole batch, from summarize()'s rows."""
    shape = histograms.EMPTY.channels.shape
    return histograms.add(
        [
            histograms.Part(
                total=row.total,
                counts=np.array(row.counts, dtype=np.int64),
                channels=np.array(row.channels, dtype=np.int64).reshape(shape),
                pairs=histograms.Pairs(
                    chamber=np.frombuffer(row.pair_chambers, np.int8),
                    channel=np.frombuffer(row.pair_channels, np.int32),
                    orbit=np.frombuffer(row.pair_orbits, np.float64),
                ),
            )
            for row in rows
        ]
    )


def originals(raw: DataFrame, rows: list[Row]) -> DataFrame:
    """The malformed records that summarize() found, as dead_letters.send takes them."""
    places = [
        place for row in rows for place in zip(row.malformed_partitions, row.malformed_offsets)
    ]
    found = raw.sparkSession.createDataFrame(places, "partition int, offset bigint")
    wrong = raw.join(f.broadcast(found), ["partition", "offset"], "left_semi")
    return wrong.select(f.struct(*source.ORIGINAL).alias("original"))


def queries(spark: SparkSession, given: argparse.Namespace) -> list[runner.Query]:
    """The one query of the job."""
    schema = schemas.load("detector")
    letters = arguments.letters(given, schema)
    properties = dict(given.kafka_property)
    publisher = kafka.Publisher(given.bootstrap_servers, properties)

    def process(batch: runner.Batch) -> runner.Result:
        rows = summarize(batch.frame)
        records = sum(row.records for row in rows)
        malformed = sum(len(row.malformed_offsets) for row in rows)
        if malformed:
            dead_letters.send(
                originals(batch.frame, rows),
                schema,
                given.bootstrap_servers,
                letters.topic,
                properties,
            )
        part = add(rows)
        if records > malformed:
            newest = max(row.newest for row in rows)
            record = histograms.make_record(part, newest / 1000)
            publish(batch.spark, publisher, given.results_topic, batch.number, record)
        return runner.Result({"records": records, "malformed": malformed, "hits": part.total})

    frame = source.read(spark, arguments.kafka_source(given))
    return [runner.Query("detector", frame, process)]


def publish(
    spark: SparkSession,
    publisher: kafka.Publisher,
    topic: str,
    number: int,
    record: dict[str, object],
) -> None:
    """Writes `record` under the batch's `number`; returns when Kafka has it."""
    text = json.dumps(record, separators=(",", ":"), allow_nan=False)
    publisher.send(spark, topic, [(str(number), text)])


def main(argv: list[str] | None = None) -> int:
    """The program; returns its exit status."""
    parser = arguments.parser(
        "detector",
        "Experiment_measurements",
        "Publishes each batch's histograms of a detector's hits.",
        trigger=1.0,
    )
    group = parser.add_argument_group("results")
    group.add_argument("--results-topic", default="results", help="where the histograms go")
    given = parser.parse_args(argv)
    return arguments.run("detector", given, queries, PROPERTIES)


if __name__ == "__main__":
    sys.exit(main())
