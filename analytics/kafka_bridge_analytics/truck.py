"""truck: Kafka topic `truck` → MySQL, CSV files, the console and `truck-correlations`; and
`phone-orientation` → MySQL.

`{"id":0,"timestamp":1795252710.5,"distance_covered":0.03,"engine_speed":79.54,"fuel_consumed":0.0}`
becomes a row each of TRUCK_PARAMETER_MAP, TRUCK_DISTANCE_CORRELATION and
TRUCK_ENGINE_SPEED_CORRELATION. How the running correlation stays exact over crashes: see drive.
`{"id":0,"time":1795252710.5,"qz":0.0,"qy":0.0,"qx":0.0,"qw":1.0}` becomes a row of
INGESTED_TABLE_1. The tables are in deploy/mysql/kafka_db.sql.

Each batch that has points is one CSV file, its newest points on the console, and one record, of its
newest point, on `truck-correlations`: `{"id":250,"time_elapsed":1.0,"distance_covered":0.03,
"engine_speed":79.54,"distance_correlation":0.98,"engine_speed_correlation":null,"count":251}`, null
where a correlation is not defined.
"""

from __future__ import annotations

import argparse
import json
import os
import pathlib
import sys

from pyspark.sql import SparkSession

from . import arguments, drive, orientation, runner, schemas
from .correlation import Running
from .sinks import console, csv, kafka, mysql

# What MySQL's columns hold: FLOAT, and DATETIME from 1970 on.
FLOAT = (-3.4e38, 3.4e38)
TIME = (0.0, 253402300799.0)
TRUCK_RANGES = {
    "timestamp": TIME,
    "distance_covered": FLOAT,
    "engine_speed": FLOAT,
    "fuel_consumed": FLOAT,
}
ORIENTATION_RANGES = {"time": TIME, "qz": FLOAT, "qy": FLOAT, "qx": FLOAT, "qw": FLOAT}

# A batch's rows are worked on in the driver.
MAX_RECORDS = 50_000


def correlation_record(newest: Running) -> str:
    """The JSON of a drive's newest point, compact."""
    members = {
        "id": newest.last_id,
        "time_elapsed": newest.last_elapsed,
        "distance_covered": newest.last_distance,
        "engine_speed": newest.last_engine_speed,
        "distance_correlation": newest.distance_correlation,
        "engine_speed_correlation": newest.engine_speed_correlation,
        "count": newest.count,
    }
    return json.dumps(members, separators=(",", ":"))


def truck_query(
    spark: SparkSession, given: argparse.Namespace, address: mysql.Address
) -> runner.Query:
    """The truck's points."""
    schema = schemas.bounded(schemas.load("truck"), TRUCK_RANGES)
    database = mysql.Database(address)
    publisher = kafka.Publisher(given.bootstrap_servers, dict(given.kafka_property))

    def process(batch: runner.Batch) -> runner.Result:
        columns = batch.rows().select(*drive.Record._fields)
        records = [drive.Record(*row) for row in columns.collect()]
        if not records:
            return runner.Result({"written": 0})
        taken = drive.take(database, records)
        if given.csv is not None:
            csv.write(given.csv, batch.number, drive.Point._fields, taken.points)
        if given.rows:
            newest = taken.points[-given.rows :]
            console.say(console.table(drive.Point._fields, newest))
        if given.output_topic:
            record = correlation_record(taken.drive)
            publisher.send(batch.spark, given.output_topic, [("truck", record)])
        known = len(records) - taken.new
        return runner.Result({"written": taken.new}, "%d known already" % known if known else "")

    frame = arguments.records(spark, given, schema)
    return runner.Query("truck", frame, process, arguments.letters(given, schema))


def orientation_query(
    spark: SparkSession, given: argparse.Namespace, address: mysql.Address
) -> runner.Query:
    """The phone's orientation."""
    schema = schemas.bounded(schemas.load("phone_orientation"), ORIENTATION_RANGES)
    topic = given.orientation_topic
    database = mysql.Database(address)

    def process(batch: runner.Batch) -> runner.Result:
        columns = batch.rows().select(*orientation.Record._fields)
        records = [orientation.Record(*row) for row in columns.collect()]
        unknown = orientation.take(database, records) if records else 0
        note = "%d without orientation" % unknown if unknown else ""
        return runner.Result({"written": len(records)}, note)

    frame = arguments.records(spark, given, schema, topic)
    return runner.Query("orientation", frame, process, arguments.letters(given, schema, topic))


def mysql_address(given: argparse.Namespace) -> mysql.Address:
    """Where MySQL is, as the arguments, their option file and the environment have it."""
    host, _, port = (given.mysql or "").partition(":")
    return mysql.Address(
        host=host or None,
        port=int(port or 0),
        user=given.mysql_user,
        password=os.environ.get("KAFKA_BRIDGE_MYSQL_PASSWORD", ""),
        database=given.database,
        defaults_file=given.mysql_defaults,
    )


def queries(spark: SparkSession, given: argparse.Namespace) -> list[runner.Query]:
    """The truck's query and, unless its topic is '', the phone's."""
    address = mysql_address(given)
    chosen = [truck_query(spark, given, address)]
    if given.orientation_topic:
        chosen.append(orientation_query(spark, given, address))
    return chosen


def _file(text: str) -> str:
    # PyMySQL passes over a file that is not there.
    if not os.access(text, os.R_OK):
        raise argparse.ArgumentTypeError("%s is not there or cannot be read" % text)
    return text


def main(argv: list[str] | None = None) -> int:
    """The program; returns its exit status."""
    parser = arguments.parser(
        "truck",
        "truck",
        "Writes a truck's points, and how they go with time, into MySQL, CSV files and Kafka.",
        max_records=MAX_RECORDS,
    )
    group = parser.add_argument_group("truck")
    group.add_argument(
        "--orientation-topic",
        metavar="TOPIC",
        default="phone-orientation",
        help="a phone's orientation, with dead letters of its own; '': not read",
    )
    group.add_argument(
        "--output-topic",
        metavar="TOPIC",
        default="truck-correlations",
        help="of the correlations; '': none",
    )
    group.add_argument(
        "--csv", metavar="DIRECTORY", type=pathlib.Path, help="write a file a batch (default: none)"
    )
    group.add_argument(
        "--rows", metavar="N", type=int, default=3, help="newest points on the console; 0: none"
    )
    group = parser.add_argument_group("MySQL (the password is in KAFKA_BRIDGE_MYSQL_PASSWORD)")
    group.add_argument(
        "--mysql-defaults",
        metavar="FILE",
        type=_file,
        help="an option file with a section client: host, port, user, password",
    )
    group.add_argument(
        "--mysql", metavar="HOST:PORT", help="where it serves (default: 127.0.0.1:3306)"
    )
    group.add_argument(
        "--mysql-user", metavar="NAME", help="as whom (default: this process's user)"
    )
    group.add_argument("--database", default="KAFKA_DB", help="see deploy/mysql/kafka_db.sql")
    return arguments.run("truck", parser.parse_args(argv), queries)


if __name__ == "__main__":
    sys.exit(main())
