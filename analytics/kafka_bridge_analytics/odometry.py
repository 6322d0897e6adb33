"""odometry: Kafka topic `odometry` → Cassandra table `ros.odometry`, by primary key `id`.

`{"id":0,"posex":0.0,"posey":0.0,"posez":0.0,"orientx":0.03372,"orienty":0.06719,"orientz":-0.08519,
"orientw":0.99352}`: positions in metres, orientation a unit quaternion. A row that comes again is
the same row.
"""

from __future__ import annotations

import argparse
import sys

from pyspark.sql import SparkSession

from . import arguments, runner, schemas
from .sinks import cassandra


def queries(spark: SparkSession, given: argparse.Namespace) -> list[runner.Query]:
    """The one query of the job."""
    schema = schemas.load("odometry")

    def process(batch: runner.Batch) -> runner.Result:
        cassandra.append(batch.rows(), given.keyspace, given.table)
        counts = batch.counts()
        return runner.Result({"written": counts["records"] - counts["malformed"]})

    frame = arguments.records(spark, given, schema)
    return [runner.Query("odometry", frame, process, arguments.letters(given, schema))]


def main(argv: list[str] | None = None) -> int:
    """The program; returns its exit status."""
    parser = arguments.parser("odometry", "odometry", "Writes a robot's odometry into Cassandra.")
    group = parser.add_argument_group("Cassandra")
    group.add_argument(
        "--cassandra", metavar="HOST:PORT", default="localhost:9042", help="where it serves CQL"
    )
    group.add_argument("--keyspace", default="ros", help="see deploy/cassandra/ros.cql")
    group.add_argument("--table", default="odometry", help="likewise")
    given = parser.parse_args(argv)
    return arguments.run("odometry", given, queries, cassandra.properties(given.cassandra))


if __name__ == "__main__":
    sys.exit(main())
