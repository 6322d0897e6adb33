"""The figures of a job for Prometheus."""

from __future__ import annotations

import shutil
import subprocess
import urllib.error
import urllib.request

import pytest
from kafka_bridge_analytics import metrics

EXPECTED = """\
# HELP kafka_bridge_job_batches_total Batches with something in them.
# TYPE kafka_bridge_job_batches_total counter
kafka_bridge_job_batches_total{name="truck",query="phone"} 2
# HELP kafka_bridge_job_batch_seconds_total Seconds that they took.
# TYPE kafka_bridge_job_batch_seconds_total counter
kafka_bridge_job_batch_seconds_total{name="truck",query="phone"} 0.75
# HELP kafka_bridge_job_counted_total Counts of all batches.
# TYPE kafka_bridge_job_counted_total counter
kafka_bridge_job_counted_total{name="truck",query="phone",what="records"} 12345678901
kafka_bridge_job_counted_total{name="truck",query="phone",what="malformed"} 1
# HELP kafka_bridge_job_last_batch Counts of the newest batch.
# TYPE kafka_bridge_job_last_batch gauge
kafka_bridge_job_last_batch{name="truck",query="phone",what="records"} 1
kafka_bridge_job_last_batch{name="truck",query="phone",what="malformed"} 0
"""


@pytest.fixture
def counted() -> metrics.Metrics:
    result = metrics.Metrics("truck")
    result.add("phone", {"records": 12345678900, "malformed": 1}, 0.5)
    result.add("phone", {"records": 1, "malformed": 0}, 0.25)
    return result


def test_batches_are_added_up(counted: metrics.Metrics) -> None:
    assert counted.text() == EXPECTED


def test_prometheus_takes_the_text(counted: metrics.Metrics) -> None:
    if shutil.which("promtool") is None:
        pytest.skip("promtool is not installed")
    subprocess.run(["promtool", "check", "metrics"], input=EXPECTED, text=True, check=True)


def test_they_are_served(counted: metrics.Metrics) -> None:
    port = counted.serve("127.0.0.1", 0)
    with urllib.request.urlopen("http://127.0.0.1:%d/metrics" % port, timeout=30) as answer:
        assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        assert answer.read().decode() == EXPECTED
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen("http://127.0.0.1:%d/" % port, timeout=30)
    with pytest.raises(OSError):
        metrics.Metrics("other").serve("127.0.0.1", port)
