"""The Spark session of a job, with the settings that were measured to help."""

from __future__ import annotations

import os
import pathlib
import sys
import zipfile
from typing import Mapping

import pyspark
from pyspark.sql import SparkSession

PACKAGE = pathlib.Path(__file__).resolve().parent


def default_jars() -> pathlib.Path:
    """The directory that `scripts/engine spark fetch` fills; KAFKA_BRIDGE_SPARK_JARS overrides."""
    given = os.environ.get("KAFKA_BRIDGE_SPARK_JARS")
    if given:
        return pathlib.Path(given)
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return pathlib.Path(cache) / "kafka_bridge" / ("spark-" + pyspark.__version__) / "jars"


def _jars(directory: pathlib.Path) -> str:
    jars = sorted(str(jar) for jar in directory.glob("*.jar"))
    if not jars:
        raise FileNotFoundError(
            "no jars in %s, where those of Spark's Kafka and Cassandra connectors belong: "
            "run scripts/engine spark fetch, or give --jars" % directory
        )
    return ",".join(jars)


def _settings(shuffle_partitions: int, log_level: str) -> dict[str, str]:
    java = "-Dlog4j2.configurationFile=%s -Dkafka_bridge.log.level=%s" % (
        (PACKAGE / "log4j2.properties").as_uri(),
        log_level.lower(),
    )
    return {
        "spark.driver.extraJavaOptions": java,
        "spark.sql.shuffle.partitions": str(shuffle_partitions),
        "spark.sql.session.timeZone": "UTC",
        "spark.ui.showConsoleProgress": "false",
        # A broken record is a dead letter: what could be read of it is not looked at.
        "spark.sql.json.enablePartialResults": "false",
        # A batch of a few thousand rows is over before adaptive planning has paid for itself.
        "spark.sql.adaptive.enabled": "false",
        "spark.sql.streaming.minBatchesToRetain": "20",
        # The engines' own connections outlive the pause between two batches: 0.9 s -> 0.43 s.
        "spark.cassandra.connection.keepAliveMS": "600000",
        "spark.cassandra.connection.localDC": "datacenter1",
    }


def _ship_package(spark: SparkSession) -> None:
    """Workers of a cluster import this package from a zip, whatever is installed there."""
    path = pathlib.Path(spark.sparkContext._temp_dir) / "kafka_bridge_analytics.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(PACKAGE.rglob("*.py")):
            archive.write(file, pathlib.Path(PACKAGE.name) / file.relative_to(PACKAGE))
    spark.sparkContext.addPyFile(str(path))


def create(
    name: str,
    master: str = "local[2]",
    driver_memory: str = "1g",
    shuffle_partitions: int = 2,
    ui_port: int | None = None,
    jars: pathlib.Path | None = None,
    log_level: str = "ERROR",
    properties: Mapping[str, str] | None = None,
) -> SparkSession:
    """Starts the session `name`.

    `master`: `local[N]`, or `spark://HOST:PORT` of a standalone cluster. `ui_port`: where Spark's
    own pages are, None for nowhere. `jars`: a directory; None: `default_jars()`. `properties`: any
    Spark properties, which win. Raises FileNotFoundError where there are no jars.
    """
    local = master.startswith("local")
    if local:
        # Otherwise the driver binds whatever the host's name resolves to.
        os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    os.environ.setdefault("PYSPARK_DRIVER_PYTHON", sys.executable)
    settings = _settings(shuffle_partitions, log_level)
    settings["spark.jars"] = _jars(jars or default_jars())
    settings["spark.driver.memory"] = driver_memory
    settings["spark.ui.enabled"] = "false" if ui_port is None else "true"
    if ui_port is not None:
        settings["spark.ui.port"] = str(ui_port)
    settings.update(properties or {})
    builder = SparkSession.builder.appName(name).master(master)
    for key, value in settings.items():
        builder = builder.config(key, value)
    spark = builder.getOrCreate()
    if not local:
        _ship_package(spark)
    return spark
