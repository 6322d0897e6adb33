"""The detector's histograms, beside an independent computation of the same."""

from __future__ import annotations

import argparse
import datetime
import json
import pathlib

import numpy as np
import pyarrow
import pytest
from kafka_bridge_analytics import columns, detector, faults, histograms, runner, schemas
from pyspark.sql import DataFrame, SparkSession
from reference_histograms import expected

SCHEMA = schemas.load("detector")
RAW = (
    "key binary, value binary, topic string, partition int, offset long, timestamp timestamp, "
    "headers array<struct<key: string, value: binary>>"
)
STAMP = datetime.datetime(2026, 11, 21, 14, 0, tzinfo=datetime.timezone.utc)


def hit(head: int = 2, fpga: int = 0, channel: int = 0, orbit: float = 6e5) -> bytes:
    """A record as the bridge writes it."""
    text = '{"HEAD":%d,"FPGA":%d,"TDC_CHANNEL":%d,"ORBIT_CNT":%r,"BX_COUNTER":7,"TDC_MEAS":1.0}'
    return (text % (head, fpga, channel, orbit)).encode()


def many(count: int, seed: int) -> list[bytes]:
    """Hits and noise, all chambers and none, values on edges and outside, and pairs that repeat."""
    random = np.random.default_rng(seed)
    channels = np.append(np.arange(128), [-1, 128, 165, 166, 1000])
    orbits = np.append(
        random.uniform(5e5, 1.05e7, 200), [0, 599999.5, 6e5, 1.1e6, 9.6e6, 9600000.5, 1e7]
    )
    return [
        hit(head, fpga, channel, float(orbit))
        for head, fpga, channel, orbit in zip(
            random.choice([0, 1, 2, 2, 2, 2, 3], count),
            random.choice([0, 0, 1, 1, 2, -1], count),
            random.choice(channels, count),
            random.choice(orbits, count),
        )
    ]


def kafka_rows(spark: SparkSession, values: list[bytes | None]) -> DataFrame:
    """`values` as Kafka's columns, offsets from 0, a millisecond apart, in two tasks."""
    rows = [
        (b"0", value, "hits", 0, i, STAMP + datetime.timedelta(milliseconds=i), [])
        for i, value in enumerate(values)
    ]
    return spark.createDataFrame(rows, RAW).repartition(2, "offset")


def without_index(record: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in record.items() if name != "Index"}


def test_the_edges_are_the_contract_s() -> None:
    record = histograms.make_record(histograms.EMPTY, 1.5)
    assert record["Index"] == 1.5 and record["Total Count"] == 0
    for chamber in range(1, 5):
        one = record["Chamber_%d" % chamber]
        assert one["Hist_1"]["Bins"] == list(range(0, 166, 5))
        assert one["Hist_2"]["Bins"][:2] == [6e5, 1.1e6] and one["Hist_2"]["Bins"][-1] == 9.6e6
        assert (one["Count"], one["Hist_1"]["Counts"], one["Hist_2"]["Counts"]) == (
            0,
            [0] * 33,
            [0] * 18,
        )


def test_a_bin_holds_its_lower_edge_and_the_last_both() -> None:
    edges = np.array([0, 5, 10])
    found = histograms.find_bins(edges, np.array([-1, 0, 4, 5, 9, 10, 11]))
    assert found.tolist() == [-1, 0, 0, 1, 1, 1, -1]


def test_chambers() -> None:
    board = np.array([0, 0, 0, 1, 1, 2, -1])
    channel = np.array([0, 63, 64, 63, 127, 0, 127])
    assert histograms.find_chambers(board, channel).tolist() == [0, 0, 1, 2, 3, -1, -1]


def test_a_pair_counts_once_however_it_is_divided(spark: SparkSession) -> None:
    values = [hit(channel=3, orbit=7e5)] * 50 + [hit(channel=4, orbit=7e5), hit(fpga=1, orbit=7e5)]
    record = histograms.make_record(detector.add(detector.summarize(kafka_rows(spark, values))), 0)
    assert record["Chamber_1"]["Count"] == 51
    assert record["Chamber_1"]["Hist_1"]["Counts"][0] == 51
    assert record["Chamber_1"]["Hist_2"]["Counts"][0] == 2
    assert record["Chamber_3"]["Hist_2"]["Counts"][0] == 1


@pytest.mark.parametrize("count", [1, 100, 40_000])
def test_equals_an_independent_computation(spark: SparkSession, count: int) -> None:
    values = many(count, seed=count)
    rows = detector.summarize(kafka_rows(spark, values))
    assert sum(row.records for row in rows) == count
    assert not any(row.malformed_offsets for row in rows)
    assert without_index(histograms.make_record(detector.add(rows), 0)) == expected(values)


WRONG = [
    None,
    b"",
    b"{}",
    b"hello",
    hit() + b"x",
    hit() + hit(),
    hit()[:-1],
    hit().replace(b"600000.0", b"NaN"),
    hit().replace(b"600000.0", b"1e400"),
    hit().replace(b"600000.0", b'"600000.0"'),
    hit().replace(b"600000.0", b"null"),
    hit().replace(b'"HEAD":2', b'"HEAD":2.0'),
    hit().replace(b'"HEAD":2', b'"HEAD":"2"'),
    hit().replace(b'"HEAD":2', b'"HEAD":2147483648'),
    hit().replace(b'"HEAD":2', b'"HEAD":2,"HEAD":2'),
    hit().replace(b'"HEAD":2', b'"HEAD":2,"note":"\xff"'),
    hit().replace(b',"BX_COUNTER":7', b""),
]
UNUSUAL = [
    b" " + hit() + b"\n",
    hit().replace(b",", b",\n"),
    hit().replace(b'"HEAD":2', b'"HEAD":2,"more":[{"HEAD":3}]'),
    hit().replace(b"600000.0", b"600000"),
    hit().replace(b"HEAD", b"H\\u0045AD"),
]


@pytest.mark.parametrize("value", WRONG)
def test_wrong_records_are_malformed(value: bytes | None) -> None:
    found = columns.read(pyarrow.array([hit(), value, hit()], pyarrow.binary()), SCHEMA)
    assert found.malformed.tolist() == [1]
    assert found.fields["HEAD"].tolist() == [2, 2]
    assert "Spark" not in faults.find(value, SCHEMA).text


@pytest.mark.parametrize("value", UNUSUAL)
def test_unusual_records_are_taken(value: bytes) -> None:
    found = columns.read(pyarrow.array([value], pyarrow.binary()), SCHEMA)
    assert found.malformed.tolist() == []
    assert (found.fields["HEAD"].tolist(), found.fields["ORBIT_CNT"].tolist()) == ([2], [6e5])


def test_records_that_make_up_for_each_other_are_not_taken() -> None:
    """Two in one value, an empty one; an object over two values."""
    whole = hit()
    for values in ([whole + whole, b" "], [whole + whole, whole[:20], whole[20:]]):
        found = columns.read(pyarrow.array(values, pyarrow.binary()), SCHEMA)
        assert found.malformed.tolist() == list(range(len(values)))


def test_order_is_kept_through_blocks() -> None:
    values = [hit(channel=i % 128, orbit=1e6 + i) for i in range(3 * columns.SMALL_BLOCK)]
    values[columns.SMALL_BLOCK + 5] = b"broken"
    found = columns.read(pyarrow.array(values, pyarrow.binary()), SCHEMA)
    assert found.malformed.tolist() == [columns.SMALL_BLOCK + 5]
    right = [i for i in range(len(values)) if i != columns.SMALL_BLOCK + 5]
    assert found.fields["ORBIT_CNT"].tolist() == [1e6 + i for i in right]


class Sent:
    """Stands in for Kafka: what the job would have written."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.results: list[tuple[str, dict[str, object]]] = []
        self.letters: list[bytes] = []
        monkeypatch.setattr(detector.kafka.Publisher, "send", self._result)
        monkeypatch.setattr(detector.dead_letters, "send", self._letters)

    def _result(self, _spark: SparkSession, topic: str, records: list[tuple[str, str]]) -> None:
        ((key, value),) = records
        assert topic == "results"
        self.results.append((key, json.loads(value, parse_constant=pytest.fail)))

    def _letters(self, batch: DataFrame, *_: object) -> None:
        self.letters += [bytes(row.original.value) for row in batch.collect()]


def process(spark: SparkSession, values: list[bytes | None], number: int) -> runner.Result:
    given = argparse.Namespace(
        bootstrap_servers="127.0.0.1:9",
        topic="hits",
        dead_letter_topic=None,
        results_topic="results",
        starting_offsets="earliest",
        max_records=10,
        on_data_loss="stop",
        kafka_property=[],
        checkpoint=pathlib.Path("/nonexistent"),
    )
    (query,) = detector.queries(spark, given)
    return query.process(runner.Batch(kafka_rows(spark, values), number))


def test_a_batch_and_the_same_again(spark: SparkSession, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = Sent(monkeypatch)
    values = many(500, seed=3)
    mixed = [*values[:200], b"broken", *values[200:], b"{" + b" " * detector.LONGEST + b"}"]
    result = process(spark, mixed, 7)
    assert result.counts == {
        "records": 502,
        "malformed": 2,
        "hits": expected(values)["Total Count"],
    }
    assert sorted(sent.letters) == sorted([mixed[200], mixed[-1]])
    ((key, record),) = sent.results
    assert key == "7"
    assert record["Index"] == pytest.approx(STAMP.timestamp() + 0.501)
    assert without_index(record) == expected(values)
    process(spark, mixed, 7)
    assert sent.results[1] == sent.results[0]


def test_nothing_is_published_of_nothing(
    spark: SparkSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = Sent(monkeypatch)
    assert process(spark, [], 0).counts == {"records": 0, "malformed": 0, "hits": 0}
    assert process(spark, [b"broken"], 1).counts == {"records": 1, "malformed": 1, "hits": 0}
    assert sent.results == []
    assert process(spark, [hit(head=1)], 2).counts == {"records": 1, "malformed": 0, "hits": 0}
    ((key, record),) = sent.results
    assert (key, record["Total Count"]) == ("2", 0)
