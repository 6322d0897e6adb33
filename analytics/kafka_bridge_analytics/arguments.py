"""The arguments that all jobs have, and what is made of them."""

from __future__ import annotations

import argparse
import pathlib
import sys
from typing import Callable

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.types import StructType

from . import dead_letters, runner, session, source
from .sinks.console import say


def parser(name: str, topic: str, description: str, **defaults: object) -> argparse.ArgumentParser:
    """A parser with every job's arguments. `defaults`: those of a job that differ."""
    result = argparse.ArgumentParser(
        prog=name,
        description=description,
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    _add_kafka(result, topic)
    _add_batches(result, name)
    _add_spark(result)
    _add_metrics(result)
    result.set_defaults(**defaults)
    return result


def _add_kafka(result: argparse.ArgumentParser, topic: str) -> None:
    group = result.add_argument_group("Kafka")
    group.add_argument(
        "--bootstrap-servers", metavar="HOST:PORT", default="localhost:9092", help="the brokers"
    )
    group.add_argument("--topic", default=topic, help="the topic that is read")
    group.add_argument(
        "--dead-letter-topic",
        metavar="TOPIC",
        help="where malformed records go (default: the topic read, and .dead_letter)",
    )
    group.add_argument(
        "--starting-offsets",
        metavar="WHERE",
        default="earliest",
        help="where to begin without a checkpoint: earliest, latest, or Spark's JSON of offsets",
    )
    group.add_argument(
        "--on-data-loss",
        choices=("stop", "continue"),
        default="stop",
        help="what to do when records were deleted in Kafka before they were read",
    )
    group.add_argument(
        "--kafka-property",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        type=_pair,
        help="a property of Kafka's Java clients, as security.protocol=SSL; may come several times",
    )


def _add_batches(result: argparse.ArgumentParser, name: str) -> None:
    group = result.add_argument_group("batches")
    group.add_argument(
        "--checkpoint",
        metavar="DIRECTORY",
        type=pathlib.Path,
        default=runner.default_checkpoint(name),
        help="how far the job has come; a job goes on from there",
    )
    group.add_argument(
        "--trigger",
        metavar="SECONDS",
        type=_seconds,
        default=0.0,
        help="from batch to batch; 0: as soon as there is something",
    )
    group.add_argument(
        "--max-records",
        metavar="N",
        type=_positive,
        default=200_000,
        help="of a batch; bounds the memory that it takes",
    )
    group.add_argument(
        "--available-now", action="store_true", help="end when what is there now is done"
    )


def _add_spark(result: argparse.ArgumentParser) -> None:
    group = result.add_argument_group("Spark")
    group.add_argument(
        "--master", default="local[2]", help="local[N], or spark://HOST:PORT of a cluster"
    )
    group.add_argument("--driver-memory", metavar="SIZE", default="1g", help="the driver's heap")
    group.add_argument(
        "--shuffle-partitions", metavar="N", type=_positive, default=2, help="about the cores"
    )
    group.add_argument(
        "--ui-port", metavar="PORT", type=int, help="serve Spark's own pages (default: off)"
    )
    group.add_argument(
        "--jars",
        metavar="DIRECTORY",
        type=pathlib.Path,
        default=session.default_jars(),
        help="the jars of Spark's connectors",
    )
    group.add_argument(
        "--log-level",
        default="ERROR",
        choices=("OFF", "ERROR", "WARN", "INFO", "DEBUG"),
        help="of Spark's own log, on standard error",
    )
    group.add_argument(
        "--spark-property",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        type=_pair,
        help="any property of Spark; may come several times",
    )


def _add_metrics(result: argparse.ArgumentParser) -> None:
    group = result.add_argument_group("Prometheus")
    group.add_argument(
        "--metrics-port",
        metavar="PORT",
        type=_port,
        help="serve what was counted at /metrics (default: off)",
    )
    group.add_argument(
        "--metrics-address", metavar="ADDRESS", default="127.0.0.1", help="where that is served"
    )


def _port(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 65535:
        raise argparse.ArgumentTypeError("found %s, 1 to 65535 are possible" % text)
    return number


def _pair(text: str) -> tuple[str, str]:
    name, found, value = text.partition("=")
    if not found or not name:
        raise argparse.ArgumentTypeError("found %r, NAME=VALUE is needed" % text)
    return name, value


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 <= seconds <= 86400:
        raise argparse.ArgumentTypeError("found %s, 0 to 86400 seconds are possible" % text)
    return seconds


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("found %s, at least 1 is needed" % text)
    return number


def kafka_source(given: argparse.Namespace, topic: str | None = None) -> source.Source:
    """The source that the arguments ask for. `topic`: another than --topic."""
    return source.Source(
        bootstrap_servers=given.bootstrap_servers,
        topic=topic or given.topic,
        starting_offsets=given.starting_offsets,
        max_records=given.max_records,
        fail_on_data_loss=given.on_data_loss == "stop",
        properties=dict(given.kafka_property),
    )


def letters(
    given: argparse.Namespace, schema: StructType | None, topic: str | None = None
) -> runner.Letters:
    """Where malformed records go. `topic`: another than --topic, with a dead-letter topic of its
    own."""
    target = given.dead_letter_topic if topic is None else None
    return runner.Letters(
        schema=schema,
        topic=target or dead_letters.topic_of(topic or given.topic),
        bootstrap_servers=given.bootstrap_servers,
        properties=dict(given.kafka_property),
    )


def records(
    spark: SparkSession, given: argparse.Namespace, schema: StructType, topic: str | None = None
) -> DataFrame:
    """The stream of records of `schema` (see source.records)."""
    return source.records(source.read(spark, kafka_source(given, topic)), schema)


def texts(spark: SparkSession, given: argparse.Namespace) -> DataFrame:
    """The stream of text (see source.texts)."""
    return source.texts(source.read(spark, kafka_source(given)))


def run(
    name: str,
    given: argparse.Namespace,
    queries: Callable[[SparkSession, argparse.Namespace], list[runner.Query]],
    properties: dict[str, str] | None = None,
) -> int:
    """Starts Spark, runs the job's queries until SIGTERM, and returns the exit status.
    `properties`: of Spark, that the job needs."""
    plan = runner.Plan(
        checkpoint=given.checkpoint,
        trigger=given.trigger,
        available_now=given.available_now,
        source="Kafka at " + given.bootstrap_servers,
    )
    job = runner.Job(name, plan)
    runner.end_at_signals(job)
    if given.metrics_port:
        try:
            job.metrics.serve(given.metrics_address, given.metrics_port)
        except OSError as error:
            place = "%s:%d" % (given.metrics_address, given.metrics_port)
            say("%s: cannot serve metrics at %s: %s" % (name, place, error.strerror))
            return 1
    try:
        spark = session.create(
            name,
            master=given.master,
            driver_memory=given.driver_memory,
            shuffle_partitions=given.shuffle_partitions,
            ui_port=given.ui_port,
            jars=given.jars,
            log_level=given.log_level,
            properties={**(properties or {}), **dict(given.spark_property)},
        )
    except FileNotFoundError as error:
        say("%s: %s" % (name, error))
        return 1
    except Exception:
        # A signal while it starts may end Spark's own process under it.
        if not job.is_ending():
            raise
        return 0
    try:
        return job.run(queries(spark, given))
    finally:
        _stop(spark)


def _stop(spark: SparkSession) -> None:
    try:
        spark.stop()
    except Exception as error:  # gone with the same signal
        print("Spark was gone before it was stopped: %s" % error, file=sys.stderr)
