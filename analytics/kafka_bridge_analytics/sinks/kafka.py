"""Kafka as a sink: at least once, in the order of the rows of a partition."""

from __future__ import annotations

from typing import Mapping

from pyspark.sql import DataFrame, SparkSession


def options(bootstrap_servers: str, properties: Mapping[str, str]) -> dict[str, str]:
    """The options of Spark's Kafka sink. `properties` are Kafka's own, and win."""
    chosen = {
        # Acknowledged by every in-sync replica, and not doubled by the producer's own retries.
        "kafka.acks": "all",
        "kafka.enable.idempotence": "true",
        "kafka.compression.type": "lz4",
    }
    chosen.update({"kafka." + name: value for name, value in properties.items()})
    chosen["kafka.bootstrap.servers"] = bootstrap_servers
    return chosen


def send(rows: DataFrame, bootstrap_servers: str, properties: Mapping[str, str]) -> None:
    """Writes `rows` (topic, key, value; string or binary) and returns when Kafka has them."""
    rows.write.format("kafka").options(**options(bootstrap_servers, properties)).save()


def send_values(
    spark: SparkSession,
    values: list[tuple[str, str]],
    topic: str,
    bootstrap_servers: str,
    properties: Mapping[str, str],
) -> None:
    """The same for (key, value) pairs on the driver, in their order."""
    if values:
        rows = spark.createDataFrame([(topic, *pair) for pair in values], _SCHEMA).coalesce(1)
        send(rows, bootstrap_servers, properties)


_SCHEMA = "topic string, key string, value string"
