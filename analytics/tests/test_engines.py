"""The jobs that write tables, on their real engines: records that are malformed or come twice, and
a kill in between. The tests of the whole pipelines kill each part."""

from __future__ import annotations

import configparser
import csv
import json
import pathlib
import random
import time
from typing import Iterator

import numpy
import pymysql
import pytest
from engines import ROOT, Job, Kafka, script, wait_until
from kafka_bridge_analytics import session
from kafka_bridge_analytics.sinks import cassandra

pytestmark = pytest.mark.engines


@pytest.fixture(scope="module")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kafka]:
    broker = Kafka(tmp_path_factory.mktemp("kafka"))
    yield broker
    broker.stop()


@pytest.fixture(scope="module")
def mariadb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[pathlib.Path]:
    """Its directory, with client.cnf."""
    directory = tmp_path_factory.mktemp("mariadb")
    schema = str(ROOT / "deploy" / "mysql" / "kafka_db.sql")
    script("engine", "mariadb", "start", "--dir", str(directory), "--schema", schema)
    yield directory
    script("engine", "mariadb", "stop", "--dir", str(directory))


@pytest.fixture(scope="module")
def cassandra_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    directory = str(tmp_path_factory.mktemp("cassandra"))
    schema = str(ROOT / "deploy" / "cassandra" / "ros.cql")
    out = script("engine", "cassandra", "start", "--dir", directory, "--schema", schema)
    yield out.splitlines()[-1]
    script("engine", "cassandra", "stop", "--dir", directory)


@pytest.fixture(autouse=True)
def no_job_is_left() -> Iterator[None]:
    """Also where a test fails."""
    yield
    while Job.alive:
        job = Job.alive.pop()
        if job.is_running():
            job.kill()


def sql(directory: pathlib.Path, statement: str) -> list[tuple]:
    options = configparser.ConfigParser()
    options.read(directory / "client.cnf")
    client = options["client"]
    connection = pymysql.connect(
        host=client["host"],
        port=int(client["port"]),
        user=client["user"],
        password=client["password"],
        database="KAFKA_DB",
    )
    with connection, connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())


def feed_and_kill(kafka: Kafka, job: Job, topic: str, values: list[str], kills: int) -> None:
    """Sends `values` in parts, and kills the job in the middle of them, at whatever it does."""
    noise = random.Random(5)
    size = -(-len(values) // (kills + 1))
    job.wait_until_it_said("running")
    for begin in range(0, len(values), size):
        kafka.send(topic, values[begin : begin + size])
        if begin + size < len(values):
            job.wait_until_it_said("batch ")
            kafka.send(topic, [])
            time.sleep(noise.uniform(0, 1))
            job.kill()
            job.start()


def test_odometry(kafka: Kafka, cassandra_address: str, tmp_path: pathlib.Path) -> None:
    names = ("posex", "posey", "posez", "orientx", "orienty", "orientz", "orientw")
    rows = [
        {"id": i, **{n: round(i * 0.01 + k, 5) for k, n in enumerate(names)}} for i in range(5000)
    ]
    values = [json.dumps(row) for row in rows]
    values.insert(1000, '{"id":77,"posex":"far"}')
    kafka.send("odometry", values[:10])
    job = Job(
        tmp_path,
        "odometry",
        *("--bootstrap-servers", kafka.address, "--cassandra", cassandra_address),
        *("--max-records", "500"),
    )
    feed_and_kill(kafka, job, "odometry", values[10:], 1)
    kafka.send("odometry", values[:3])  # the same again: rows that are there
    spark = session.create("odometry test", properties=cassandra.properties(cassandra_address))
    try:
        table = spark.read.format("org.apache.spark.sql.cassandra")
        table = table.options(keyspace="ros", table="odometry")
        wait_until(lambda: table.load().count() >= len(rows), "all rows were there")
        found = {row.id: row for row in table.load().collect()}
    finally:
        spark.stop()
    job.wait_until_it_said("batch ")
    assert job.end() == 0
    assert len(found) == len(rows)
    for row in rows:
        wanted = [float(numpy.float32(row[name])) for name in names]
        assert [found[row["id"]][name] for name in names] == wanted
    letters = [letter for _, letter in kafka.read("odometry.dead_letter")]
    assert {(one["reason"], one["path"], one["offset"]) for one in letters} == {
        ("type", "$.posex", 1000)
    }
    assert ": ended after " in job.said()


def drive_records(count: int) -> list[dict[str, float]]:
    noise = numpy.random.default_rng(11)
    distance = numpy.cumsum(noise.uniform(0, 0.1, count))
    speed = 80 + noise.normal(0, 10, count)
    return [
        {
            "id": i,
            "timestamp": round(1795252710.5 + i * 0.004, 6),
            "distance_covered": round(float(distance[i]), 2),
            "engine_speed": round(float(speed[i]), 2),
            "fuel_consumed": round(i * 1e-5, 6),
        }
        for i in range(count)
    ]


def running_correlation(times: numpy.ndarray, values: numpy.ndarray) -> numpy.ndarray:
    """numpy's, over the first two, three … points."""
    found = [numpy.corrcoef(times[:n], values[:n])[0, 1] for n in range(2, len(times) + 1)]
    return numpy.array(found)


def test_truck(kafka: Kafka, mariadb: pathlib.Path, tmp_path: pathlib.Path) -> None:
    rows = drive_records(6000)
    values = [json.dumps(row) for row in rows]
    orientation = [
        json.dumps({"id": i, "time": 1795252710.5 + i, "qz": 0.6, "qy": 0, "qx": 0, "qw": 0.8})
        for i in range(100)
    ]
    kafka.send("truck", values[:10])
    kafka.send("phone-orientation", orientation)
    files = tmp_path / "csv"
    job = Job(
        tmp_path,
        "truck",
        *("--bootstrap-servers", kafka.address, "--csv", str(files)),
        *("--mysql-defaults", str(mariadb / "client.cnf"), "--max-records", "300"),
    )
    feed_and_kill(kafka, job, "truck", values[10:], 1)
    kafka.send("truck", values[:3])  # sent twice
    count = "SELECT COUNT(*) FROM TRUCK_ENGINE_SPEED_CORRELATION"
    wait_until(lambda: sql(mariadb, count)[0][0] >= len(rows), "all rows were there")
    job.wait_until_it_said("known already")
    assert job.end() == 0

    # FLOAT + 0e0: all digits, as a double.
    found = sql(
        mariadb,
        "SELECT id, UNIX_TIMESTAMP(timestamp), distance_covered + 0e0, engine_speed + 0e0, "
        "fuel_consumed + 0e0 FROM TRUCK_PARAMETER_MAP ORDER BY id",
    )
    assert [row[0] for row in found] == [row["id"] for row in rows]
    for names, column in (("distance_covered", 2), ("engine_speed", 3), ("fuel_consumed", 4)):
        wanted = [float(numpy.float32(row[names])) for row in rows]
        assert [row[column] for row in found] == pytest.approx(wanted, rel=1e-9)

    times = numpy.array([row["timestamp"] for row in rows]) - rows[0]["timestamp"]
    state = sql(mariadb, "SELECT count, last_id FROM TRUCK_CORRELATION_STATE")
    assert state == [(len(rows), len(rows) - 1)]
    correlations = {}
    for table, name in (
        ("TRUCK_DISTANCE_CORRELATION", "distance_covered"),
        ("TRUCK_ENGINE_SPEED_CORRELATION", "engine_speed"),
    ):
        its = sql(mariadb, "SELECT id, %s, time_elapsed, correlation FROM %s" % (name, table))
        its.sort()
        assert [row[0] for row in its] == list(range(len(rows)))
        assert [row[1] for row in its] == [row[name] for row in rows]
        assert numpy.allclose([row[2] for row in its], times, rtol=0, atol=1e-9)
        assert its[0][3] is None
        correlations[name] = running_correlation(times, numpy.array([row[name] for row in rows]))
        assert numpy.allclose([row[3] for row in its[1:]], correlations[name], atol=1e-9)

    lines = [line for file in sorted(files.glob("*.csv")) for line in csv.DictReader(open(file))]
    points = {int(line["id"]): line for line in lines}
    assert sorted(points) == list(range(len(rows)))
    # The three that were sent twice are in two files.
    assert len(lines) == len(rows) + 3
    assert not list(files.glob("*.tmp"))
    for i, row in enumerate(rows):
        assert float(points[i]["distance_covered"]) == row["distance_covered"]
        assert float(points[i]["timestamp"]) == row["timestamp"]
    last = kafka.read("truck-correlations")[-1][1]
    assert last["count"] == len(rows)
    assert last["distance_correlation"] == pytest.approx(correlations["distance_covered"][-1])

    phone = sql(mariadb, "SELECT id, stamp, seconds_elapsed, yaw FROM INGESTED_TABLE_1 ORDER BY id")
    assert [row[:3] for row in phone] == [(i, 1795252710.5 + i, i) for i in range(100)]
    assert phone[0][3] == pytest.approx(2 * numpy.arctan2(0.6, 0.8), rel=1e-5)
