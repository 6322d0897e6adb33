#!/usr/bin/env python3
"""The pipeline words: rows of CSV files and lines of the test's own, in letters of many languages,
counted by Spark, by Kafka Streams' WordCountDemo and here; the Spark job is killed in between."""

import collections
import re
import unittest

import rospy
from kafka_bridge.msg import WordCount
from lines_support import LinesTest
from pipeline_support import consume
from readings import as_array, rows

PLAYED = 90  # rows of csv_player, at each of its starts
LINES = [
    "go:stop:go",
    "größe:naïve:日本語:größe",
    "Один:два:один:ДВА",
    "🤖:go:🤖 go:'quoted'",
    "a::b:",
    ":",
    "",
    "  Go GO go  ",
    'back\\slash:"quotes":tab\there',
]
TABLE_ROWS = 20  # of the job's table on the console


def spark_words(lines):
    """Words as the Spark job's: what stands between colons."""
    return collections.Counter(word for line in lines for word in line.split(":") if word)


def streams_words(lines):
    r"""Words as WordCountDemo's: Java's toLowerCase().split("\\W+"), where letters are ASCII's, an
    empty first word counts and empty last ones do not."""
    counts = collections.Counter()
    for line in lines:
        parts = re.split(r"\W+", line.lower(), flags=re.ASCII)
        while len(parts) > 1 and not parts[-1]:
            parts.pop()
        if parts == [""] and line:  # nothing but separators: no word at all
            continue
        counts.update(parts)
    return counts


class Words(LinesTest):
    pipeline = "words"
    arguments = ("interval:=0.05", "count:=%d" % PLAYED, "loop:=true")
    ros_topic = "/text"
    own_lines = LINES
    line_while_killed = "while:killed:%d"

    @classmethod
    def send_all(cls):
        cls.ros = {"/word_count": [], "/spark_word_count": []}
        for topic, heard in cls.ros.items():
            rospy.Subscriber(topic, WordCount, heard.append, queue_size=100000)
        cls.lines = [as_array(row) for row in rows(PLAYED)]
        cls.await_subscription()
        cls.publish(LINES)
        cls.wait(lambda: cls.in_kafka("testTopic") == len(cls.lines), "the first lines in Kafka")
        cls.wait(lambda: cls.newest("word-counts").get("go"), "Spark's first counts")
        # The rows a second time, now that both results are listened to.
        cls.it.restart("csv_player")
        cls.lines += [as_array(row) for row in rows(PLAYED)]
        cls.kill_job()

    @classmethod
    def newest(cls, topic):
        """Spark's counts in Kafka: {word: count}, the newest of each."""
        records = [record.json() for record in consume(cls.it.addresses["KAFKA"], topic)]
        return {record["word"]: record["count"] for record in records}

    def heard(self, topic):
        """The newest of each word on a ROS topic."""
        return {message.word: message.count for message in list(self.ros[topic])}

    def await_counts(self, read, expected, what):
        """Waits until read() is `expected`; shows where it is not."""
        try:
            self.until(lambda: read() == expected, what)
        except AssertionError:
            self.assertEqual(read(), expected)
            raise

    def test_each_line_is_in_kafka_once(self):
        for topic in ("testTopic", "streams-plaintext-input"):
            with self.subTest(topic):
                self.until(lambda t=topic: self.in_kafka(t) >= len(self.lines), topic)
                found = [record.text() for record in consume(self.it.addresses["KAFKA"], topic)]
                self.assertEqual(collections.Counter(found), collections.Counter(self.lines), topic)

    def test_spark_counts_as_the_lines_say(self):
        expected = dict(spark_words(self.lines))
        self.await_counts(lambda: self.newest("word-counts"), expected, "Spark's counts")
        for record in consume(self.it.addresses["KAFKA"], "word-counts"):
            self.assertEqual(record.key.decode("utf-8"), record.json()["word"])
        self.assertEqual(consume(self.it.addresses["KAFKA"], "testTopic.dead_letter"), [])

    def test_sparks_table_is_on_the_console(self):
        counts = spark_words(self.lines)
        total = "%d words, %d different" % (sum(counts.values()), len(counts))
        self.until(lambda: total in self.it.logs("job"), total)
        table = self.it.logs("job").split("word ")[-1].splitlines()[2 : 2 + TABLE_ROWS]
        found = [(line.rsplit(None, 1)[0], int(line.rsplit(None, 1)[1])) for line in table]
        most = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        self.assertEqual(found, most[:TABLE_ROWS])

    def test_kafka_streams_counts_as_the_lines_say(self):
        expected = dict(streams_words(self.lines))

        def read():
            records = consume(self.it.addresses["KAFKA"], "streams-wordcount-output")
            pairs = [(record.key.decode("utf-8"), record.value) for record in records]
            self.assertEqual({len(value) for _, value in pairs} - {8}, set())
            return {key: int.from_bytes(value, "big") for key, value in pairs}

        self.await_counts(read, expected, "Kafka Streams' counts")

    def test_both_counts_are_on_ros_topics(self):
        counts = {
            "/spark_word_count": spark_words(self.lines),
            "/word_count": streams_words(self.lines),
        }
        for topic, expected in counts.items():
            with self.subTest(topic):
                self.await_counts(lambda t=topic: self.heard(t), dict(expected), topic)
                self.assert_never_falls(topic)

    def assert_never_falls(self, topic):
        newest = {}
        for message in self.ros[topic]:
            self.assertGreaterEqual(message.count, newest.get(message.word, 0), message.word)
            newest[message.word] = message.count

    def test_the_bridge_has_lost_nothing(self):
        self.until(
            lambda: self.totals()["delivered"] == 2 * len(self.lines), "both routes' deliveries"
        )
        self.assertEqual(self.totals()["dropped"], 0)
        self.assertEqual(self.totals("kafka_to_ros")["dropped"], 0)


if __name__ == "__main__":
    unittest.main(verbosity=2, warnings="ignore")
