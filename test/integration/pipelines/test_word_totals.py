#!/usr/bin/env python3
"""The pipeline word_totals: the totals of all batches, each once, are the words sent, by csv_player
and by the test, although the Spark job is killed in between."""

import collections
import json
import os
import unittest
import urllib.parse
import urllib.request

import rospy
from kafka_bridge.msg import WordTotals as Totals
from lines_support import LinesTest
from pipeline_support import ROOT, consume
from readings import as_text, rows

PLAYED = 100  # rows of csv_player, at each of its starts
LINES = [
    "go stop go",
    "größe naïve 日本語 größe",
    "  two  spaces ",
    "🤖 go 🤖\tgo 'quoted'",
    "",
    " ",
    'back\\slash "quotes" a:b',
]


def words_of(lines):
    """Words as the job's: what stands between spaces."""
    return collections.Counter(word for line in lines for word in line.split(" ") if word)


class WordTotals(LinesTest):
    pipeline = "word_totals"
    arguments = ("rate:=50", "count:=%d" % PLAYED)
    ros_topic = "/lines"
    own_lines = LINES
    line_while_killed = "while it was killed %d"

    @classmethod
    def send_all(cls):
        cls.heard = []
        rospy.Subscriber("/word_totals", Totals, cls.heard.append, queue_size=100000)
        cls.lines = [as_text(row) for row in rows(PLAYED)]
        cls.await_subscription()
        cls.wait(lambda: cls.in_kafka("test-topic") == PLAYED, "the first rows in Kafka")
        cls.publish(LINES)
        cls.wait(lambda: cls.batches(), "the first total")
        cls.it.restart("csv_player")
        cls.lines += [as_text(row) for row in rows(PLAYED)]
        cls.kill_job()
        cls.await_all()

    @classmethod
    def await_all(cls):
        """The words sent are counted; more would be as wrong, and is for the tests to find."""
        sent = sum(words_of(cls.lines).values())
        cls.wait(
            lambda: sum(one["total"] for one in cls.batches().values()) >= sent,
            "a total of %d words" % sent,
        )

    @classmethod
    def records(cls):
        return consume(cls.it.addresses["KAFKA"], "word-totals")

    @classmethod
    def batches(cls):
        """Spark's batches in Kafka: {number: record}; one that came twice is there once."""
        values = [record.json() for record in cls.records()]
        return {value["batch"]: value for value in values}

    def test_the_totals_are_the_words_sent(self):
        totals = [batch["total"] for batch in self.batches().values()]
        self.assertEqual(sum(totals), sum(words_of(self.lines).values()))
        self.assertGreater(len(totals), 1)

    def test_each_words_counts_are_as_the_lines_say(self):
        counts = collections.Counter()
        for batch in self.batches().values():
            counts.update({one["word"]: one["count"] for one in batch["words"]})
            self.assertEqual(sum(one["count"] for one in batch["words"]), batch["total"])
        self.assertEqual(counts, words_of(self.lines))

    def test_a_batch_that_comes_again_is_the_same(self):
        values = collections.defaultdict(set)
        for record in self.records():
            self.assertEqual(record.key, str(record.json()["batch"]).encode())
            values[record.key].add(record.value)
        self.assertEqual({key: said for key, said in values.items() if len(said) > 1}, {})

    def test_batches_go_on_in_number_and_time(self):
        batches = [batch for _, batch in sorted(self.batches().items())]
        times = [batch["time"] for batch in batches]
        self.assertEqual(times, sorted(times))
        self.assertEqual(len(set(times)), len(times))

    def test_the_sql_totals_are_on_the_console(self):
        """Of the job's present run: each total below its heading."""
        lines = self.it.logs("job").splitlines()
        places = [i for i, line in enumerate(lines) if line.strip() == "total"]
        printed = [int(lines[i + 2]) for i in places]
        self.assertTrue(printed)
        said = [batch["total"] for _, batch in sorted(self.batches().items())]
        self.assertEqual(printed, said[-len(printed) :])
        self.assertIn("word  ", "\n".join(lines))

    def test_the_totals_are_on_a_ros_topic(self):
        batches = self.batches()
        self.until(lambda: {m.batch for m in self.heard} >= {max(batches)}, "the last batch in ROS")
        for message in self.heard:
            batch = batches[message.batch]
            self.assertEqual(message.total, batch["total"])
            self.assertAlmostEqual(message.header.stamp.to_sec(), batch["time"], places=3)
            words = [{"word": one.word, "count": one.count} for one in message.words]
            self.assertEqual(words, batch["words"])
        numbers = {message.batch for message in self.heard}
        self.assertEqual(numbers, {number for number in batches if number >= min(numbers)})
        self.assertLess(min(numbers), max(batches))

    def test_the_totals_are_on_the_dashboard(self):
        """What the job has counted since its last start, as Prometheus has it, and all panels."""
        total = 'kafka_bridge_job_counted_total{name="word_totals",what="words"}'
        figures = self.it.logs("job").splitlines()
        said = [line for line in figures if line.startswith("word_totals: batch ")]
        expected = sum(int(line.split(" words")[0].rsplit(None, 1)[1]) for line in said)
        self.until(lambda: self.ask(total) == [expected], "%s = %d" % (total, expected))
        up = 'up{job="kafka_bridge_jobs"}'
        self.assertEqual(self.ask(up), [1])
        path = os.path.join(ROOT, "deploy", "grafana", "dashboards", "spark_jobs.json")
        with open(path, encoding="utf-8") as file:
            panels = json.load(file)["panels"]
        for panel in panels:
            expression = panel["targets"][0]["expr"].replace("$__rate_interval", "10m")
            self.until(lambda e=expression: self.ask(e), panel["title"])

    def ask(self, expression):
        """The values of a PromQL expression in Prometheus now."""
        query = urllib.parse.urlencode({"query": expression})
        address = "http://%s/api/v1/query?%s" % (self.it.addresses["PROMETHEUS"], query)
        with urllib.request.urlopen(address, timeout=60) as answer:
            result = json.load(answer)["data"]["result"]
        return [float(one["value"][1]) for one in result]

    def test_the_bridge_has_lost_nothing(self):
        self.assertEqual(self.totals()["delivered"], len(self.lines))
        self.assertEqual(self.totals()["dropped"], 0)
        self.assertEqual(self.totals("kafka_to_ros")["dropped"], 0)


if __name__ == "__main__":
    unittest.main(verbosity=2, warnings="ignore")
