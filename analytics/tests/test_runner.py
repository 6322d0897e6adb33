"""Batches, accounts, trouble and ends, on a stream of files in the place of Kafka's."""

from __future__ import annotations

import pathlib
import threading
import time
from typing import Callable

import pymysql
import pytest
from kafka_bridge_analytics import dead_letters, runner, source, transient
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as f
from test_source import RAW, SCHEMA

RIGHT = '{"id":%d,"x":0.5,"y":1.0}'


def stream(spark: SparkSession, directory: pathlib.Path) -> DataFrame:
    """Lines of files in `directory`, a file a batch, as Kafka's columns."""
    schema = spark.createDataFrame([], RAW).schema
    lines = spark.readStream.option("maxFilesPerTrigger", 1).text(str(directory))
    columns = [f.lit(None).cast(field.dataType).alias(field.name) for field in schema.fields]
    raw = lines.select(f.encode("value", "UTF-8").alias("bytes"), *columns)
    return source.records(raw.drop("value").withColumnRenamed("bytes", "value"), SCHEMA)


def put(directory: pathlib.Path, name: str, *lines: str) -> None:
    directory.mkdir(exist_ok=True)
    (directory / ("." + name)).write_text("\n".join(lines) + "\n")
    (directory / ("." + name)).rename(directory / name)


def wait_until(found: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60
    while not found():
        assert time.monotonic() < deadline, "waited for a minute"
        time.sleep(0.05)


LETTERS = runner.Letters(SCHEMA, "t.dead_letter", "nowhere:1", {})


def test_rows_letters_and_accounts(
    spark: SparkSession, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    put(tmp_path / "in", "1", RIGHT % 1, "broken", RIGHT % 2)
    seen: list[int] = []
    sent: list[str] = []

    def send(batch: DataFrame, schema: object, servers: str, topic: str, _: object) -> None:
        values = dead_letters.letters(batch.where("original is not null"), SCHEMA, topic)
        sent.extend(row.topic for row in values.collect())

    def process(batch: runner.Batch) -> runner.Result:
        seen.extend(row.id for row in batch.rows().collect())
        return runner.Result({"written": len(seen)})

    monkeypatch.setattr(dead_letters, "send", send)
    query = runner.Query("q", stream(spark, tmp_path / "in"), process, LETTERS)
    plan = runner.Plan(tmp_path / "checkpoint", available_now=True)
    assert runner.Job("test", plan).run([query]) == 0
    assert seen == [1, 2]
    assert sent == ["t.dead_letter"]
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("test: running, checkpoint ")
    assert lines[1].startswith("test: batch 0: 3 records, 1 malformed, 2 written, ")
    assert lines[2] == "test: ended after 1 batches: 3 records, 1 malformed, 2 written"
    # Another start goes on behind what is done.
    assert runner.Job("test", plan).run([query]) == 0
    assert seen == [1, 2]


def test_a_batch_waits_for_its_engine(
    spark: SparkSession, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    monkeypatch.setattr(runner, "RETRY_SECONDS", 0.01)
    put(tmp_path / "in", "1", RIGHT % 1)
    tries: list[int] = []

    def process(batch: runner.Batch) -> runner.Result:
        batch.rows().collect()
        tries.append(batch.number)
        if len(tries) < 3:
            raise pymysql.err.OperationalError(2003, "Can't connect to MySQL server")
        return runner.Result({"written": 1})

    query = runner.Query("q", stream(spark, tmp_path / "in"), process)
    plan = runner.Plan(tmp_path / "checkpoint", available_now=True)
    assert runner.Job("test", plan).run([query]) == 0
    assert tries == [0, 0, 0]
    lines = capsys.readouterr().out
    assert lines.count("batch 0 is tried again: (2003, ") == 1
    assert "test: goes on\n" in lines


def test_another_failure_ends_the_job_and_the_batch_comes_again(
    spark: SparkSession, tmp_path: pathlib.Path, capsys
) -> None:
    put(tmp_path / "in", "1", RIGHT % 1)
    seen: list[int] = []

    def process(batch: runner.Batch) -> runner.Result:
        seen.extend(row.id for row in batch.rows().collect())
        if len(seen) == 1:
            raise KeyError("no such column")
        return runner.Result({"written": 1})

    query = runner.Query("q", stream(spark, tmp_path / "in"), process)
    plan = runner.Plan(tmp_path / "checkpoint", available_now=True)
    assert runner.Job("test", plan).run([query]) == 1
    assert "failed: " in capsys.readouterr().out
    assert runner.Job("test", plan).run([query]) == 0
    assert seen == [1, 1]


def test_it_ends_after_the_batch_under_way(spark: SparkSession, tmp_path: pathlib.Path) -> None:
    put(tmp_path / "in", "1", RIGHT % 1)
    plan = runner.Plan(tmp_path / "checkpoint")
    begun, seen = threading.Event(), []
    job = runner.Job("test", plan)

    def process(batch: runner.Batch) -> runner.Result:
        begun.set()
        wait_until(job.is_ending)
        seen.extend(row.id for row in batch.rows().collect())
        return runner.Result({"written": 1})

    query = runner.Query("q", stream(spark, tmp_path / "in"), process)
    ended: list[int] = []
    thread = threading.Thread(target=lambda: ended.append(job.run([query])))
    thread.start()
    assert begun.wait(60)
    job.end()
    thread.join(60)
    assert ended == [0]
    assert seen == [1]
    # It was noted as done: it does not come again.
    put(tmp_path / "in", "2", RIGHT % 2)
    now = runner.Plan(plan.checkpoint, available_now=True)
    assert runner.Job("test", now).run([query]) == 0
    assert seen == [1, 2]


def test_what_passes_and_what_does_not() -> None:
    passes = "x\n\tCaused by: org.apache.kafka.common.errors.TimeoutException: Call timed out"
    assert transient.is_transient(RuntimeError(passes))
    assert transient.summary(RuntimeError(passes)).startswith("org.apache.kafka.common")
    assert not transient.is_transient(
        RuntimeError("org.apache.kafka.common.errors.RecordTooLargeException: 2 MB")
    )
    assert transient.is_transient(pymysql.err.OperationalError(2013, "Lost connection"))
    assert not transient.is_transient(pymysql.err.ProgrammingError(1146, "no such table"))
    assert not transient.is_transient(pymysql.err.DataError(1264, "out of range"))
