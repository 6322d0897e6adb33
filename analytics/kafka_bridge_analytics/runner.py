"""Runs a job: its queries, an account of each batch, its end and its restarts.

A job has one query or several, each with a checkpoint of its own below the job's. What a batch has
in it is written before Spark notes the batch as done, so after a crash the last batch comes again,
with the same records and the same number: what a job writes has to bear that.

A batch whose engine is away is tried again until the engine is back; a query whose source is away
(or whose topic is not there yet) is started again from its checkpoint. Any other failure ends the
job with status 1. SIGTERM and SIGINT end it after the batch that is under way.
"""

from __future__ import annotations

import os
import pathlib
import signal
import threading
import time
from typing import Callable, NamedTuple

from pyspark.sql import DataFrame, Observation, SparkSession
from pyspark.sql import functions as f
from pyspark.sql.streaming import StreamingQuery
from pyspark.sql.types import StructType

from . import dead_letters, metrics, transient
from .sinks.console import say

RETRY_SECONDS = 2.0
SAY_AGAIN_SECONDS = 60.0
# For the batch under way, and for Spark to note it as done.
END_SECONDS = 30.0
COMMIT_SECONDS = 3.0


class Letters(NamedTuple):
    """Where a query's dead letters go, and what its records should have been (None: text)."""

    schema: StructType | None
    topic: str
    bootstrap_servers: str
    properties: dict[str, str]


class Batch:
    """One batch of a query: `number`, the same when it comes again, and what is in it."""

    def __init__(self, frame: DataFrame, number: int) -> None:
        self.frame = frame
        self.number = number
        self._observation: Observation | None = None

    @property
    def spark(self) -> SparkSession:
        """The session that the batch's frames and views belong to."""
        return self.frame.sparkSession

    def rows(self) -> DataFrame:
        """The records that are right, without `original`. They are counted by the way, by the first
        action on it, which has to be one of a DataFrame (collect, write …), not of its RDD."""
        self._observation = Observation()
        wrong = f.col("original").isNotNull()
        counted = self.frame.observe(
            self._observation,
            f.count(f.lit(1)).alias("records"),
            f.count(f.when(wrong, 1)).alias("malformed"),
        )
        return counted.where(~wrong).drop("original")

    def counts(self) -> dict[str, int]:
        """How many records and how many malformed ones there were, once rows() were acted on."""
        if self._observation is None:
            return {}
        return {name: int(value) for name, value in self._observation.get.items()}


class Result(NamedTuple):
    """What became of a batch: `counts` are added up over all batches, `note` is only said. Without
    both, nothing is said: an empty batch."""

    counts: dict[str, int]
    note: str = ""


class Query(NamedTuple):
    """A streaming frame and what is done with each of its batches.

    `process` writes the batch and returns what there is to say. It may be called again for the same
    batch. `letters`: the frame has `original` (see source), and these go there.
    """

    name: str
    frame: DataFrame
    process: Callable[[Batch], Result]
    letters: Letters | None = None
    output_mode: str = "append"


class Plan(NamedTuple):
    """`trigger`: seconds from batch to batch, 0 as soon as there is something. `available_now`:
    ends when what is there now is done. `source`: what troubles name, as `Kafka at HOST:PORT`."""

    checkpoint: pathlib.Path
    trigger: float = 0.0
    available_now: bool = False
    source: str = "its source"


class Job:
    """The queries of one job from start to end, in this process."""

    def __init__(self, name: str, plan: Plan) -> None:
        self.name = name
        self.metrics = metrics.Metrics(name)
        self._plan = plan
        self._queries: list[_Running] = []
        self._ending = threading.Event()

    def end(self) -> None:
        """Asks the job to end after the batches under way. From any thread or signal handler."""
        self._ending.set()

    def is_ending(self) -> bool:
        """end() was called, or a query has failed."""
        return self._ending.is_set()

    def run(self, queries: list[Query]) -> int:
        """Runs until end() or, with `available_now`, until all is done; returns the process's exit
        status."""
        labels = len(queries) > 1
        for query in queries:
            label = "%s[%s]" % (self.name, query.name) if labels else self.name
            self._queries.append(_Running(label, query, self._plan, self._ending, self.metrics))
        status = 0
        for running in self._queries:
            running.start()
        while not self._ending.is_set() and any(one.is_alive() for one in self._queries):
            if any(one.failed for one in self._queries):
                break
            self._ending.wait(0.2)
        self._ending.set()
        for running in self._queries:
            running.stop()
            status = 1 if running.failed else status
        for running in self._queries:
            running.say_totals()
        return status


class _Running:
    """One query under way, with the thread that starts it and starts it again."""

    def __init__(
        self,
        label: str,
        query: Query,
        plan: Plan,
        ending: threading.Event,
        figures: metrics.Metrics,
    ) -> None:
        self.failed = False
        self._label = label
        self._query = query
        self._plan = plan
        self._ending = ending
        self._metrics = figures
        self._gate = threading.Lock()
        self._stream: StreamingQuery | None = None
        self._stopped = threading.Event()
        self._totals: dict[str, int] = {}
        self._batches = 0
        self._last_batch = -1
        self._said_trouble = 0.0
        self._said_running = False
        self._thread = threading.Thread(target=self._keep_running, name=label, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def is_alive(self) -> bool:
        return self._thread.is_alive()

    def say_totals(self) -> None:
        counts = ", ".join("%d %s" % (count, name) for name, count in self._totals.items())
        say("%s: ended after %d batches%s" % (self._label, self._batches, _after(": ", counts)))

    def stop(self) -> None:
        """Waits for the batch under way and for Spark to note it, then stops the query."""
        if self._gate.acquire(timeout=END_SECONDS):
            self._gate.release()
        deadline = time.monotonic() + COMMIT_SECONDS
        while time.monotonic() < deadline and not self._is_noted():
            time.sleep(0.05)
        stream = self._stream
        self._stopped.set()
        try:
            if stream is not None and stream.isActive:
                # Spark would log the interrupted wait of the next batch as an error.
                self._query.frame.sparkSession.sparkContext.setLogLevel("OFF")
                stream.stop()
        except Exception as error:  # the JVM ended with the same signal, which is an end as well
            say("%s: Spark was gone before it was stopped: %s" % (self._label, _first(error)))
        self._thread.join(END_SECONDS)

    def _is_noted(self) -> bool:
        try:
            progress = self._stream.lastProgress if self._stream else None
        except Exception:
            return True
        return self._last_batch < 0 or bool(progress and progress["batchId"] >= self._last_batch)

    def _keep_running(self) -> None:
        try:
            while not self._ending.is_set() and not self._run_once():
                self._ending.wait(RETRY_SECONDS)
        except Exception as error:
            if not self._ending.is_set():
                self.failed = True
                say("%s: failed: %s" % (self._label, _first(error)))

    def _run_once(self) -> bool:
        """True when the query has ended as it should; False when it is to be started again."""
        try:
            self._said_running = False
            self._stream = self._writer().start()
            while self._stream.isActive and not self._is_reading():
                self._ending.wait(0.1)
            if self._stream.isActive:
                self._say_running()
            self._stream.awaitTermination()
            return True
        except Exception as error:
            if self._ending.is_set():
                return True
            if not transient.is_transient(error):
                raise
            consequence = "cannot read from %s, starts again from its checkpoint"
            self._say_trouble(consequence % self._plan.source, error)
            return False

    def _is_reading(self) -> bool:
        """The source has answered: Spark knows which records there are."""
        message = self._stream.status["message"]
        return not message.startswith(("Initializing", "Getting offsets", "Starting"))

    def _say_running(self) -> None:
        if not self._said_running:
            self._said_running = True
            say("%s: running, checkpoint %s" % (self._label, self._directory()))

    def _directory(self) -> pathlib.Path:
        return self._plan.checkpoint / self._query.name

    def _writer(self):  # noqa: ANN202 - pyspark's DataStreamWriter
        writer = self._query.frame.writeStream.outputMode(self._query.output_mode)
        writer = writer.option("checkpointLocation", self._directory().resolve().as_uri())
        if self._plan.available_now:
            writer = writer.trigger(availableNow=True)
        elif self._plan.trigger > 0:
            writer = writer.trigger(processingTime="%d milliseconds" % (self._plan.trigger * 1000))
        return writer.foreachBatch(self._take)

    def _take(self, frame: DataFrame, number: int) -> None:
        with self._gate:
            if not self._ending.is_set():
                self._say_running()
                self._do(Batch(frame, number))
                return
        # Returning would call the batch done. Its thread waits here until it is stopped.
        self._stopped.wait(END_SECONDS)
        raise InterruptedError("%s is ending" % self._label)

    def _do(self, batch: Batch) -> None:
        begun = time.monotonic()
        while True:
            try:
                result = self._once(batch)
                break
            except Exception as error:
                if not transient.is_transient(error):
                    raise
                self._say_trouble("batch %d is tried again" % batch.number, error)
                if self._ending.wait(RETRY_SECONDS):
                    raise
        if self._said_trouble:
            self._said_trouble = 0.0
            say("%s: goes on" % self._label)
        self._last_batch = batch.number
        self._account(batch.number, result, time.monotonic() - begun)

    def _once(self, batch: Batch) -> Result:
        result = self._query.process(batch)
        counts = batch.counts()
        letters = self._query.letters
        if letters and counts.get("malformed"):
            dead_letters.send(
                batch.frame,
                letters.schema,
                letters.bootstrap_servers,
                letters.topic,
                letters.properties,
            )
        return Result({**counts, **result.counts}, result.note)

    def _account(self, number: int, result: Result, seconds: float) -> None:
        if not result.note and not any(result.counts.values()):
            return
        self._batches += 1
        self._metrics.add(self._query.name, result.counts, seconds)
        for name, count in result.counts.items():
            self._totals[name] = self._totals.get(name, 0) + count
        parts = ["%d %s" % (count, name) for name, count in result.counts.items()]
        parts += [result.note] if result.note else []
        say("%s: batch %d: %s, %.2f s" % (self._label, number, ", ".join(parts), seconds))

    def _say_trouble(self, consequence: str, error: Exception) -> None:
        now = time.monotonic()
        if not self._said_trouble or now - self._said_trouble >= SAY_AGAIN_SECONDS:
            self._said_trouble = now
            say("%s: %s: %s" % (self._label, consequence, transient.summary(error)))


def _after(separator: str, text: str) -> str:
    return separator + text if text else ""


def _first(error: BaseException) -> str:
    return transient.summary(error)


def end_at_signals(job: Job) -> None:
    """SIGTERM and SIGINT end `job`; another one ends the process at once."""

    def handle(number: int, _frame: object) -> None:
        signal.signal(number, signal.SIG_DFL)
        job.end()

    signal.signal(signal.SIGTERM, handle)
    signal.signal(signal.SIGINT, handle)


def default_checkpoint(name: str) -> pathlib.Path:
    """`$XDG_STATE_HOME/kafka_bridge/NAME`, with ~/.local/state where that is not set."""
    state = os.environ.get("XDG_STATE_HOME") or os.path.expanduser("~/.local/state")
    return pathlib.Path(state) / "kafka_bridge" / name
