"""Words and their counts."""

from __future__ import annotations

import collections
import datetime
import json

from kafka_bridge_analytics import word_totals, words
from pyspark.sql import SparkSession
from pyspark.sql import functions as f

LINES = ['[{"t":1.5,"h":40}]', "go:go::stop", "", "a.b|c:a.b|c", ":"]
TIME = datetime.datetime(2026, 11, 21, 14, 0, 0, 500000)


def independent(separator: str) -> dict[str, int]:
    return dict(collections.Counter(w for line in LINES for w in line.split(separator) if w))


def test_words_stand_between_separators(spark: SparkSession) -> None:
    texts = spark.createDataFrame([(line,) for line in LINES], "text string")
    for separator in (":", ".", "|"):
        rows = words.count(words.split(texts, separator)).collect()
        assert {row["word"]: row["count"] for row in rows} == independent(separator)


def test_only_the_newest_batchs_words_are_published(spark: SparkSession) -> None:
    later = TIME + datetime.timedelta(seconds=1)
    counts = spark.createDataFrame(
        [("go", 3, later), ("stop", 1, TIME), ("on", 1, later)],
        "word string, count long, changed timestamp",
    )
    rows = words.changed(counts).collect()
    found = {row["key"]: json.loads(row["value"]) for row in rows}
    assert found == {"go": {"word": "go", "count": 3}, "on": {"word": "on", "count": 1}}


def test_the_total_is_by_sql(spark: SparkSession) -> None:
    rows = [(line,) for line in ("go go stop", "  go ")]
    texts = spark.createDataFrame(rows, "text string")
    texts = texts.withColumn("batch_time", f.lit(TIME))
    counts = word_totals.count(texts, " ")
    assert word_totals.total_of(counts) == 4
    assert spark.table("words").columns == ["word", "cnt"]
    assert {row.word: row.cnt for row in counts.collect()} == {"go": 3, "stop": 1}
    assert word_totals.total_of(counts.where("false")) is None


def test_the_record_is_as_agreed() -> None:
    assert word_totals.record(7, 1795252710.5, 3, [("gö", 2), ('"', 1)]) == (
        '{"batch":7,"time":1795252710.5,"total":3,'
        '"words":[{"word":"gö","count":2},{"word":"\\"","count":1}]}'
    )
