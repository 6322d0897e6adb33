"""One Spark session for all tests, on this machine's two cores."""

from __future__ import annotations

from typing import Iterator

import pytest
from kafka_bridge_analytics import session
from pyspark.sql import SparkSession


@pytest.fixture(scope="session")
def spark() -> Iterator[SparkSession]:
    """A session without Kafka's brokers or any other engine."""
    found = session.create("analytics tests", shuffle_partitions=1)
    yield found
    found.stop()
