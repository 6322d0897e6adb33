"""What the tests of results share: a writer that goes on numbering in Kafka, a ROS node that notes
the numbers it is sent, and the count of both.

    results = self.results()            # listens to /<test's name>, std_msgs/Int64
    writer = self.writer(rate=500)      # 0, 1, 2, … to the Kafka topic <test's name>
    ...
    self.account(writer.stop(), results)   # sent N, arrived N, lost 0, doubled N
"""

import base64
import os
import signal
import subprocess
import sys
import threading
import time

import roslib.packages

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from loss_support import PATIENCE, SEED, resident, say, times  # noqa: E402, F401
from real_support import (  # noqa: E402, F401
    HERE,
    Process,
    RealBridgeTest,
    end_offsets,
    heard,
    produce,
    produce_lines,
    run,
    wait_until,
)
from std_msgs.msg import Int64  # noqa: E402


def encoded(value):
    """A key or value as records_writer reads it."""
    if value is None:
        return "-"
    return base64.b64encode(value).decode() or "."


class Records:
    """Writes any records to a topic, whether its broker is there or comes back later."""

    def __init__(self, broker, topic):
        program = roslib.packages.find_node("kafka_bridge", "records_writer")[0]
        self._process = subprocess.Popen(
            [program, broker, topic],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            universal_newlines=True,
        )

    def write(self, records):
        """records: [(key, value, {name: value})], all of them bytes or None."""
        lines = []
        for key, value, headers in records:
            words = ["%s=%s" % (name, encoded(text)) for name, text in headers.items()]
            lines.append(" ".join([encoded(key), encoded(value)] + words) + "\n")
        self._process.stdin.write("".join(lines))
        self._process.stdin.flush()

    def finish(self):
        """Waits until all are acknowledged; how many."""
        text, _ = self._process.communicate(timeout=PATIENCE)
        if self._process.returncode != 0:
            raise AssertionError("records_writer failed")
        return int(text)

    def close(self):
        if self._process.poll() is None:
            self._process.kill()
            self._process.communicate()


class Writer:
    """Writes {"data":0}, {"data":1}, … to a topic, `rate` a second, until it is stopped; with a
    padding of so many bytes {"data":"0000000000xxx"}, …, as Listener has them. Records are keyed by
    their number modulo `keys`, so that they spread over the topic's partitions and each key's are
    in order."""

    def __init__(self, broker, topic, rate, keys, padding):
        self.count = 0
        self._padding = b"x" * padding
        self._rate = rate
        self._keys = keys
        self._records = Records(broker, topic)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        began = time.monotonic()
        while not self._stopping.wait(0.01):
            due = int((time.monotonic() - began) * self._rate)
            self._records.write(self._record(number) for number in range(self.count, due))
            self.count = max(self.count, due)

    def _record(self, number):
        text = b'"%010d%s"' % (number, self._padding) if self._padding else b"%d" % number
        return b"%d" % (number % self._keys), b'{"data":%s}' % text, {}

    def stop(self):
        """Ends the writing; how many were written, all of which Kafka has acknowledged."""
        self._stopping.set()
        self._thread.join()
        written = self._records.finish()
        if written != self.count:
            raise AssertionError("%d of %d numbers were written" % (written, self.count))
        return self.count

    def close(self):
        """Ends it where the test has failed before stop()."""
        self._stopping.set()
        self._thread.join()
        self._records.close()


class Listener:
    """A subscriber in a process of its own, which may be halted; it notes the numbers that texts
    begin with."""

    def __init__(self, topic):
        program = os.path.join(HERE, "results_listener.py")
        self.process = Process([sys.executable, program, topic])
        self.process.expect("listening")

    def numbers(self):
        """What has come so far, as it came."""
        lines = self.process.text.split("\n")[:-1]
        return [int(line) for line in lines if line.isdigit()]

    def halt(self):
        """It keeps its connections and takes nothing from them, until go_on()."""
        halt(self.process)

    def go_on(self):
        go_on(self.process)

    def close(self):
        if self.process.is_running():
            go_on(self.process)
            self.process.stop()


class ResultsTest(RealBridgeTest):
    """With a broker that lets a group be short: a member that died is found dead in a second."""

    properties = {
        "group.min.session.timeout.ms": "500",
        "group.initial.rebalance.delay.ms": "0",
        "num.partitions": "2",
    }

    def kafka(self, **properties):
        short = {"session.timeout.ms": 1500, "heartbeat.interval.ms": 300}
        return super().kafka(**dict(short, **properties))

    def setUp(self):
        super().setUp()
        say("%s: KAFKA_BRIDGE_SEED=%d" % (self.name, SEED))

    def route(self, **keys):
        route = {"kafka_topic": self.name, "ros_topic": "/" + self.name}
        route.update(ros_type="std_msgs/Int64", wait_for_subscriber=True)
        return dict(route, **keys)

    def results(self):
        return self.collector("/" + self.name, Int64)

    def listener(self):
        listener = Listener("/" + self.name)
        self.addCleanup(listener.close)
        return listener

    def writer(self, rate, keys=8, padding=0):
        writer = Writer(self.broker, self.name, rate, keys, padding)
        self.addCleanup(writer.close)
        return writer

    def halted(self, process, action):
        """Does `action` while the process is halted."""
        self.addCleanup(lambda: process.is_running() and go_on(process))
        halt(process)
        action()
        go_on(process)

    def await_numbers(self, process, arrived, numbers, timeout=PATIENCE):
        """Waits until each of `numbers` is in arrived(), and accounts for them; `process` is the
        node that they come from."""
        wanted = set(numbers)
        try:
            process.until(lambda: wanted.issubset(arrived()), "the last numbers", timeout)
        finally:
            self.account(wanted, arrived())

    def account(self, wanted, arrived):
        """Says and checks what came of the numbers `wanted`."""
        wanted, seen = set(wanted), set(arrived)
        lost = wanted.difference(seen)
        counts = (self.name, len(wanted), len(seen), len(lost), len(arrived) - len(seen))
        say("%s: sent %d, arrived %d, lost %d, doubled %d" % counts)
        self.assertEqual(sorted(lost)[:20], [], "numbers that were lost")
        self.assertEqual(seen, wanted, "numbers that nobody sent")


def halt(process):
    """Halts a process, which keeps its connections and reads nothing, until it is let go on."""
    os.kill(process.pid, signal.SIGSTOP)


def go_on(process):
    os.kill(process.pid, signal.SIGCONT)
