"""Kafka as a sink: at least once, in the order of the rows of a partition."""

from __future__ import annotations

import contextlib
from typing import Any, Mapping, Sequence

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


class Publisher:
    """A producer in the driver's own process, for a few small records a batch: without a Spark job,
    which takes longer than they do. It is made when it is first used."""

    # A broker that is away is known to be after a quarter of a minute, not after two.
    _PATIENCE = {
        "kafka.request.timeout.ms": "10000",
        "kafka.delivery.timeout.ms": "15000",
        "kafka.max.block.ms": "15000",
    }

    def __init__(self, bootstrap_servers: str, properties: Mapping[str, str]) -> None:
        chosen = {**self._PATIENCE, **options(bootstrap_servers, properties)}
        self._properties = {name[len("kafka.") :]: value for name, value in chosen.items()}
        self._producer: Any = None

    def send(self, spark: SparkSession, topic: str, records: Sequence[tuple[str, str]]) -> None:
        """Writes `records` (key, value) and returns when Kafka has them. Raises what Kafka's
        producer does (Py4JJavaError); the next call then begins with a new one."""
        java = spark._jvm
        try:
            if self._producer is None:
                self._producer = self._make(java)
            record = java.org.apache.kafka.clients.producer.ProducerRecord
            sent = [self._producer.send(record(topic, *pair)) for pair in records]
            for one in sent:
                one.get()
        except BaseException:
            self._drop(java)
            raise

    def _make(self, java: Any) -> Any:
        properties = java.java.util.HashMap()
        for name, value in self._properties.items():
            properties.put(name, value)
        text = java.org.apache.kafka.common.serialization.StringSerializer
        return java.org.apache.kafka.clients.producer.KafkaProducer(properties, text(), text())

    def _drop(self, java: Any) -> None:
        producer, self._producer = self._producer, None
        if producer is not None:
            with contextlib.suppress(
                Exception
            ):  # the JVM may be gone; the failure itself is raised
                producer.close(java.java.time.Duration.ZERO)
