#!/usr/bin/python3
"""Transactions with a real broker: a writer of 0, 1, 2, … is killed, fenced, refused a record, and
loses its broker; what a reader of committed records sees is each number once and in order, and the
group's position is their count."""

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from kafka_broker import KCAT, KafkaBroker  # noqa: E402

WRITER = os.environ.get("TRANSACTION_WRITER", "transaction_writer")
LONG = bool(os.environ.get("KAFKA_BRIDGE_LONG"))
SEED = int(os.environ.get("KAFKA_BRIDGE_SEED", 0)) or random.randrange(1, 10**9)
PATIENCE = 60  # seconds; a wait that takes so long has failed
GONE = 3  # the writer's exit status where its producer is of no more use


def say(text):
    """Prints a line, which scripts/test shows in the end."""
    print(text, flush=True)
    home = os.environ.get("ROS_HOME")
    if home:
        with open(os.path.join(home, "counts.txt"), "a", encoding="utf-8") as counts:
            counts.write(text + "\n")


class Writer:
    """One life of the program, whose words go to a file."""

    def __init__(self, server, topic, end=10**9, properties=()):
        self.words = tempfile.TemporaryFile(mode="w+", encoding="utf-8")
        self.process = subprocess.Popen(
            [WRITER, server.bootstrap_servers, topic, topic, str(end), *properties],
            stdout=self.words,
            stderr=subprocess.STDOUT,
        )

    def text(self):
        self.words.seek(0)
        return self.words.read()

    def places(self):
        """How far it was after each of its transactions, and where it began."""
        lines = self.text().splitlines()
        return [int(line.split()[1]) for line in lines if line.startswith(("from ", "at "))]

    def until(self, condition, what):
        """Waits for condition(places)."""
        deadline = time.monotonic() + PATIENCE
        while not condition(self.places()):
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise AssertionError("no %s:\n%s" % (what, self.text()[-2000:]))
            time.sleep(0.02)

    def moves(self, transactions=3):
        before = len(self.places())
        self.until(lambda places: len(places) > before + transactions, "move")

    def kill(self):
        self.process.kill()
        self.process.wait()

    def wait(self):
        return self.process.wait(PATIENCE)


class RealTransactions(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        say("transactions: seed %d" % SEED)
        # Transactions that take too long are looked for all the time, not every ten seconds.
        interval = "transaction.abort.timed.out.transaction.cleanup.interval.ms"
        cls.server = KafkaBroker({interval: "100"})
        cls.server.start()

    @classmethod
    def tearDownClass(cls):
        cls.server.close()

    def setUp(self):
        self.random = random.Random(SEED)
        self.topic = self.id().rsplit(".", 1)[1]
        self.server.create_topic(self.topic)
        self.writers = []

    def tearDown(self):
        for writer in self.writers:
            writer.kill()
            writer.words.close()

    def writer(self, **keys):
        self.writers.append(Writer(self.server, self.topic, **keys))
        return self.writers[-1]

    def position(self):
        """How many numbers the group's position says that there are."""
        probe = self.writer(end=0)
        self.assertEqual(probe.wait(), 0, probe.text())
        return probe.places()[0]

    def finish(self, more=3000):
        """One last writer with so many numbers more; how many there are then."""
        end = self.position() + more
        last = self.writer(end=end)
        self.assertEqual(last.wait(), 0, last.text())
        return end

    def numbers(self, level):
        done = subprocess.run(
            [KCAT, "-b", self.server.bootstrap_servers, "-X", "isolation.level=" + level]
            + ["-C", "-t", self.topic, "-o", "beginning", "-e", "-q", "-f", "%s\n"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PATIENCE,
            check=True,
        )
        return [int(line) for line in done.stdout.split()]

    def account(self, what, end):
        found = self.numbers("read_committed")
        written = len(self.numbers("read_uncommitted"))
        lost = end - len(set(found))
        doubled = len(found) - len(set(found))
        say(
            "transactions, %s: sent %d, arrived %d, lost %d, doubled %d (%d in aborted ones)"
            % (what, end, len(found), lost, doubled, written - len(found))
        )
        self.assertEqual((lost, doubled), (0, 0))
        self.assertEqual(self.position(), end)
        self.assertEqual(found, sorted(found))
        return written - len(found)

    def test_writer_killed_at_any_instant(self):
        kills = 100 if LONG else 15
        for _ in range(kills):
            writer = self.writer()
            writer.until(lambda places: places, "begin")
            time.sleep(self.random.uniform(0, 0.3))
            writer.kill()
        aborted = self.account("%d kills" % kills, self.finish())
        self.assertGreater(aborted, 0, "no kill came while a transaction was open")

    def test_of_two_writers_the_later_one_goes_on(self):
        for _ in range(10 if LONG else 3):
            first = self.writer()
            first.moves()
            second = self.writer()
            self.assertEqual(first.wait(), GONE, first.text())
            second.moves()
            second.kill()
        self.account("fenced", self.finish())

    def test_record_that_is_refused_aborts_and_the_writer_goes_on(self):
        properties = ["LARGE=5000", "message.max.bytes=4000000"]
        writer = self.writer(end=20000, properties=properties)
        self.assertEqual(writer.wait(), 0, writer.text())
        self.assertIn("commit: 1 ", writer.text())
        self.account("a record refused", 20000)

    def test_broker_killed_and_started_again(self):
        for _ in range(10 if LONG else 2):
            writer = self.writer()
            writer.moves()
            self.server.kill()
            self.server.start()
            self.go_on(writer)
        self.account("the broker killed", self.finish())

    def test_outage_that_outlasts_the_transaction(self):
        properties = ["transaction.timeout.ms=1500"]
        writer = self.writer(properties=properties)
        writer.moves()
        self.server.kill()
        time.sleep(self.random.uniform(0.5, 2))
        self.server.start()
        self.go_on(writer)
        self.account("an outage longer than a transaction", self.finish())

    def test_writer_that_sleeps_longer_than_its_transaction(self):
        for _ in range(20 if LONG else 4):
            writer = self.writer(properties=["transaction.timeout.ms=1000"])
            writer.moves()
            writer.process.send_signal(signal.SIGSTOP)
            time.sleep(self.random.uniform(1.5, 2.5))
            writer.process.send_signal(signal.SIGCONT)
            self.go_on(writer)
        self.account("a writer that sleeps", self.finish())

    def go_on(self, writer):
        """The same writer, or another one where it had to end, gets further."""
        try:
            writer.moves()
        except AssertionError:
            self.assertEqual(writer.process.poll(), GONE, writer.text())
            writer = self.writer()
            writer.moves()
        writer.kill()


if __name__ == "__main__":
    unittest.main()
