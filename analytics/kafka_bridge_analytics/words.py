"""words: lines of Kafka topic `testTopic` → words and how often each was seen, on the console and
on `word-counts`.

A line is split at a separator (`:`, as the pipeline this follows has it); what is empty is no word.
The counts are those of all lines since the checkpoint began. The console shows the most frequent
(output mode complete); Kafka gets the words of this batch with their new counts, `{"word":"go",
"count":7}` with the word as key, so that a batch that comes again says the same again.
"""

from __future__ import annotations

import argparse
import re
import sys

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as f

from . import arguments, runner
from .sinks import console, kafka


def split(texts: DataFrame, separator: str, *others: str) -> DataFrame:
    """One row `word` for each word of the rows' `text`, beside it the columns `others`."""
    parts = f.split("text", re.escape(separator))
    return texts.select(f.explode(parts).alias("word"), *others).where(f.col("word") != "")


def count(words: DataFrame) -> DataFrame:
    """`word`, `count`, and `changed`: the time of the batch that last had the word, which is the
    same when the batch comes again."""
    timed = words.withColumn("batch_time", f.current_timestamp())
    return timed.groupBy("word").agg(
        f.count(f.lit(1)).alias("count"), f.max("batch_time").alias("changed")
    )


def changed(counts: DataFrame) -> DataFrame:
    """`word` and `count` of those that the newest batch had, as Kafka's key and value."""
    newest = counts.agg(f.max("changed").alias("newest"))
    new = counts.join(f.broadcast(newest), f.col("changed") == f.col("newest"))
    return new.select(
        f.col("word").alias("key"), f.to_json(f.struct("word", "count")).alias("value")
    )


def queries(spark: SparkSession, given: argparse.Namespace) -> list[runner.Query]:
    """The counting, and beside it what is no text: a query that aggregates has no room for it."""

    def process(batch: runner.Batch) -> runner.Result:
        counts = batch.frame.persist()
        try:
            words, seen = counts.agg(f.count("word"), f.sum("count")).first()
            if words and given.rows:
                top = counts.orderBy(f.desc("count"), "word").select("word", "count")
                console.say(console.table(("word", "count"), top.take(given.rows)))
            if given.output_topic:
                records = changed(counts).withColumn("topic", f.lit(given.output_topic))
                kafka.send(records, given.bootstrap_servers, dict(given.kafka_property))
        finally:
            counts.unpersist()
        return runner.Result({}, "%d words, %d different" % (seen, words) if words else "")

    def report(batch: runner.Batch) -> runner.Result:
        batch.rows().count()
        return runner.Result({})

    counting = count(
        split(arguments.texts(spark, given).where("original is null"), given.separator)
    )
    return [
        runner.Query("words", counting, process, output_mode="complete"),
        runner.Query(
            "lines", arguments.texts(spark, given), report, arguments.letters(given, None)
        ),
    ]


def main(argv: list[str] | None = None) -> int:
    """The program; returns its exit status."""
    parser = arguments.parser("words", "testTopic", "Counts the words of lines.")
    group = parser.add_argument_group("words")
    group.add_argument("--separator", default=":", help="what stands between two words")
    group.add_argument(
        "--output-topic", metavar="TOPIC", default="word-counts", help="of the counts; '': none"
    )
    group.add_argument(
        "--rows", metavar="N", type=int, default=20, help="of the table on the console; 0: none"
    )
    given = parser.parse_args(argv)
    if not given.separator:
        parser.error("--separator is empty: one character or more is needed")
    return arguments.run("words", given, queries)


if __name__ == "__main__":
    sys.exit(main())
