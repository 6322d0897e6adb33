"""word_totals: lines of Kafka topic `test-topic` in batches of a second → the words of each batch
and their total, on the console and on `word-totals`.

Lines are split at spaces; what is empty is no word. The batch is the temporary view
`words(word, cnt)`, and the total is `select SUM(cnt) as total from words`. One record a batch,
with the batch's number as key: `{"batch":7,"time":1795252710.5,"total":3,"words":[{"word":"go",
"count":2},{"word":"stop","count":1}]}`; `time` in seconds since 1970. A batch that comes again
after a crash has the same number and the same record. Batches without a word are not published.
"""

from __future__ import annotations

import argparse
import json
import sys

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as f

from . import arguments, runner
from .sinks import console, kafka
from .words import split

TOTAL = "select SUM(cnt) as total from words"


def count(texts: DataFrame, separator: str) -> DataFrame:
    """`word`, `cnt` and `time` (ms since 1970) of the rows' `text` and `batch_time`."""
    words = split(texts, separator, "batch_time").groupBy("word")
    time = f.unix_millis(f.max("batch_time"))
    return words.agg(f.count(f.lit(1)).alias("cnt"), time.alias("time"))


def record(number: int, time: float, total: int, words: list[tuple[str, int]]) -> str:
    """The JSON of a batch, compact."""
    listed = [{"word": word, "count": cnt} for word, cnt in words]
    members = {"batch": number, "time": time, "total": total, "words": listed}
    return json.dumps(members, ensure_ascii=False, separators=(",", ":"))


def total_of(words: DataFrame) -> int:
    """The total by SQL; None for no words."""
    words.select("word", "cnt").createOrReplaceTempView("words")
    return words.sparkSession.sql(TOTAL).first().total


def queries(spark: SparkSession, given: argparse.Namespace) -> list[runner.Query]:
    """The one query of the job."""
    publisher = kafka.Publisher(given.bootstrap_servers, dict(given.kafka_property))

    def process(batch: runner.Batch) -> runner.Result:
        words = count(batch.rows(), given.separator).persist()
        try:
            return publish(batch, words)
        finally:
            words.unpersist()

    def publish(batch: runner.Batch, words: DataFrame) -> runner.Result:
        total = total_of(words)
        if not total:
            return runner.Result({})
        most = words.orderBy(f.desc("cnt"), "word").take(given.max_words)
        time = most[0].time / 1000
        listed = [(row.word, row.cnt) for row in most]
        value = record(batch.number, time, total, listed)
        if given.output_topic:
            publisher.send(batch.spark, given.output_topic, [(str(batch.number), value)])
        if given.rows:
            console.say(console.table(("word", "cnt"), listed[: given.rows]))
        console.say(console.table(("total",), [(total,)]))
        return runner.Result({"words": total})

    # The time that Spark noted for the batch, the same when it comes again.
    frame = arguments.texts(spark, given).withColumn("batch_time", f.current_timestamp())
    return [runner.Query("word_totals", frame, process, arguments.letters(given, None))]


def main(argv: list[str] | None = None) -> int:
    """The program; returns its exit status."""
    parser = arguments.parser(
        "word_totals", "test-topic", "Counts the words of each second's lines.", trigger=1.0
    )
    group = parser.add_argument_group("words")
    group.add_argument("--separator", default=" ", help="what stands between two words")
    group.add_argument(
        "--output-topic", metavar="TOPIC", default="word-totals", help="of the totals; '': none"
    )
    group.add_argument(
        "--max-words",
        metavar="N",
        type=int,
        default=1000,
        help="the most frequent words that a record lists; its total is always of all",
    )
    group.add_argument(
        "--rows", metavar="N", type=int, default=20, help="of the table on the console; 0: none"
    )
    given = parser.parse_args(argv)
    if not given.separator:
        parser.error("--separator is empty: one character or more is needed")
    return arguments.run("word_totals", given, queries)


if __name__ == "__main__":
    sys.exit(main())
