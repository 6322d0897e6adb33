"""The sinks that need no engine."""

from __future__ import annotations

import pathlib

import pytest
from kafka_bridge_analytics import transient
from kafka_bridge_analytics.sinks import console, csv, kafka
from pyspark.sql import SparkSession


def test_a_batch_is_a_file_and_comes_again_as_the_same(tmp_path: pathlib.Path) -> None:
    rows = [(1, "a,b", None), (2, 'say "x"', 0.1)]
    path = csv.write(tmp_path / "new", 7, ("id", "text", "value"), rows)
    assert path.name == "batch-00000007.csv"
    wanted = 'id,text,value\n1,"a,b",\n2,"say ""x""",0.1\n'
    assert path.read_text() == wanted
    csv.write(tmp_path / "new", 7, ("id", "text", "value"), rows)
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    assert path.read_text() == wanted


def test_half_a_batch_is_no_file(tmp_path: pathlib.Path) -> None:
    def rows() -> object:
        yield (1,)
        raise KeyError("broken")

    with pytest.raises(KeyError):
        csv.write(tmp_path, 0, ("id",), rows())
    assert list(tmp_path.glob("*.csv")) == []


def test_a_table_has_aligned_columns() -> None:
    text = console.table(("word", "count"), [("go", 10), ("a\nb", 9)])
    assert text.split("\n") == ["word  count", "----  -----", "go       10", "a?b       9"]
    assert console.table(("word", "count"), []).split("\n")[0] == "word  count"


def test_what_is_acknowledged_is_in_every_replica() -> None:
    found = kafka.options("host:9092", {"security.protocol": "SSL", "acks": "1"})
    assert found["kafka.bootstrap.servers"] == "host:9092"
    assert found["kafka.security.protocol"] == "SSL"
    assert found["kafka.acks"] == "1"
    assert kafka.options("host:9092", {})["kafka.acks"] == "all"


def test_publishing_to_a_broker_that_is_away_may_succeed_later(spark: SparkSession) -> None:
    publisher = kafka.Publisher("127.0.0.1:9", {"max.block.ms": "200"})
    for _ in range(2):
        with pytest.raises(Exception) as failure:
            publisher.send(spark, "results", [("0", "{}")])
        assert transient.is_transient(failure.value)
        said = transient.summary(failure.value)
        assert said.startswith("java.") and "200 ms" in said
