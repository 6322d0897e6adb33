"""What is a record and what is not."""

from __future__ import annotations

import datetime
import json

import pytest
from kafka_bridge_analytics import dead_letters, faults, schemas, source
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.types import StructType

SCHEMA = StructType.fromJson(
    {
        "type": "struct",
        "fields": [
            {"name": "id", "type": "integer", "nullable": True, "metadata": {}},
            {"name": "x", "type": "float", "nullable": True, "metadata": {}},
            {"name": "y", "type": "double", "nullable": True, "metadata": {}},
        ],
    }
)
SCHEMA = schemas.bounded(SCHEMA, {"y": (-1.0, 1e300)})
RAW = (
    "key binary, value binary, topic string, partition int, offset long, timestamp timestamp, "
    "headers array<struct<key: string, value: binary>>"
)
STAMP = datetime.datetime(2026, 11, 21, 14, 0, tzinfo=datetime.timezone.utc)

RIGHT = [
    (b'{"id":1,"x":0.5,"y":1e300}', (1, 0.5, 1e300)),
    (b' \n{"y":2,"x":-1,"id":-2147483648} ', (-2147483648, -1.0, 2.0)),
    (b'{"id":1,"x":0,"y":0,"more":{"a":["}"]},"":null}', (1, 0.0, 0.0)),
]
WRONG = [
    (None, "missing", ""),
    (b"", "syntax", "$"),
    (b"hello", "syntax", "$"),
    (b'{"id":1,"x":0.5,"y":1.0', "syntax", "$"),
    (b'{"id":1,"x":0.5,"y":1.0} x', "syntax", "$"),
    (b'{"id":1,"x":0.5,"y":1.0}}', "syntax", "$"),
    (b'{"id":1,"x":0.5,"y":1.0}{"id":2,"x":0.5,"y":1.0}', "syntax", "$"),
    (b'{"id":1,"x":0.5,"y":1.0},{"id":2,"x":0.5,"y":1.0}', "syntax", "$"),
    (b"{'id':1,'x':0.5,'y':1.0}", "syntax", "$"),
    (b'{"id":1,"x":NaN,"y":1.0}', "syntax", "$"),
    (b'{"id":1,"x":"NaN","y":1.0}', "type", "$.x"),
    (b'[{"id":1,"x":0.5,"y":1.0}]', "type", "$"),
    (b"5", "type", "$"),
    (b"null", "type", "$"),
    (b"{}", "missing", "$.id"),
    (b'{"id":1,"y":1.0}', "missing", "$.x"),
    (b'{"id":1,"x":null,"y":1.0}', "type", "$.x"),
    (b'{"id":"1","x":0.5,"y":1.0}', "type", "$.id"),
    (b'{"id":1.5,"x":0.5,"y":1.0}', "type", "$.id"),
    (b'{"id":true,"x":0.5,"y":1.0}', "type", "$.id"),
    (b'{"id":1,"x":[0.5],"y":1.0}', "type", "$.x"),
    (b'{"id":2147483648,"x":0.5,"y":1.0}', "range", "$.id"),
    (b'{"id":1,"x":1e39,"y":1.0}', "range", "$.x"),
    (b'{"id":1,"x":0.5,"y":1e309}', "range", "$.y"),
    (b'{"id":1,"x":0.5,"y":-1.5}', "range", "$.y"),
]


def kafka_rows(spark: SparkSession, values: list[bytes | None]) -> DataFrame:
    """`values` as Kafka's columns, offsets from 0."""
    header = [("ros_topic", bytearray(b"/odom")), ("id", bytearray(b"warty/odometry/1"))]
    rows = [(b"warty", value, "odometry", 0, i, STAMP, header) for i, value in enumerate(values)]
    return spark.createDataFrame(rows, RAW)


def test_right_records_come_with_all_their_fields(spark: SparkSession) -> None:
    rows = source.records(kafka_rows(spark, [value for value, _ in RIGHT]), SCHEMA).collect()
    assert [(row.id, row.x, row.y) for row in rows] == [fields for _, fields in RIGHT]
    assert all(row.original is None for row in rows)


def test_wrong_records_come_as_originals(spark: SparkSession) -> None:
    rows = source.records(kafka_rows(spark, [value for value, _, _ in WRONG]), SCHEMA).collect()
    taken = [value for (value, _, _), row in zip(WRONG, rows) if row.original is None]
    assert taken == []
    assert [row.original.value for row in rows] == [value for value, _, _ in WRONG]


@pytest.mark.parametrize(("value", "reason", "path"), WRONG)
def test_the_fault_is_named(value: bytes | None, reason: str, path: str) -> None:
    fault = faults.find(value, SCHEMA)
    assert (fault.reason, fault.path) == (reason, path)
    assert "Spark" not in fault.text


def test_text_has_to_be_utf8(spark: SparkSession) -> None:
    values = [b"gr\xc3\xbcn", b"", b"\xff\xfe", None]
    rows = source.texts(kafka_rows(spark, values)).collect()
    assert [row.original is None for row in rows] == [True, True, False, False]
    assert rows[0].text == "grün"
    assert faults.find(b"ab\xff", None).position == 2


def test_a_letter_carries_the_original(spark: SparkSession) -> None:
    value = b'{"id":1,"x":\xff}'
    originals = source.records(kafka_rows(spark, [RIGHT[0][0], value]), SCHEMA)
    originals = originals.where("original is not null")
    (row,) = dead_letters.letters(originals, SCHEMA, "odometry.dead_letter").collect()
    assert (row.topic, bytes(row.key)) == ("odometry.dead_letter", b"warty")
    assert json.loads(row.value) == {
        "reason": "syntax",
        "text": "found byte 0xff, UTF-8 is needed",
        "path": "",
        "position": 12,
        "direction": "analytics",
        "ros_topic": "/odom",
        "kafka_topic": "odometry",
        "partition": 0,
        "offset": 1,
        "timestamp": int(STAMP.timestamp() * 1000),
        "key": "d2FydHk=",
        "headers": [
            {"name": "ros_topic", "value": "L29kb20="},
            {"name": "id", "value": "d2FydHkvb2RvbWV0cnkvMQ=="},
        ],
        "content": "record",
        "size": 14,
        "bytes": "eyJpZCI6MSwieCI6/30=",
    }


def test_a_letter_has_a_limit(spark: SparkSession) -> None:
    value = b"x" * (dead_letters.BYTES_LIMIT + 1)
    originals = source.records(kafka_rows(spark, [value]), SCHEMA)
    (row,) = dead_letters.letters(originals, SCHEMA, "odometry.dead_letter").collect()
    letter = json.loads(row.value)
    assert letter["left_out"] == ["bytes"]
    assert "bytes" not in letter and letter["size"] == len(value)
