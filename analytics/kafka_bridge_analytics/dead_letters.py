"""Dead letters: records that a job cannot take go to `<topic>.dead_letter`, in the form that the
bridge's own have (docs/json.md), so that `spool resend` sends their originals again."""

from __future__ import annotations

import base64
import json
from typing import Mapping

from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as f
from pyspark.sql.types import StringType, StructType

from . import faults
from .sinks import kafka

# As the bridge: with base64's third on top it stays under Kafka's default of about a megabyte.
BYTES_LIMIT = 700 << 10

DIRECTION = "analytics"


def topic_of(topic: str) -> str:
    """Where the letters about `topic` go."""
    return topic + ".dead_letter"


def _base64(value: bytes | None) -> str | None:
    return None if value is None else base64.b64encode(bytes(value)).decode("ascii")


def _size(value: bytes | None) -> int:
    return 0 if value is None else len(value)


def _from_headers(headers: list[Row]) -> dict[str, str]:
    """What the bridge says of the ROS topic that the record came from."""
    found: dict[str, str] = {}
    for header in headers:
        if header.key in ("ros_topic", "ros_type", "ros_md5sum") and header.value is not None:
            found[header.key] = bytes(header.value).decode("utf-8", "replace")
    return found


def write_letter(original: Row, fault: faults.Fault) -> str:
    """The letter as compact JSON.

    `original`: topic, partition, offset, timestamp (datetime, UTC), key, headers, value. What has
    no room among BYTES_LIMIT bytes is named in `left_out`: bytes first, then headers, then key.
    """
    headers = original.headers or []
    key_room = BYTES_LIMIT - _size(original.key)
    headers_room = key_room - sum(len(one.key) + _size(one.value) for one in headers)
    bytes_room = headers_room - _size(original.value)
    letter: dict[str, object] = {
        "reason": fault.reason,
        "text": fault.text,
        "path": fault.path,
        "position": fault.position,
        "direction": DIRECTION,
    }
    letter.update(_from_headers(headers))
    letter["kafka_topic"] = original.topic
    letter["partition"] = original.partition
    letter["offset"] = original.offset
    letter["timestamp"] = original.timestamp
    if key_room >= 0:
        letter["key"] = _base64(original.key)
    if headers_room >= 0:
        letter["headers"] = [{"name": one.key, "value": _base64(one.value)} for one in headers]
    letter["content"] = "record"
    letter["size"] = _size(original.value)
    if bytes_room >= 0:
        letter["bytes"] = _base64(original.value)
    rooms = (("bytes", bytes_room), ("headers", headers_room), ("key", key_room))
    left_out = [name for name, room in rooms if room < 0]
    if left_out:
        letter["left_out"] = left_out
    return json.dumps(letter, ensure_ascii=False, separators=(",", ":"))


def letters(originals: DataFrame, schema: StructType | None, topic: str) -> DataFrame:
    """Rows of `original` (see source) as records of Kafka: topic, key, value."""

    def to_letter(original: Row) -> str:
        return write_letter(original, faults.find(original.value, schema))

    # Timestamps would come as local times of the worker: milliseconds do not.
    original = f.col("original").withField("timestamp", f.unix_millis("original.timestamp"))
    return originals.select(
        f.lit(topic).alias("topic"),
        f.col("original.key").alias("key"),
        f.udf(to_letter, StringType())(original).alias("value"),
    )


def send(
    batch: DataFrame,
    schema: StructType | None,
    bootstrap_servers: str,
    topic: str,
    properties: Mapping[str, str],
) -> None:
    """Writes a letter for each row of `batch` that has an `original`; returns when Kafka has
    them. At least once: a batch that is done again after a crash sends its letters again."""
    wrong = batch.where(f.col("original").isNotNull())
    kafka.send(letters(wrong, schema, topic), bootstrap_servers, properties)
